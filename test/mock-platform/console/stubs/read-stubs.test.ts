import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { EXAMPLES, readStubs } from '../../../../mock-platform/console/stubs/read-stubs.js';
import { HttpStubSet, StubSet } from '../../../../mock-platform/stubs/index.js';

const read = (text: string): readonly unknown[] => readStubs(text, parse);

describe('the text of a stub', () => {
  it('may be JSON or YAML, one stub or several', () => {
    expect(read(EXAMPLES.application)).toHaveLength(1);
    expect(read('match: { service: S }\nanswer: { none: true }')).toEqual([
      { match: { service: 'S' }, answer: { none: true } },
    ]);
    expect(read('- answer: { none: true }\n- answer: {}')).toHaveLength(2);
    expect(read('stubs:\n  - answer: { none: true }')).toEqual([{ answer: { none: true } }]);
  });

  it('may have the escapes of a file', () => {
    expect(read("stubs: [{ answer: { json: ['$${HOME} $${X:-y}', '$HOME $$'] } }]")).toEqual([
      { answer: { json: ['${HOME} ${X:-y}', '$HOME $$'] } },
    ]);
  });

  it.each([
    ['stubs: []\nunmatched: { status: 500 }', 'Only stubs can be added: remove unmatched'],
    ['', 'Enter a stub'],
    ['just text', 'This is not a stub: it needs match and answer'],
    ['[{}, 5]', 'Stub 2 is not a stub'],
    ['{ "a": 1,\n  "b": [ }', 'line 2'],
    ['{ "a": ', 'line 1'],
  ])('reports the error in %j', (text, problem) => expect(() => read(text)).toThrow(problem));
});

it('the examples are stubs', () => {
  expect(new HttpStubSet({ stubs: [] }).add(read(EXAMPLES.upstream)[0])).toMatchObject({
    name: 'an invoice that is paid',
  });
  expect(new StubSet({ stubs: [] }).add(read(EXAMPLES.application)[0])).toMatchObject({
    name: 'an invoice that is paid',
  });
});
