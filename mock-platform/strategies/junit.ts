import type { CaseResult, StrategyResult } from './run.js';
import { runText } from './text.js';

/** Formats results as JUnit XML: one suite per strategy; failures contain the differences and the run. */
export function junit(results: readonly StrategyResult[]): string {
  const cases = results.flatMap((result) => result.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="esp-host strategy test" ${counts(cases)}>`,
    ...results.flatMap(suite),
    '</testsuites>\n',
  ].join('\n');
}

function suite({ strategy, cases }: StrategyResult): string[] {
  const attributes = `name="${xml(strategy.name)}" file="${xml(strategy.file)}" ${counts(cases)} skipped="0"`;
  return [`  <testsuite ${attributes}>`, ...cases.map((one) => testCase(one, strategy.name)), '  </testsuite>'];
}

function testCase(one: CaseResult, className: string): string {
  const open = `    <testcase name="${xml(one.name)}" classname="${xml(className)}" time="${seconds(one)}"`;
  const [first] = one.differences;
  if (first === undefined) return `${open}/>`;
  const text = xml(`${one.differences.join('\n')}\n\n${runText(one.run)}`).replaceAll('&#10;', '\n');
  return `${open}>\n      <failure message="${xml(first)}" type="difference">${text}</failure>\n    </testcase>`;
}

function counts(cases: readonly CaseResult[]): string {
  const failed = cases.filter(({ differences }) => differences.length > 0).length;
  const durationMs = cases.reduce((sum, one) => sum + one.durationMs, 0);
  return `tests="${cases.length}" failures="${failed}" errors="0" time="${seconds({ durationMs })}"`;
}

const seconds = ({ durationMs }: { readonly durationMs: number }): string => (durationMs / 1000).toFixed(3);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot represent these characters
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Escapes text for an XML 1.0 attribute. Replaces characters that XML cannot represent with U+FFFD. */
export const xml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(NOT_IN_XML, '\ufffd')
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? '');
