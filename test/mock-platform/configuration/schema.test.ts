import { afterAll, describe, expect, it } from '@jest/globals';
import { addressText, platformSchema, reachable } from '../../../mock-platform/configuration/index.js';
import { file, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const STUBS = file('stubs.yaml', 'stubs: []\n');

const problemsOf = (given: object): string[] =>
  platformSchema.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const application = (more: object) => ({ applications: [{ name: 'A', type: 5, address: 'host', ...more }] });
const addressOf = (address: string) => platformSchema.parse(application({ address })).applications[0]?.address;

const WINDOW = { 'third-party-server-window-size': 1, 'third-party-server-queue-size': 0 };

describe('platform.yaml', () => {
  it('has defaults', () => {
    expect(platformSchema.parse({})).toEqual({
      interactionServer: { port: 7110, deadlineMs: 15_000, options: {} },
      ...{ applications: [], console: { port: 8080 }, journal: { entries: 10_000, megabytes: 64 }, upstreams: {} },
    });
  });

  it('has ports from 0 to 65535, and a deadline', () => {
    const given = { interactionServer: { port: 65535, deadlineMs: 0x7fffffff }, console: { port: 0 } };
    expect(platformSchema.parse(given)).toMatchObject(given);
    expect(platformSchema.parse({ interactionServer: { deadlineMs: 1 } })).toMatchObject({
      interactionServer: { port: 7110, deadlineMs: 1 },
    });
  });

  it.each<[object, object]>([
    [{ 'third-party-server-timeout': '30 s' }, { 'third-party-server-timeout': 30_000 }],
    [{ 'third-party-server-timeout': '500ms' }, { 'third-party-server-timeout': 500 }],
    [{ 'third-party-server-timeout': '2147483 s' }, { 'third-party-server-timeout': 2_147_483_000 }],
    [WINDOW, WINDOW],
  ])('has options of Interaction Server: %j', (options, parsed) => {
    expect(platformSchema.parse({ interactionServer: { options } }).interactionServer.options).toEqual(parsed);
  });

  it.each<[object, string]>([
    [{ 'third-party-server-timeout': 30 }, 'third-party-server-timeout: '],
    [{ 'third-party-server-timeout': '30' }, 'third-party-server-timeout: must be a number from 1 to 9999999 and its'],
    [{ 'third-party-server-timeout': '0 s' }, 'third-party-server-timeout: must be a number'],
    [{ 'third-party-server-timeout': '2147484 s' }, 'third-party-server-timeout: must be at most 2147483647 ms'],
    [{ 'third-party-server-window-size': 0 }, 'third-party-server-window-size: '],
    [{ ...WINDOW, 'third-party-server-queue-size': -1 }, 'third-party-server-queue-size: '],
    [{ 'third-party-server-queue-size': 1 }, 'third-party-server-queue-size: requires third-party-server-window-size'],
    [{ 'third-party-server-windows': 1 }, ': '],
  ])('refuses options of Interaction Server: %j', (options, problem) => {
    const path = `interactionServer.options${problem.startsWith(':') ? '' : '.'}${problem}`;
    expect(problemsOf({ interactionServer: { options } })).toEqual([expect.stringContaining(path)]);
  });

  it.each<[object, string]>([
    [{ interactionServer: { port: 65536 } }, 'interactionServer.port: '],
    [{ interactionServer: { port: -1 } }, 'interactionServer.port: '],
    [{ interactionServer: { deadlineMs: 0 } }, 'interactionServer.deadlineMs: '],
    [{ interactionServer: { deadlineMs: 0x80000000 } }, 'interactionServer.deadlineMs: '],
    [{ interactionServer: { more: 1 } }, 'interactionServer: '],
    [{ console: { port: 1.5 } }, 'console.port: '],
    [{ console: { more: 1 } }, 'console: '],
    [{ more: 1 }, ': '],
  ])('is refused: %j', (given, problem) => {
    expect(problemsOf(given)).toEqual([expect.stringMatching(`^${problem.replaceAll('.', '\\.')}`)]);
  });
});

describe('an application', () => {
  it.each<[string, unknown]>([
    ['host', 'host'],
    ['127.0.0.1:7120', { host: '127.0.0.1', port: 7120 }],
    ['[::1]:1', { host: '::1', port: 1 }],
    ['esp.example:65535', { host: 'esp.example', port: 65535 }],
  ])('may be at %s', (text, address) => expect(addressOf(text)).toEqual(address));

  it.each([
    'hosts',
    '127.0.0.1',
    ':7120',
    '::1:7120',
    '[::1]',
    'a:0',
    'a:65536',
    'a:123456',
    'a b:1',
    'a:1 ',
    '[a b]:1',
  ])('cannot be at %j', (text) => {
    expect(problemsOf(application({ address: text }))).toEqual([
      `applications.0.address: must be HOST:PORT such as 127.0.0.1:7120, or host for the host in this process, not '${text}'`,
    ]);
  });

  it('has what is given', () => {
    const stubbed = { stubs: STUBS };
    expect(platformSchema.parse({ applications: [stubbed] }).applications).toEqual([
      { ...stubbed, address: undefined },
    ]);
    const given = { name: 'A', type: 5, typeName: 'B', address: 'host', tls: { servername: 'esp.example' } };
    expect(platformSchema.parse({ applications: [given] }).applications).toEqual([{ ...given, stubs: undefined }]);
  });

  it.each<[object, string]>([
    [application({ name: '' }), 'applications.0.name: must be the AppName of the application'],
    [application({ typeName: '' }), 'applications.0.typeName: must be a name for the type'],
    [application({ name: undefined }), 'applications.0: must have a name: the AppName of the application'],
    [
      application({ type: undefined }),
      'applications.0: must have a type: the number in Configuration Layer, such as 171',
    ],
    [
      application({ address: undefined }),
      'applications.0: must have either address (HOST:PORT, or host) or stubs (a stub file)',
    ],
    [
      application({ stubs: STUBS }),
      'applications.0: must have either address (HOST:PORT, or host) or stubs (a stub file)',
    ],
    [{ applications: [{ stubs: STUBS, tls: {} }] }, 'applications.0: cannot have both stubs and tls'],
  ])('is refused: %j', (given, problem) => expect(problemsOf(given)).toEqual([problem]));

  it.each<[object, string]>([
    [application({ type: 0 }), 'applications.0.type: '],
    [application({ more: 1 }), 'applications.0: '],
    [application({ tls: { more: 1 } }), 'applications.0.tls: '],
  ])('is not %j', (given, problem) => {
    expect(problemsOf(given)).toEqual([expect.stringMatching(`^${problem.replaceAll('.', '\\.')}`)]);
  });
});

describe('an upstream', () => {
  const upstream = (one: object) => ({ upstreams: { billing: one } });

  it('is the mock of a plugin, or a file of stubs', () => {
    const { upstreams } = platformSchema.parse({
      upstreams: { a: { plugin: './a', settings: 5 }, b: { stubs: STUBS, env: '_B1', port: 65535 } },
    });
    expect(upstreams).toEqual({ a: { plugin: './a', port: 0 }, b: { stubs: STUBS, env: '_B1', port: 65535 } });
  });

  it.each<[object, string]>([
    [{}, 'billing: must have either plugin (a folder or a package) or stubs (a file of HTTP stubs)'],
    [
      { plugin: 'a', stubs: STUBS },
      'billing: must have either plugin (a folder or a package) or stubs (a file of HTTP stubs)',
    ],
    [{ plugin: '' }, 'billing.plugin: must be a folder or a package'],
    [
      { plugin: 'a', env: 'A' },
      'billing.env: is only allowed with stubs: the mock of a plugin has variables of its own',
    ],
    [{ stubs: STUBS, env: 'A', settings: {} }, 'billing.settings: is only allowed with plugin'],
    [
      { stubs: STUBS },
      'billing: must have env: the environment variable of config.yaml for its URL, such as BILLING_URL',
    ],
    [{ stubs: STUBS, env: '1A' }, 'billing.env: must be the name of an environment variable, such as BILLING_URL'],
    [{ stubs: STUBS, env: 'A-B' }, 'billing.env: must be the name of an environment variable, such as BILLING_URL'],
  ])('is refused: %j', (given, problem) => expect(problemsOf(upstream(given))).toEqual([`upstreams.${problem}`]));

  it.each<[object, string]>([
    [{ plugin: 'a', port: 65536 }, 'billing.port: '],
    [{ plugin: 'a', port: -1 }, 'billing.port: '],
    [{ plugin: 'a', more: 1 }, 'billing: '],
  ])('is not %j', (given, problem) => {
    expect(problemsOf(upstream(given))).toEqual([expect.stringMatching(`^upstreams\\.${problem}`)]);
  });

  it('has a variable of its own', () => {
    const stubs = (env: string) => ({ stubs: STUBS, env });
    const upstreams = { a: stubs('A'), b: { plugin: 'p' }, c: stubs('A'), d: stubs('D'), e: stubs('A') };
    expect(problemsOf({ upstreams })).toEqual([
      'upstreams.c.env: is also the variable of upstreams.a',
      'upstreams.e.env: is also the variable of upstreams.a',
    ]);
  });
});

it.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
  ['10.0.0.1', '10.0.0.1'],
])('a listener on %s is reached at %s', (host, expected) => expect(reachable(host)).toBe(expected));

it.each([
  ['127.0.0.1', '127.0.0.1:7120'],
  ['::1', '[::1]:7120'],
])('port 7120 of %s is written %s', (host, text) => expect(addressText({ host, port: 7120 })).toBe(text));
