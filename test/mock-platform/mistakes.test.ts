import { afterAll, describe, expect, it } from '@jest/globals';
import { loadWorld } from '../../mock-platform/platform/world.js';
import { loadRecording } from '../../mock-platform/recording/index.js';
import { loadApplications } from '../../mock-platform/runtime/applications.js';
import { loadStrategy } from '../../mock-platform/strategies/index.js';
import { loadHttpStubs, loadStubs } from '../../mock-platform/stubs/index.js';
import { loadConfig } from '../../src/config/index.js';
import { charset } from '../../src/wire/index.js';
import { file, removeFolders } from '../support/files.js';

afterAll(removeFolders);

type Load = (path: string) => unknown;

/** What a file of this text is refused with; paths are short. */
async function refusal(load: Load, name: string, text: string): Promise<string[]> {
  const path = file(name, text);
  const folder = path.slice(0, -name.length);
  try {
    await load(path);
    return [];
  } catch (error) {
    return (error as Error).message.replaceAll(folder, '').split('\n');
  }
}

/** Mistakes in the text of a file, and what they are refused with. */
type Mistakes = readonly (readonly [mistake: string, text: string, ...refused: string[]])[];

const KINDS: readonly (readonly [kind: string, name: string, load: Load, mistakes: Mistakes])[] = [
  [
    'config',
    'config.yaml',
    (path) => loadConfig(path, {}),
    [
      [
        'a tab',
        'application:\n\tname: DMS\n',
        'config.yaml:2:1: is not valid YAML: a tab cannot indent a line: use spaces',
      ],
      [
        'a duplicate key',
        'application: { name: DMS }\nlimits: {}\nlimits: {}\n',
        'config.yaml:3:1: is not valid YAML: the key limits is already in line 2: remove one of them',
      ],
      ['an empty file', '', 'config.yaml:1:1: is empty: it needs content such as application: { name: DMS }'],
      ['only a comment', '# later\n', 'config.yaml:1:1: is empty: it needs content such as application: { name: DMS }'],
      [
        'an open bracket',
        'application: { name: DMS\nlimits: {}\n',
        'config.yaml:1:14: is not valid YAML: { is not closed: add }',
      ],
      [
        'an open quote',
        'application: { name: "DMS }\n',
        'config.yaml:1:22: is not valid YAML: a string is not closed: add " at its end',
      ],
      [
        'no space after the colon',
        'application:{ name: DMS }\nlimits: {}\n',
        'config.yaml:1:1: application is missing: it must be a mapping',
        'config.yaml:1:1: unknown key application:...: write a space after the colon',
      ],
      [
        'a colon in a value',
        'application:\n  name: DMS: the server\n',
        'config.yaml:2:9: is not valid YAML: the value contains ": ": quote it, or begin its keys in the next line',
      ],
      [
        'an indentation that differs',
        'application:\n    name: DMS\n  type: 171\n',
        'config.yaml:3:1: is not valid YAML: the line is indented differently from the other keys of its mapping: use the same number of spaces',
      ],
      [
        'a misspelled key',
        'application: { name: DMS }\nlisteners: { epp: {} }\n',
        'config.yaml:2:14: unknown key listeners.epp: did you mean esp?',
      ],
      [
        'a value that begins with @',
        'application:\n  name: @DMS\n',
        'config.yaml:2:9: is not valid YAML: a value cannot begin with @: quote it',
      ],
      [
        'two documents',
        'application: { name: DMS }\n---\nlimits: {}\n',
        'config.yaml:2:1: is not valid YAML: the file has a second document: remove --- and what follows it',
      ],
      [
        'a line below a value',
        'application: DMS\n  type: 171\n',
        'config.yaml:1:14: is not valid YAML: the key has a value, but the next line is indented below it: remove the value or the indentation',
      ],
      [
        'a backslash',
        'application: { name: DMS }\nstate: { file: "C:\\data" }\n',
        'config.yaml:2:19: is not valid YAML: a backslash in double quotes must be written twice: or use single quotes',
      ],
      [
        'a bracket too many',
        'application: { name: DMS }}\n',
        'config.yaml:1:27: is not valid YAML: } closes nothing: remove it',
      ],
      [
        'a comma that is missing',
        'application: { name: DMS }\nplugins: [use: ./a use: ./b]\n',
        'config.yaml:2:16: is not valid YAML: a comma is missing: separate what is in brackets with commas',
      ],
      [
        'a comma too many',
        'application: { name: DMS,, type: 171 }\n',
        'config.yaml:1:26: is not valid YAML: a comma has nothing before it: remove it',
      ],
      [
        'an open list',
        'application: { name: DMS }\nplugins: [\nlimits: {}\n',
        'config.yaml:2:10: is not valid YAML: [ is not closed: add ]',
      ],
      [
        'a dash between keys',
        'application: { name: DMS }\n- plugins\n',
        'config.yaml:2:1: is not valid YAML: a list item is out of line: begin each - of a list in the same column, below its key',
      ],
      [
        'dashes in two columns',
        'plugins:\n  - use: ./a\n - use: ./b\n',
        'config.yaml:3:1: is not valid YAML: a list item is out of line: begin each - of a list in the same column, below its key',
      ],
      [
        'text after a quote',
        'application: { name: "DMS" 2 }\n',
        'config.yaml:1:28: is not valid YAML: text follows the end of the value: quote all of it',
      ],
      [
        'text after a pipe',
        'application: { name: DMS }\nstate: |x\n  y\n',
        'config.yaml:2:9: is not valid YAML: text follows | or >: begin it in the next line, indented',
      ],
      [
        'a key alone',
        'application: { name: DMS }\nlimits\n',
        'config.yaml:2:1: is not valid YAML: a key has no value: write key: value, each in a line of its own',
      ],
      ['a list', '- application\n', 'config.yaml:1:1: must be a mapping, such as application: { name: DMS }'],
    ],
  ],
  [
    'platform',
    'platform.yaml',
    async (path) => loadApplications((await loadWorld(path)).file),
    [
      [
        'a tab',
        'applications:\n\t- { name: DMS, type: 171, address: host }\n',
        'platform.yaml:2:1: is not valid YAML: a tab cannot indent a line: use spaces',
      ],
      [
        'a duplicate key',
        'console: { port: 0, port: 1 }\n',
        'platform.yaml:1:21: is not valid YAML: the key port is already in line 1: remove one of them',
      ],
      [
        'an empty file',
        '',
        'platform.yaml:1:1: is empty: it needs content such as applications: [{ name: Billing Server, type: 23, address: host }]',
      ],
      [
        'an open bracket',
        'applications: [{ name: DMS, type: 171, address: host }\n',
        'platform.yaml:1:15: is not valid YAML: [ is not closed: add ]',
      ],
      [
        'a stub file that is missing',
        'applications:\n  - stubs: ./none.yaml\n',
        'platform.yaml:2:12: applications[0].stubs cannot be read (ENOENT): none.yaml',
      ],
      [
        'an HTTP stub file that is missing',
        'upstreams:\n  billing: { stubs: ./none.yaml, env: BILLING_URL }\n',
        'platform.yaml:2:21: upstreams.billing.stubs cannot be read (ENOENT): none.yaml',
      ],
      [
        'a plugin that is missing',
        'upstreams:\n  billing: { plugin: ./none }\n',
        'platform.yaml:2:22: upstreams.billing.plugin cannot be used: none does not exist: paths are relative to the file that names them',
      ],
      [
        'an address without a port',
        'applications: [{ name: DMS, type: 171, address: localhost }]\n',
        "platform.yaml:1:49: applications[0].address must be HOST:PORT such as 127.0.0.1:7120, or host for the host in this process, not 'localhost'",
      ],
      [
        'an application without a type',
        'applications: [{ name: DMS, address: host }]\n',
        'platform.yaml:1:16: applications[0] must have a type: the number in Configuration Layer, such as 171',
      ],
      [
        'one name twice',
        'applications:\n  - { name: DMS, type: 171, address: host }\n  - { name: DMS, type: 171, address: host }\n',
        'platform.yaml:3:13: applications[1].name is DMS, but another application has this name too',
      ],
      [
        'a misspelled key',
        'interactionServr: { port: 0 }\n',
        'platform.yaml:1:1: unknown key interactionServr: did you mean interactionServer?',
      ],
    ],
  ],
  [
    'stubs',
    'stubs.yaml',
    loadStubs,
    [
      [
        'a tab',
        'stubs:\n\t- answer: { none: true }\n',
        'stubs.yaml:2:1: is not valid YAML: a tab cannot indent a line: use spaces',
      ],
      [
        'a duplicate key',
        'stubs:\n  - match: {}\n    answer: { none: true }\n    match: {}\n',
        'stubs.yaml:4:5: is not valid YAML: the key match is already in line 2: remove one of them',
      ],
      [
        'an empty file',
        '',
        'stubs.yaml:1:1: is empty: it needs content such as stubs: [{ match: { service: Billing, method: GetBalance }, answer: { parameters: { Balance: 17 } } }]',
      ],
      ['no stubs', 'application: { name: A, type: 90 }\n', 'stubs.yaml:1:1: stubs is missing: it must be a list'],
      [
        'no answer',
        'stubs:\n  - match: { service: Billing }\n',
        'stubs.yaml:2:5: stubs[0] must have either answer or answers',
      ],
      [
        'two kinds of answer',
        'stubs:\n  - answer: { none: true, parameters: { A: b } }\n',
        'stubs.yaml:2:13: stubs[0].answer must have exactly one of parameters, fault, none and request',
      ],
      [
        'a template without quotes',
        'stubs:\n  - answer: { parameters: { Id: {{parameters.Id}} } }\n',
        'stubs.yaml:2:34: is not valid YAML: a template must be in quotes: write "{{Name}}"',
      ],
      [
        'an unknown name in a template',
        'stubs:\n  - answer: { parameters: { Id: "{{parametrs.Id}}" } }\n',
        'stubs.yaml:2:33: stubs[0].answer.parameters.Id is invalid: unknown reference {{parametrs.Id}}; known references: service, method, appName, referenceId, uuid, now, braces, parameters.KEY, userData.KEY',
      ],
      [
        'a misspelled key',
        'stubs:\n  - match: { servce: Billing }\n    answer: { none: true }\n',
        'stubs.yaml:2:14: unknown key stubs[0].match.servce: did you mean service?',
      ],
      [
        'an invalid pattern',
        'stubs:\n  - match: { parameters: { Id: { pattern: "(" } } }\n    answer: { none: true }\n',
        'stubs.yaml:2:43: stubs[0].match.parameters.Id.pattern is invalid: Invalid regular expression: /(/u: Unterminated group',
      ],
      [
        'a list',
        '- answer: { none: true }\n',
        'stubs.yaml:1:1: must be a mapping, such as stubs: [{ match: { service: Billing, method: GetBalance }, answer: { parameters: { Balance: 17 } } }]',
      ],
    ],
  ],
  [
    'HTTP stubs',
    'billing.http.yaml',
    loadHttpStubs,
    [
      [
        'a tab',
        'stubs:\n\t- answer: { status: 200 }\n',
        'billing.http.yaml:2:1: is not valid YAML: a tab cannot indent a line: use spaces',
      ],
      [
        'a duplicate key',
        'stubs:\n  - answer: { status: 200, status: 500 }\n',
        'billing.http.yaml:2:28: is not valid YAML: the key status is already in line 2: remove one of them',
      ],
      [
        'an empty file',
        '',
        'billing.http.yaml:1:1: is empty: it needs content such as stubs: [{ match: { method: GET, path: /accounts/17 }, answer: { json: { balance: 17 } } }]',
      ],
      [
        'an open quote',
        'stubs:\n  - match: { path: "/accounts }\n    answer: { status: 200 }\n',
        'billing.http.yaml:2:20: is not valid YAML: a string is not closed: add " at its end',
      ],
      [
        'no answer',
        'stubs:\n  - match: { path: /accounts }\n',
        'billing.http.yaml:2:5: stubs[0] must have either answer or answers',
      ],
      [
        'a status out of range',
        'stubs:\n  - answer: { status: 99 }\n',
        'billing.http.yaml:2:23: stubs[0].answer.status must be 200 to 599, not 99',
      ],
      [
        'a method in small letters',
        'stubs:\n  - match: { method: get }\n    answer: { status: 200 }\n',
        'billing.http.yaml:2:22: stubs[0].match.method must be an HTTP method in capitals, such as POST, not "get"',
      ],
      [
        'two bodies',
        'stubs:\n  - answer: { json: {}, body: text }\n',
        'billing.http.yaml:2:31: stubs[0].answer.body cannot be combined with json',
      ],
      [
        'a header of the server',
        'stubs:\n  - answer: { headers: { Content-Length: 5 } }\n',
        'billing.http.yaml:2:42: stubs[0].answer.headers.Content-Length is set by the server',
      ],
      [
        'a misspelled key',
        'stubs:\n  - answer: { staus: 200 }\n',
        'billing.http.yaml:2:15: unknown key stubs[0].answer.staus: did you mean status?',
      ],
    ],
  ],
  [
    'strategies',
    'strategy.yaml',
    loadStrategy,
    [
      [
        'a tab',
        'name: A\nsteps:\n\t- { id: a, routeTo: B }\n',
        'strategy.yaml:3:1: is not valid YAML: a tab cannot indent a line: use spaces',
      ],
      [
        'a duplicate key',
        'name: A\nname: B\nsteps: [{ id: a, routeTo: B }]\n',
        'strategy.yaml:2:1: is not valid YAML: the key name is already in line 1: remove one of them',
      ],
      [
        'an empty file',
        '',
        'strategy.yaml:1:1: is empty: it needs content such as { name: To the queue, steps: [{ id: queue, routeTo: SMS queue }] }',
      ],
      ['no steps', 'name: A\n', 'strategy.yaml:1:1: steps is missing: it must be a list'],
      [
        'a template without quotes',
        'name: A\nsteps:\n  - { id: a, routeTo: {{Queue}} }\n',
        'strategy.yaml:3:24: is not valid YAML: a template must be in quotes: write "{{Name}}"',
      ],
      [
        'an unknown name in a template',
        'name: A\ndata: { Queue: B }\nsteps:\n  - { id: a, routeTo: "{{Quue}}" }\n',
        'strategy.yaml:4:23: steps[0].routeTo has the unknown name {{Quue}} (known names: Queue); did you mean Queue?',
      ],
      [
        'an unknown step',
        'name: A\nsteps:\n  - { id: a, assign: { B: c }, go: sned }\n  - { id: send, routeTo: B }\n',
        'strategy.yaml:3:36: steps[0].go refers to an unknown step: sned; did you mean send?',
      ],
      [
        'a step of two kinds',
        'name: A\nsteps:\n  - { id: a, assign: { B: c }, routeTo: D }\n',
        'strategy.yaml:3:5: steps[0] (a) has no next step: add go: or a routeTo step after it',
        'strategy.yaml:3:41: steps[0].routeTo cannot be combined with assign: a step has exactly one of externalService, assign, routeTo',
      ],
      [
        'one id twice',
        'name: A\nsteps:\n  - { id: a, assign: { B: c } }\n  - { id: a, routeTo: D }\n',
        'strategy.yaml:4:11: steps[1].id is a duplicate id: a',
      ],
      [
        'no application',
        'name: A\nsteps:\n  - { id: a, externalService: { service: B, method: C } }\n  - { id: d, routeTo: D }\n',
        'strategy.yaml:3:31: steps[0].externalService must have appName or appType, which select the application',
      ],
      [
        'dashes in two columns',
        'name: A\nsteps:\n  - { id: a, routeTo: B }\n - { id: b, routeTo: C }\n',
        'strategy.yaml:4:1: is not valid YAML: a list item is out of line: begin each - of a list in the same column, below its key',
      ],
    ],
  ],
  [
    'recordings',
    'r.jsonl',
    (path) => loadRecording(path, charset('utf-8')),
    [
      [
        'text',
        'hello hunter2\n',
        'r.jsonl:1:1: is not JSON: each line must be a JSON object, such as {"connection":1,"direction":"toServer","hex":"..."}',
      ],
      [
        'a YAML file',
        'stubs: []\n',
        'r.jsonl:1:1: is not JSON: each line must be a JSON object, such as {"connection":1,"direction":"toServer","hex":"..."}',
      ],
      [
        'a line that was cut off',
        '{"connection":1,"direction":"toSer',
        'r.jsonl:1:1: is not JSON: each line must be a JSON object, such as {"connection":1,"direction":"toServer","hex":"..."}',
      ],
      [
        'a list',
        '[]\n',
        'r.jsonl:1:1: each line must be a JSON object, such as {"connection":1,"direction":"toServer","hex":"..."}',
      ],
      ['no connection', '{"direction":"toServer"}\n', 'r.jsonl:1:1: connection must be a number'],
      [
        'a connection that is not a number',
        '{"connection":"1","direction":"toServer"}\n',
        'r.jsonl:1:2: connection must be a number',
      ],
      [
        'a wrong direction',
        '\n{"connection":1,"direction":"up"}\n',
        'r.jsonl:2:17: direction must be toServer or toClient',
      ],
      [
        'half a byte',
        '{"connection":1,"direction":"toServer","hex":"0"}\n',
        'r.jsonl:1:40: hex must be the bytes of the message, two digits per byte',
      ],
      [
        'bytes that are not a message',
        '{"connection":1,"direction":"toServer","hex":"00000005010000"}\n',
        'r.jsonl:1:40: message of 3 bytes is shorter than 5 bytes, at byte 0 of the message',
      ],
      [
        'no message',
        '{"connection":1,"direction":"toServer"}\n',
        'r.jsonl:1:1: messageId: must be a number (500, 501 or 502)',
      ],
    ],
  ],
];

describe.each(KINDS)('a mistake in %s', (_kind, name, load, mistakes) => {
  it.each(mistakes)('%s', async (_mistake, text, ...refused) => {
    expect(await refusal(load, name, text)).toEqual(refused);
  });
});
