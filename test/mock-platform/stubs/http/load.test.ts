import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadHttpStubs } from '../../../../mock-platform/stubs/index.js';
import { file, ROOT, removeFolders } from '../../../support/files.js';

afterAll(removeFolders);

/** The problem of a file, without its path. */
function problem(yaml: string): string {
  try {
    loadHttpStubs(file('billing.http.yaml', yaml));
    return 'none';
  } catch (error) {
    return (error as Error).message.replace(/^\S*billing\.http\.yaml:/, '');
  }
}

describe('a file of HTTP stubs', () => {
  it.each([
    ['{}', /^1:1: stubs /],
    ['stubs: [{ match: {} }]', /^1:\d+: stubs\[0\] must have either answer or answers/],
    ['stubs: [{ match: { service: Billing }, answer: {} }]', /^1:\d+: unknown key stubs\[0\]\.match\.service/],
    [
      'stubs: [{ match: { method: get }, answer: {} }]',
      /match\.method must be an HTTP method in capitals, such as POST/,
    ],
    [
      'stubs: [{ match: { path: v1 }, answer: {} }]',
      /match\.path must be a path such as \/v1\/balance or \{ pattern: REGEXP \}/,
    ],
    [
      'stubs: [{ match: { json: { __proto__: 1 } }, answer: {} }]',
      /^1:\d+: stubs\[0\]\.match\.json\.__proto__ must have/,
    ],
    ['stubs: [{ match: { path: { present: true } }, answer: {} }]', /match\.path must be a path/],
    ['stubs: [{ match: { path: { pattern: "(" } }, answer: {} }]', /match\.path\.pattern .*Invalid regular expression/],
    [
      'stubs: [{ match: { query: { a: true } }, answer: {} }]',
      /match\.query\.a must be a string, a number, \{ pattern/,
    ],
    [
      'stubs: [{ match: { json: { a: [1] } }, answer: {} }]',
      /match\.json\.a must be a string, a number, true, false, null/,
    ],
    [
      'stubs: [{ match: { body: { present: true } }, answer: {} }]',
      /match\.body must be a string, a number or \{ pattern/,
    ],
    ['stubs: [{ answer: { status: 100 } }]', /answer\.status must be 200 to 599/],
    ['stubs: [{ answer: { json: 1, body: x } }]', /answer\.body cannot be combined with json/],
    [
      'stubs: [{ answer: { status: 204, json: 1 } }]',
      /answer\.json is not allowed: a response with status 204 has no body/,
    ],
    ['stubs: [{ answer: { none: true, status: 200 } }]', /answer\.none cannot be combined with status/],
    ['stubs: [{ answer: { headers: { Content-Length: 5 } } }]', /Content-Length is set by the server/i],
    ['stubs: [{ answer: { headers: { "a b": x } } }]', /a b.* must be the name of a header/],
    [
      'stubs: [{ answer: { headers: { a: "{{parameters.A}}" } } }]',
      /answer\.headers\.a .*unknown reference \{\{parameters\.A\}\}/,
    ],
    [
      'stubs: [{ answer: { json: { a: ["{{jsn.a}}"] } } }]',
      /^1:\d+: stubs\[0\]\.answer\.json\.a\[0\] .*unknown reference .*known references: method, path, body, uuid, now, braces, path\.KEY, query\.KEY, headers\.KEY, json\.KEY/,
    ],
    ['stubs: [{ answer: { json: .nan } }]', /answer\.json must be a JSON value/],
    [`stubs: [{ answer: { json: ${'['.repeat(102)}${']'.repeat(102)} } }]`, /must not be nested deeper than 100/],
    ['stubs: []\nunmatched: { status: 600 }', /^2:\d+: unmatched\.status must be 200 to 599/],
    ['stubs: []\nunmatched: { state: x }', /^2:\d+: unknown key unmatched\.state/],
  ])('%s', (yaml, expected) => expect(problem(yaml)).toMatch(expected));
});

it('the example of docs/stubs.md loads', () => {
  const [, section = ''] = readFileSync(join(ROOT, 'docs/stubs.md'), 'utf8').split('\n## HTTP upstreams\n');
  const [, example = ''] = /^```yaml\n(stubs:.*?)^```/ms.exec(section) ?? [];
  expect(problem(example)).toBe('none');
  expect(example).toContain('/v1/balance');
});
