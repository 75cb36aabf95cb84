import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from '#server';
import { loadStubs } from '../../../../mock-platform/stubs/index.js';
import { file, ROOT, removeFolders } from '../../../support/files.js';

afterAll(removeFolders);

/** What is said about a file of stubs, a line a problem. */
function problems(yaml: string): string[] {
  try {
    loadStubs(file('stubs.yaml', yaml));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^.*stubs\.yaml/, 'stubs.yaml'));
  }
}

const KNOWN =
  'known references: service, method, appName, referenceId, uuid, now, braces, parameters.KEY, userData.KEY';
const CONDITION = 'must be a quoted string, a 32-bit integer, { pattern: REGEXP } or { present: true or false }';
const VALUE = 'must be a quoted string, a 32-bit integer, or a mapping';

describe('an invalid stub file', () => {
  it.each<[string, string, string[]]>([
    ['no stubs', 'application: { name: A, type: 1 }\n', ['stubs.yaml:1:1: stubs is missing: it must be a list']],
    [
      'unknown key',
      'stubs:\n  - answr: { none: true }\n',
      [
        'stubs.yaml:2:5: unknown key stubs[0].answr: did you mean answer?',
        'stubs.yaml:2:5: stubs[0] must have either answer or answers',
      ],
    ],
    ['neither answer', 'stubs:\n  - name: x\n', ['stubs.yaml:2:5: stubs[0] must have either answer or answers']],
    ['no answers', 'stubs:\n  - answers: []\n', ['stubs.yaml:2:14: stubs[0].answers must have at least one answer']],
    [
      'empty answer',
      'stubs:\n  - answer: {}\n',
      ['stubs.yaml:2:13: stubs[0].answer must have exactly one of parameters, fault, none and request'],
    ],
    [
      'two kinds of answer',
      'stubs:\n  - answer: { none: true, parameters: {} }\n',
      ['stubs.yaml:2:13: stubs[0].answer must have exactly one of parameters, fault, none and request'],
    ],
    [
      'unknown key in match',
      'stubs:\n  - match: { parametres: {} }\n    answer: { none: true }\n',
      ['stubs.yaml:2:14: unknown key stubs[0].match.parametres: did you mean parameters?'],
    ],
    [
      'conditions',
      'stubs:\n  - match:\n      parameters:\n        A: 1.5\n        B: { pattern: "(" }\n        C: { presnt: true }\n        D:\n    answer: { none: true }\n',
      [
        `stubs.yaml:4:12: stubs[0].match.parameters.A ${CONDITION}`,
        'stubs.yaml:5:23: stubs[0].match.parameters.B.pattern is invalid: Invalid regular expression: /(/u: Unterminated group',
        `stubs.yaml:6:12: stubs[0].match.parameters.C ${CONDITION}`,
        `stubs.yaml:7:11: stubs[0].match.parameters.D ${CONDITION}`,
      ],
    ],
    [
      'an amount that YAML reads as a number',
      'stubs:\n  - answer: { parameters: { Balance: 12.50, Count: 3000000000 } }\n',
      [
        `stubs.yaml:2:38: stubs[0].answer.parameters.Balance ${VALUE}`,
        `stubs.yaml:2:52: stubs[0].answer.parameters.Count ${VALUE}`,
      ],
    ],
    [
      'unknown references',
      'stubs:\n  - answer:\n      parameters:\n        A: { B: "{{paramters.Account}}" }\n  - answer: { fault: { code: 1, text: "{{now" } }\n',
      [
        `stubs.yaml:4:17: stubs[0].answer.parameters.A.B is invalid: unknown reference {{paramters.Account}}; ${KNOWN}`,
        'stubs.yaml:5:39: stubs[1].answer.fault.text is invalid: {{ without }}; write {{braces}} for literal braces',
      ],
    ],
    [
      'typed entries',
      'stubs:\n  - answer:\n      request:\n        - [Version, strng, "1.0"]\n        - [Count, int, "5"]\n        - [Parameters, list, [[A, str, "{{x}}"]]]\n        - [A, str]\n        - [Bytes, bin, abc]\n',
      [
        'stubs.yaml:4:11: stubs[0].answer.request[0] is invalid: unknown type "strng"; use str, strx, int, bin, utf16 or list',
        'stubs.yaml:5:11: stubs[0].answer.request[1] is invalid: a value of type int must be a 32-bit integer',
        `stubs.yaml:6:40: stubs[0].answer.request[2][2][0][2] is invalid: unknown reference {{x}}; ${KNOWN}`,
        'stubs.yaml:7:11: stubs[0].answer.request[3] is invalid: an entry must be [key, type, value]',
        'stubs.yaml:8:11: stubs[0].answer.request[4] is invalid: bytes must be hex, two digits a byte',
      ],
    ],
    [
      'an invalid list',
      'stubs:\n  - answer: { parameters: all }\n',
      ['stubs.yaml:2:27: stubs[0].answer.parameters must be a mapping, or a list of [key, type, value]'],
    ],
    [
      'conflicting keys',
      'stubs:\n  - answer: { fault: { code: 1, text: x }, userData: {}, messageId: 502 }\n',
      [
        'stubs.yaml:2:69: stubs[0].answer.messageId is only allowed with request',
        'stubs.yaml:2:54: stubs[0].answer.userData is only allowed with parameters or request',
      ],
    ],
    [
      'values out of range',
      'stubs:\n  - answer: { none: false, delayMs: -1 }\n  - answer: { fault: { code: 1.5, text: 5 } }\n',
      [
        'stubs.yaml:2:21: stubs[0].answer.none must be true, not false',
        'stubs.yaml:2:37: stubs[0].answer.delayMs must be at least 0, not -1',
        'stubs.yaml:3:30: stubs[1].answer.fault.code must be a number such as 404, or a string',
        'stubs.yaml:3:41: stubs[1].answer.fault.text must be a string, not 5',
      ],
    ],
    [
      'a state without a scenario',
      'stubs: []\nunmatched: { none: true, state: x }\n',
      [
        'stubs.yaml:2:26: unknown key unmatched.state: known keys are parameters, fault, none, request, messageId, userData, delayMs',
      ],
    ],
    [
      'a key that ESP cannot encode',
      'stubs:\n  - answer: { parameters: { "\\uD800": x } }\n',
      ['stubs.yaml:2:39: stubs[0].answer.parameters.\uD800 is invalid: a key has at most 65535 bytes in UTF-8'],
    ],
    [
      'lists in lists without end',
      `stubs:\n  - answer: { parameters: ${'{ a: '.repeat(101)}{}${' }'.repeat(101)} }\n`,
      [`stubs.yaml:2:532: stubs[0].answer.parameters${'.a'.repeat(101)} must not nest lists deeper than 100`],
    ],
    ['no YAML', 'stubs: [\n', ['stubs.yaml:1:8: is not valid YAML: [ is not closed: add ]']],
  ])('%s', (_name, yaml, expected) => expect(problems(yaml)).toEqual(expected));

  it('that does not exist', () => {
    expect(() => loadStubs('/nowhere/stubs.yaml')).toThrow('/nowhere/stubs.yaml:1:1: no such file');
  });
});

describe('the examples of docs/stubs.md', () => {
  const [docs = ''] = readFileSync(join(ROOT, 'docs/stubs.md'), 'utf8').split('\n## HTTP upstreams\n');
  const examples = [...docs.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);
  const files = examples.filter((text) => !text.startsWith('applications:')).map(whole);

  /** A part of a file as a file. */
  function whole(text: string): string {
    if (text.startsWith('application:')) return text;
    return text.startsWith('- ') ? `stubs:\n${text}` : `stubs:\n  -\n${text.replaceAll(/^/gm, '    ')}`;
  }

  it('exist', () => expect(files.length).toBe(4));
  it.each(files)('load: %#', (text) => expect(problems(text)).toEqual([]));
});
