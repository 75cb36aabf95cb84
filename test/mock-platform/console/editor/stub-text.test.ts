import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { added, moved, NEW_STUBS, outlineOf, switched } from '../../../../mock-platform/console/editor/stub-text.js';

const FILE = `# who wrote this, and why
application: { name: Mail,   type: 64 } # odd spaces stay

stubs:
  # the good customer
  - name: good # a note
    match: { service: Billing,  method: GetBalance }
    answer:
      fault: { code: 404, text: 'single quotes stay' }

  - match: { service: Billing }
    disabled: true # not today
    answer: { none: true }
  - { match: { method: GET, path: /a }, answer: { json: 1 } }

unmatched: { none: true } # last
`;

describe('the outline of a stub file', () => {
  it('has the name of each stub, or what it matches', () => {
    expect(outlineOf(FILE)).toEqual([
      { name: 'good', line: 6, disabled: false },
      { name: 'Billing.*', line: 11, disabled: true },
      { name: 'GET /a', line: 14, disabled: false },
    ]);
    expect(outlineOf('stubs: [{}]')).toEqual([{ name: 'stub 1', line: 1, disabled: false }]);
  });

  it.each(['', 'stubs: {', 'stubs: 1', '- a', 'other: 1'])('is undefined for %j', (text) =>
    expect(outlineOf(text)).toBeUndefined(),
  );
});

describe('moving a stub', () => {
  it('takes its comments along, and changes nothing else', () => {
    const result = moved(FILE, 0, 1);
    expect(result).toBe(`# who wrote this, and why
application: { name: Mail,   type: 64 } # odd spaces stay

stubs:
  - match: { service: Billing }
    disabled: true # not today
    answer: { none: true }

  # the good customer
  - name: good # a note
    match: { service: Billing,  method: GetBalance }
    answer:
      fault: { code: 404, text: 'single quotes stay' }
  - { match: { method: GET, path: /a }, answer: { json: 1 } }

unmatched: { none: true } # last
`);
    expect(moved(result, 1, -1)).toBe(FILE);
  });

  it('moves the last stub of a file without a line break at its end', () => {
    const text = 'stubs:\n- name: a # A\n  answer: 1\n- name: b # B\n  answer: 2';
    expect(moved(text, 1, -1)).toBe('stubs:\n- name: b # B\n  answer: 2\n- name: a # A\n  answer: 1');
  });

  it.each([
    ['in flow style', 'stubs: [{ name: a }, { name: b }] # both\n'],
    ['with empty lines that belong to a text', 'stubs:\n- name: |+\n    a\n\n- name: b # B\n'],
    ['with a dash on a line of its own', 'stubs:\n  -\n    name: a-1 # A\n  -\n    name: b-2 # B\n'],
  ])('writes a list %s with its comments', (_how, text) => {
    const result = moved(text, 0, 1);
    expect((parse(result) as { stubs: unknown[] }).stubs).toEqual(
      (parse(text) as { stubs: unknown[] }).stubs.toReversed(),
    );
    expect(result.match(/#.*/g)).toHaveLength(text.match(/#.*/g)?.length ?? 0);
  });

  it('leaves a text alone that is not a stub file', () => expect(moved('stubs: {', 0, 1)).toBe('stubs: {'));
});

describe('switching a stub', () => {
  it.each([
    [
      'a mapping with lines',
      'stubs:\n  - name: a # A\n    answer: 1\n',
      'stubs:\n  - disabled: true\n    name: a # A\n    answer: 1\n',
    ],
    ['a mapping in a line', 'stubs:\n  - { name: a } # A\n', 'stubs:\n  - { disabled: true, name: a } # A\n'],
  ])('off and on again leaves %s as it was', (_what, text, off) => {
    expect(switched(text, 0, true)).toBe(off);
    expect(switched(off, 0, false)).toBe(text);
  });

  it('changes a value that is there', () => {
    const text = 'stubs: [{ disabled: false, name: a }]\n';
    expect(switched(text, 0, true)).toBe('stubs: [{ disabled: true, name: a }]\n');
  });

  it('keeps the comment beside the key', () => {
    const result = switched(FILE, 1, false);
    expect(outlineOf(result)?.[1]?.disabled).toBe(false);
    expect(result).toContain('# the good customer');
    expect(result).toContain('# last');
  });
});

describe('adding a stub', () => {
  it('puts it before the others, with their indentation and distance', () => {
    expect(added(FILE, ['name: new', 'answer: { none: true }'])).toBe(
      FILE.replace('  # the good customer', '  - name: new\n    answer: { none: true }\n\n  # the good customer'),
    );
  });

  it.each(['stubs: []\n', 'stubs: [{ name: a }]\n', 'stubs:\n- name: a\n'])('adds to %j', (text) => {
    const result = parse(added(text, NEW_STUBS['http-stubs'])) as { stubs: unknown[] };
    expect(result.stubs[0]).toEqual({
      name: 'new stub',
      match: { method: 'GET', path: '/v1/invoices/17' },
      answer: { json: { state: 'paid' } },
    });
    expect(result.stubs).toHaveLength((parse(text) as { stubs: unknown[] }).stubs.length + 1);
  });
});
