import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { filled, parameterCount } from '../../../../plugins/messaging/mock/messages.js';

it.each([
  ['Hello.', 0],
  ['Hello {{1}}.', 1],
  ['{{2}}, hello {{1}} and {{1}}.', 2],
  ['{{ 1 }} {1} {{a}} {{}}', 0],
])('%s takes %i', (body, count) => {
  expect(parameterCount(body)).toBe(count);
});

it('replaces placeholders with parameters, even repeatedly, and keeps those without one', () => {
  expect(filled('{{2}}, hello {{1}} and {{1}}: {{3}}', ['Ann', 'Bob'])).toBe('Bob, hello Ann and Ann: {{3}}');
});

it('does not interpret placeholders or replacement patterns in parameters', () => {
  const text = fc.string({ unit: fc.constantFrom('{{1}}', '{{2}}', '{{', '}}', '$1', '$&', "$'", 'a', '1') });
  const literal = fc
    .string({ unit: fc.constantFrom('a', '{', '}', '$', ' ', 'é') })
    .map((one) => one.replaceAll('{{', ''));
  fc.assert(
    fc.property(fc.array(fc.tuple(literal, text), { minLength: 1, maxLength: 9 }), (pieces) => {
      const body = pieces.map(([before], index) => `${before} {{${index + 1}}}`).join(' ');
      const parameters = pieces.map(([, parameter]) => parameter);
      expect(parameterCount(body)).toBe(pieces.length);
      expect(filled(body, parameters)).toBe(pieces.map(([before, parameter]) => `${before} ${parameter}`).join(' '));
    }),
  );
});
