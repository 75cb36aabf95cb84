import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileKind } from '../../src/cli/check/file-kind.js';
import { file, folder, removeFolders } from '../support/files.js';
import { builtPlugin } from '../support/plugins.js';
import type { Ended } from '../support/processes.js';
import { runCommand } from '../support/run-command.js';

const PLUGIN = `
import { definePlugin, EspMethod, z } from 'esp-host';
class Send { handle() { return {}; } }
EspMethod('Texts', 'Send', { parameters: z.object({}), response: z.object({}) })(Send);
export default definePlugin({ name: 'texts', methods: [Send] });
`;

const ESP_STUBS =
  'application: { name: Billing Server, type: 90 }\nstubs: [{ match: MATCH, answer: { none: true } }]\n';
const HTTP_STUBS = 'stubs: [{ match: { path: /accounts }, answer: { json: {} } }]\n';
const PLATFORM = `applications:
  - { name: DMS, type: 171, address: host }
  - { stubs: stubs.yaml }
  - { name: Elsewhere, type: 23, address: "10.0.0.1:7000" }
upstreams: { billing: { stubs: billing.http.yaml, env: BILLING_URL } }
`;

const strategy = (asked: string): string =>
  `name: A\nsteps:\n  - { id: a, externalService: { ${asked} } }\n  - { id: b, routeTo: B }\ntests: [{ name: c, expect: { routedTo: B } }]\n`;

let cwd: string;
beforeAll(() => {
  cwd = folder();
  builtPlugin(PLUGIN, cwd, 'texts');
  file('config.yaml', 'application: { name: DMS }\nplugins: [{ use: ./texts }]\n', cwd);
  file('platform.yaml', PLATFORM, cwd);
  file('stubs.yaml', ESP_STUBS.replace('MATCH', '{ service: Billing, method: GetBalance }'), cwd);
  file('billing.http.yaml', HTTP_STUBS, cwd);
  file('r.jsonl', '', cwd);
  file('a.yaml', strategy('appName: DMS, service: Texts, method: Send'), cwd);
});
afterAll(removeFolders);

const check = (...words: string[]): Promise<Ended> => runCommand(['check', ...words], { cwd });

it('checks files of every kind', async () => {
  const files = ['config.yaml', 'platform.yaml', 'stubs.yaml', 'billing.http.yaml', 'a.yaml', 'r.jsonl'];
  expect(await check(...files)).toMatchObject({
    code: 0,
    stderr: '',
    stdout: [
      'config.yaml is valid: DMS (type 171), channels none, methods Texts.Send\n',
      'platform.yaml is valid: 3 applications, 1 upstream\n',
      'stubs.yaml is valid: 1 stub\n',
      'billing.http.yaml is valid: 1 HTTP stub\n',
      'a.yaml is valid: 1 test case\n',
      'r.jsonl is valid: 0 messages\n',
    ].join(''),
  });
});

it('checks all files, and exits with 1 if one is invalid', async () => {
  file('wrong.yaml', 'stubs: [{ answer: { none: true, nne: 1 } }]\n', cwd);
  file('wrong.jsonl', '\n{"connection":1,"direction":"up"}\n', cwd);
  expect(await check('wrong.yaml', 'wrong.jsonl', 'stubs.yaml')).toMatchObject({
    code: 1,
    stdout: 'stubs.yaml is valid: 1 stub\n',
    stderr: expect.stringMatching(/^wrong.yaml:1:33: unknown key .*\nwrong.jsonl:2:17: direction must be .*\n$/),
  });
});

it('checks the strategies that platform.yaml names', async () => {
  file('with.yaml', `${PLATFORM}strategies: ./strategies\n`, cwd);
  expect(await check('with.yaml')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^with.yaml:6:13: strategies cannot be read \(ENOENT\): /),
  });
});

it('warns about timeouts that contradict each other: block, Interaction Server, host', async () => {
  const home = folder();
  const steps = strategy('appName: DMS, service: Any, method: Thing, timeoutMs: 8000');
  mkdirSync(join(home, 'strategies'));
  file('a.yaml', steps, join(home, 'strategies'));
  const checked = async (deadlineMs: number, timeout: string) => {
    file(
      'config.yaml',
      `application: { name: DMS }\nplugins: [{ use: ./missing }]\nlimits: { deadlineMs: ${deadlineMs} }\n`,
      home,
    );
    const option = `interactionServer:\n  options:\n    third-party-server-timeout: ${timeout}\n`;
    file('platform.yaml', `${option}${APPLICATIONS}`, home);
    const { code, stderr } = await runCommand(['check', 'platform.yaml'], { cwd: home });
    return [code, ...stderr.trimEnd().split('\n')];
  };
  const APPLICATIONS = 'strategies: ./strategies\napplications: [{ name: DMS, type: 171, address: host }]\n';
  expect(await checked(6999, '7 s')).toEqual([0, '']);
  expect(await checked(7000, '7 s')).toEqual([
    0,
    'platform.yaml:3:33: warning: interactionServer.options.third-party-server-timeout is 7000 ms, and limits.deadlineMs of ' +
      'config.yaml is 7000 ms: Interaction Server gives up before the host answers; write 8 s or more, or a deadline below 7000',
  ]);
  expect(await checked(6999, '7999 ms')).toEqual([0, '']);
  expect(await checked(6999, '8 s')).toEqual([
    0,
    expect.stringMatching(
      /a\.yaml:3:\d+: warning: steps\[0\]\.externalService\.timeoutMs is 8000 ms, and third-party-server-timeout of platform\.yaml is 8000 ms: .*; write more than 8000$/,
    ),
  ]);
  expect((await runCommand(['check', 'strategies'], { cwd: home })).stderr).toMatch(
    /^\S+a\.yaml:3:\d+: warning: steps/,
  );
  file('config.yaml', 'application: {}\n', home);
  const text =
    'interactionServer: { options: { third-party-server-timeout: 1 ms } }\napplications: [{ name: DMS, type: 171, address: ';
  file('host.yaml', `${text}host }]\n`, home);
  expect(await runCommand(['check', 'host.yaml'], { cwd: home })).toMatchObject({ code: 0, stderr: '' });
  file('config.yaml', 'application: { name: DMS }\n', home);
  file('outside.yaml', `${text}"a:1" }]\n`, home);
  expect(await runCommand(['check', 'outside.yaml'], { cwd: home })).toMatchObject({ code: 0, stderr: '' });
});

describe('a step of a strategy', () => {
  it.each([
    'appName: DMS, service: Texts, method: Send',
    'appType: 171, service: Texts, method: Send',
    'appType: SocialMS, service: Texts, method: Send',
    'appName: Billing Server, service: Billing, method: GetBalance',
    'appName: Elsewhere, service: Any, method: Thing',
    'appName: DMS, service: "{{Service}}", method: Send',
  ])('may have { %s }', async (asked) => {
    file('b.yaml', strategy(asked).replace('steps:', 'data: { Service: Texts }\nsteps:'), cwd);
    expect(await check('b.yaml')).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [
      'appName: DMS, service: Texts, method: Sned',
      '3:73: steps[0].externalService.method asks DMS for Texts.Sned, which no plugin or stub of it has; did you mean Texts.Send?',
    ],
    [
      'appType: 90, service: Billing, method: Pay',
      '3:73: steps[0].externalService.method asks Billing Server for Billing.Pay, which no plugin or stub of it has',
    ],
    [
      'appName: DSM, service: Texts, method: Send',
      '3:41: steps[0].externalService.appName is no application of platform.yaml, which has DMS, Billing Server, Elsewhere; did you mean DMS?',
    ],
    [
      'appType: 5, service: Texts, method: Send',
      '3:41: steps[0].externalService.appType is the type of no application in platform.yaml',
    ],
  ])('cannot have { %s }', async (asked, refused) => {
    file('b.yaml', strategy(asked), cwd);
    const { code, stderr } = await check('b.yaml');
    expect({ code, stderr: stderr.replace(/:3:\d+:/, ':') }).toEqual({
      code: 1,
      stderr: `b.yaml:${refused.replace(/^3:\d+:/, '')}\n`,
    });
  });

  it('may ask an application outside, without a platform.yaml that lists all', async () => {
    const home = folder();
    builtPlugin(PLUGIN, home, 'texts');
    file('config.yaml', 'application: { name: DMS }\nplugins: [{ use: ./texts }]\n', home);
    file('a.yaml', strategy('appName: Other, service: Texts, method: Any'), home);
    file('b.yaml', strategy('appName: DMS, service: Texts, method: Any'), home);
    const ran = await runCommand(['check', 'a.yaml', 'b.yaml'], { cwd: home });
    expect(ran.stdout).toBe('a.yaml is valid: 1 test case\n');
    expect(ran.stderr).toMatch(/^b.yaml:3:\d+: .* asks DMS for Texts.Any,/);
  });
});

describe('the methods of stubs', () => {
  const wants = (asked: string) =>
    `name: A\nsteps:\n  - { id: a, externalService: { appName: Billing Server, ${asked} } }\n`;
  const refused = async (stubs: string, asked: string): Promise<boolean> => {
    const home = folder();
    file('platform.yaml', 'applications: [{ stubs: stubs.yaml }]\n', home);
    file('stubs.yaml', stubs, home);
    file('a.yaml', `${wants(asked)}  - { id: b, routeTo: B }\n`, home);
    const { code, stdout, stderr } = await runCommand(['check', 'a.yaml'], { cwd: home });
    expect([code, stdout, stderr === '']).toEqual(
      code === 0 ? [0, 'a.yaml is valid: 0 test cases\n', true] : [1, '', false],
    );
    return code === 1;
  };
  const asked = ['service: Billing, method: Pay', 'service: Billing, method: Get', 'service: Other, method: Pay'];

  it.each([
    ['{ service: Billing }', [false, false, true]],
    ['{ method: Pay }', [false, true, false]],
    ['{ service: Billing, method: Get }', [true, false, true]],
    ['{ parameters: { Id: { present: true } } }', [false, false, false]],
  ])('are those that match %s', async (match, isRefused) => {
    const stubs = ESP_STUBS.replace('MATCH', match);
    const found: boolean[] = [];
    for (const one of asked) found.push(await refused(stubs, one));
    expect(found).toEqual(isRefused);
  });

  it('are all if a stub has no match, or others are answered too', async () => {
    const none = 'application: { name: Billing Server, type: 90 }\nstubs: [{ answer: { none: true } }]\n';
    const others = `${ESP_STUBS.replace('MATCH', '{ method: Get }')}unmatched: { none: true }\n`;
    expect([await refused(none, asked[0] ?? ''), await refused(others, asked[0] ?? '')]).toEqual([false, false]);
  });
});

it('a strategy may ask for any method while a plugin cannot be loaded', async () => {
  const home = folder();
  file('config.yaml', 'application: { name: DMS }\nplugins: [{ use: ./missing }]\n', home);
  file('a.yaml', strategy('appName: DMS, service: Any, method: Thing'), home);
  expect(await runCommand(['check', 'a.yaml'], { cwd: home })).toMatchObject({ code: 0, stderr: '' });
});

it('a folder of strategies is counted, also that of a platform, and an empty platform has no applications', async () => {
  const home = folder();
  const strategies = join(home, 'strategies');
  mkdirSync(strategies);
  const of = (name: string) =>
    strategy('appName: DMS, service: Any, method: Thing').replace('name: A', `name: ${name}`);
  file('a.yaml', of('A'), strategies);
  file('b.yaml', of('B').replace('tests: [', 'tests: [{ name: d, expect: { routedTo: B } }, '), strategies);
  const check = async (...words: string[]) => {
    const { stdout, stderr } = await runCommand(['check', ...words], { cwd: home });
    return stdout + stderr;
  };
  expect(await check('strategies')).toBe('strategies is valid: 2 strategies, 3 test cases\n');
  file('platform.yaml', 'strategies: ./strategies\napplications: [{ name: DMS, type: 171, address: "a:1" }]\n', home);
  expect(await check('platform.yaml')).toBe(
    'platform.yaml is valid: 1 application, 0 upstreams, 2 strategies, 3 test cases\n',
  );
  file('platform.yaml', 'applications: []\n', home);
  expect(await check('strategies')).toMatch(
    /a\.yaml:3:\d+: .* is no application of .*platform\.yaml, which has none\n/,
  );
});

it('a case of a strategy may set only what the platform has', async () => {
  const withCase = (text: string) =>
    strategy('appName: DMS, service: Texts, method: Send').replace('{ name: c,', `{ name: c, ${text},`);
  const stub = '[{ answer: { none: true } }]';
  file('good.yaml', withCase(`stubs: { Billing Server: ${stub} }, upstreamStubs: { billing: ${stub} }`), cwd);
  file('bad.yaml', withCase(`stubs: { DMS: ${stub} }, upstreamStubs: { biling: ${stub} }, upstreams: { b: {} }`), cwd);
  file('settings.yaml', withCase('upstreams: { billing: { port: 5 } }'), cwd);
  const { stdout, stderr } = await check('good.yaml', 'bad.yaml', 'settings.yaml');
  expect(stdout).toBe('good.yaml is valid: 1 test case\n');
  expect(stderr.replaceAll(/:5:\d+:/g, ':').split('\n')).toEqual([
    'bad.yaml: tests[0].stubs.DMS is no stubbed application of platform.yaml, which has: Billing Server',
    'bad.yaml: tests[0].upstreamStubs.biling is no stubbed upstream of platform.yaml, which has: billing; did you mean billing?',
    'bad.yaml: tests[0].upstreams.b is not an upstream of platform.yaml, which has: billing',
    expect.stringMatching(/^settings.yaml: unknown key tests\[0\]\.upstreams\.billing\.port/),
    '',
  ]);
});

it('a strategy is checked with the configuration and the platform among the files, whatever their names', async () => {
  const home = folder();
  builtPlugin(PLUGIN, home, 'texts');
  file('own.yaml', 'application: { name: DMS }\nplugins: [{ use: ./texts }]\n', home);
  file('site.yaml', 'applications: [{ name: DMS, type: 171, address: host }]\n', home);
  file('a.yaml', strategy('appName: DMS, service: Texts, method: Any'), home);
  file('b.yaml', strategy('appName: Other, service: Texts, method: Any'), home);
  const { stdout, stderr } = await runCommand(['check', 'a.yaml', 'b.yaml', 'own.yaml', 'site.yaml'], { cwd: home });
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['own.yaml', 'site.yaml', '']);
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^a\.yaml:3:\d+: .* asks DMS for Texts\.Any,/),
    expect.stringMatching(/^b\.yaml:3:\d+: .* is no application of site\.yaml/),
    '',
  ]);
});

describe('the kind of a file', () => {
  it.each([
    ['config', 'a.yaml', 'application: { name: DMS }\n'],
    ['platform', 'a.yaml', 'upstreams: {}\n'],
    ['stubs', 'a.yaml', ESP_STUBS],
    ['stubs', 'a.yaml', 'stubs: []\n'],
    ['http-stubs', 'a.yaml', HTTP_STUBS],
    ['http-stubs', 'a.yaml', 'stubs: [{ answers: [{ status: 200 }] }]\n'],
    ['strategies', 'a.yaml', 'name: A\nsteps: []\n'],
    ['recording', 'a.jsonl', ''],
    ['config', 'a.yaml', ''],
    ['platform', 'platform.yaml', ''],
    ['http-stubs', 'billing.http.yaml', '- [\n'],
    ['stubs', 'my-stubs.yaml', ''],
    ['strategies', 'strategy.yml', 'nme: A\n'],
  ])('is %s: %s %j', (kind, name, text) => expect(fileKind(file(name, text))).toBe(kind));

  it.each(['path', 'query', 'headers', 'json', 'body', 'status'])('is http-stubs for stubs with %s', (key) => {
    for (const stub of [`{ match: { ${key}: a } }`, `{ answer: { ${key}: a } }`, `{ answers: [{}, { ${key}: a }] }`])
      expect(fileKind(file('a.yaml', `stubs: [5, {}, ${stub}]\n`))).toBe('http-stubs');
    expect(fileKind(file('a.yaml', `stubs: [{ ${key}: a }]\n`))).toBe('stubs');
  });

  it.each(['applications', 'console', 'interactionServer', 'strategies', 'upstreams'])(
    'is platform for a file with %s',
    (key) => expect(fileKind(file('a.yaml', `${key}: {}\n`))).toBe('platform'),
  );

  it('is strategies for a folder, and config for a file that is missing', () => {
    expect(fileKind(folder())).toBe('strategies');
    expect(fileKind('/none/a.yaml')).toBe('config');
  });
});
