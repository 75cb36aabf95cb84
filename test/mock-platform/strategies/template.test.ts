import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fill, fillAll, hasBrokenTemplate, templateNames } from '../../../mock-platform/strategies/template.js';

const data = { Id: '+1', Count: 5, contact: { Id: '+2', List: { Inner: 'deep' }, 'a.b': 'dotted' }, Empty: {} };

it.each<[string, unknown]>([
  ['plain', 'plain'],
  ['{{Id}}', '+1'],
  ['{{ Id }}', '+1'],
  ['{{Count}}', 5],
  ['{{Count}} of {{Id}}', '5 of +1'],
  ['{{contact.Id}}', '+2'],
  ['{{contact.List.Inner}}', 'deep'],
  ['{{contact.List}}', { Inner: 'deep' }],
  ['a {{contact.List}}', 'a {"Inner":"deep"}'],
  ['a {{Empty}}b', 'a b'],
  ['{{Nobody}}', ''],
  ['a {{Id.Inner}}b', 'a b'],
  ['{{toString}}', ''],
  ['{{contact.__proto__}}', ''],
  ['{Id}', '{Id}'],
])('%s', (text, expected) => expect(fill(text, data)).toEqual(expected));

it('fills texts at every depth, and keeps numbers', () => {
  expect(fillAll({ A: '{{Id}}', B: 7, C: { D: ['{{Count}}'][0] ?? '' } }, data)).toEqual({
    A: '+1',
    B: 7,
    C: { D: 5 },
  });
});

describe('braces', () => {
  it.each(['{{Id}', '{{}}', '{{a b}}', 'Id}}', '{{a{b}}'])('%s are no template', (text) =>
    expect(hasBrokenTemplate(text)).toBe(true),
  );
  it.each(['', '{Id}', '{{Id}}', '{{{Id}}', 'a {{ contact.Id }} b{{Id}}', '{ }'])('%s are well', (text) =>
    expect(hasBrokenTemplate(text)).toBe(false),
  );
});

describe('any text', () => {
  const name = fc.stringMatching(/^[\w.-]{1,8}$/);
  const literal = fc.string().map((text) => text.replaceAll(/[{}]/g, ''));

  it('without braces is unchanged', () => {
    fc.assert(fc.property(literal, (text) => expect(fill(text, data)).toBe(text)));
  });

  it('made of names and texts yields its names, and is filled with their values', () => {
    fc.assert(
      fc.property(literal, fc.array(fc.tuple(name, literal)), (start, parts) => {
        const text = start + parts.map(([one, after]) => `{{${one}}}${after}`).join('');
        expect(hasBrokenTemplate(text)).toBe(false);
        expect(templateNames(text)).toEqual(parts.map(([one]) => one));
        const known = Object.fromEntries(parts.map(([one]) => [one, `<${one}>`]));
        const filled = start + parts.map(([one, after]) => `<${one}>${after}`).join('');
        expect(fill(text, known)).toBe(filled);
      }),
    );
  });

  it('is filled or kept, and never fails', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'I', 'd', '.', ' ') }), (text) => {
        expect(() => fill(text, data)).not.toThrow();
        if (!/[{}]{2}/.test(text)) expect(hasBrokenTemplate(text)).toBe(false);
      }),
    );
  });
});
