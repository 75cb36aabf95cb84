import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type CaseResult, junit } from '../../../mock-platform/strategies/index.js';
import { xml } from '../../../mock-platform/strategies/junit.js';

const ran = (name: string, differences: string[], durationMs: number): CaseResult => ({
  name,
  differences,
  durationMs,
  run: {
    strategy: 'A',
    file: 'a.yaml',
    before: {},
    after: {},
    steps: [{ id: 'end', kind: 'routeTo', routedTo: '<Q>', durationMs: 1, data: {} }],
    end: { kind: 'routed', step: 'end', routedTo: '<Q>' },
    durationMs: 1,
  },
});

const strategy = (name: string) => ({
  name,
  file: `${name}.yaml`,
  data: {},
  steps: [{ kind: 'routeTo', id: 'end', routedTo: '<Q>', routeTo: '<Q>' }] as const,
  tests: [],
});

it('has a suite per strategy, with the differences and the run of each failure', () => {
  const results = [
    { strategy: strategy('A & "B"'), cases: [ran('good', [], 12), ran('bad <1>', ["it's", 'not'], 1234.4)] },
    { strategy: strategy('Empty'), cases: [] },
  ];
  expect(junit(results)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="esp-host strategy test" tests="2" failures="1" errors="0" time="1.246">
  <testsuite name="A &amp; &quot;B&quot;" file="A &amp; &quot;B&quot;.yaml" tests="2" failures="1" errors="0" time="1.246" skipped="0">
    <testcase name="good" classname="A &amp; &quot;B&quot;" time="0.012"/>
    <testcase name="bad &lt;1&gt;" classname="A &amp; &quot;B&quot;" time="1.234">
      <failure message="it&apos;s" type="difference">it&apos;s
not

A
  end  routed to &lt;Q&gt;
</failure>
    </testcase>
  </testsuite>
  <testsuite name="Empty" file="Empty.yaml" tests="0" failures="0" errors="0" time="0.000" skipped="0">
  </testsuite>
</testsuites>
`);
});

describe('any text', () => {
  const NAMES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const decode = (text: string): string =>
    text.replaceAll(/&(?:#(\d+)|(\w+));/g, (_whole, code: string | undefined, name: string) =>
      code === undefined ? (NAMES[name] ?? '?') : String.fromCodePoint(Number(code)),
    );
  /** Production Char of XML 1.0. */
  const CHARS = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

  it('is well-formed in content and attributes, and parses back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = xml(text);
        expect(written).toMatch(CHARS);
        expect(written).not.toMatch(/[<>"'\t\n\r]|&(?!#\d+;|\w+;)/);
        const kept = [...text].map((one) => (CHARS.test(one) ? one : '\ufffd')).join('');
        expect(decode(written)).toBe(kept);
      }),
    );
  });

  it.each([
    ['\u0000\u001b[31m', '\ufffd\ufffd[31m'],
    ['\ud800x', '\ufffdx'],
    ['\uffff', '\ufffd'],
    ['a\nb', 'a&#10;b'],
    ['&amp;', '&amp;amp;'],
  ])('%j', (text, expected) => expect(xml(text)).toBe(expected));
});
