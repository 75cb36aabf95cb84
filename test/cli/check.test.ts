import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { builtPlugin } from '../support/plugins.js';
import { type Ended, Program } from '../support/processes.js';
import { runCommand as run } from '../support/run-command.js';
import { certificates } from '../support/tls.js';

const TEXTS = `
import { defineChannel, definePlugin, EspMethod, secret, z } from 'esp-host';
class Send { handle() { return {}; } }
EspMethod('Texts', 'Send', { parameters: z.object({}), response: z.object({}), channel: 'sms' })(Send);
export default definePlugin({
  name: 'texts',
  options: z.strictObject({ sender: z.string().default('ACD'), retries: z.int().max(5).default(1) }),
  channels: [defineChannel(z.looseObject({ type: z.literal('sms'), url: z.url('must be a URL'), password: secret() }))],
  methods: [Send],
});
`;

let cwd: string;
beforeAll(async () => {
  cwd = folder();
  builtPlugin(TEXTS, cwd, 'texts');
  builtPlugin(TEXTS, cwd, 'more-texts');
  builtPlugin('const a = ;\n', cwd, 'broken');
  builtPlugin('export const a = 1;\n', cwd, 'other');
  file('secret.txt', 'hunter2\n', cwd);
  const { server, client } = await certificates();
  file('host.pem', server.certificate, cwd);
  file('host.key', server.key, cwd);
  file('other.key', client.key, cwd);
});
afterAll(removeFolders);

const NAME = 'application: { name: DMS }\n';
const USES = 'plugins:\n  - use: ./texts\n';

async function check(config: string, env: Record<string, string> = {}): Promise<Ended> {
  file('config.yaml', config, cwd);
  return run(['check', 'config.yaml'], { cwd, env });
}

describe('a good config', () => {
  it('is reported with its channels and methods', async () => {
    const channels =
      'channels:\n  a: { type: sms, url: "http://x", password: { file: secret.txt } }\n' +
      '  b: { type: sms, url: "http://x", password: "${PASSWORD}" }\n';
    const tls = 'listeners: { esp: { tls: { certificate: host.pem, key: host.key } } }\n';
    const ran = await check(NAME + USES + channels + tls, { PASSWORD: 'hunter2' });
    expect(ran).toMatchObject({
      code: 0,
      stdout: 'config.yaml is valid: DMS (type 171), channels a, b, methods Texts.Send\n',
      stderr: '',
    });
  });

  it('may have warnings', async () => {
    const text = TEXTS.replace(
      'password: secret() }))]',
      "password: secret() }), { warnings: () => [{ path: ['url'], message: 'is slow' }] })]",
    );
    builtPlugin(text, cwd, 'slow-texts');
    const channels = 'channels:\n  a: { type: sms, url: "http://x", password: x }\n';
    expect(await check(`${NAME}plugins:\n  - use: ./slow-texts\n${channels}`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^config.yaml is valid: /),
      stderr: 'config.yaml:5:24: warning: channels.a.url is slow\n',
    });
  });

  it('defaults to config.yaml', async () => {
    file('config.yaml', NAME, cwd);
    expect(await run(['check'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'config.yaml is valid: DMS (type 171), channels none, methods none\n',
    });
  });

  it('has paths that are relative to the file, whatever the current folder', async () => {
    const channel = 'channels: { a: { type: sms, url: "http://x", password: x } }\n';
    file('config.yaml', NAME + USES + channel, cwd);
    expect(await run(['check', join(cwd, 'config.yaml')], { cwd: ROOT })).toMatchObject({ code: 0, stderr: '' });
  });

  it('may have TypeScript plugins with --typescript', async () => {
    const greeting = join(ROOT, 'test/fixtures/plugins/greeting');
    const path = file('config.yaml', `${NAME}plugins:\n  - use: ${greeting}\n`);
    expect(await run(['check', '--typescript', path])).toMatchObject({
      code: 0,
      stdout: `${path} is valid: DMS (type 171), channels none, methods Greeting.Greet\n`,
    });
    expect(await run(['check', path])).toMatchObject({
      code: 1,
      stderr: `${path}:3:10: plugins[0].use cannot be used: ${greeting} contains only TypeScript, but serve loads JavaScript: build it to ${greeting}/dist first\n`,
    });
  });
});

const typescriptPlugin = (name: string, tsconfig = '{}') => {
  const home = join(cwd, name);
  mkdirSync(join(home, 'dist'), { recursive: true });
  file('index.ts', TEXTS.replaceAll('Texts', name), home);
  file('tsconfig.json', tsconfig, home);
  return home;
};

describe('a TypeScript plugin', () => {
  it('without a build is reported with the command that builds it, and so is the next', async () => {
    for (const name of ['one', 'two']) typescriptPlugin(name);
    expect(await check(`${NAME}plugins:\n  - use: ./one\n  - use: ./two\n`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^config.yaml:3:10: .* run npx tsc -p one\nconfig.yaml:4:10: .* run npx tsc -p two\n$/,
      ),
    });
  });

  it('has a warning if its build is older than a source', async () => {
    const home = typescriptPlugin('stale');
    file('index.js', TEXTS.replaceAll('Texts', 'Stale').replaceAll(", channel: 'sms'", ''), join(home, 'dist'));
    file('later.test.ts', '', home);
    const config = `${NAME}plugins:\n  - use: ./stale\n`;
    utimesSync(join(home, 'index.ts'), 1000, 1000);
    expect(await check(config)).toMatchObject({ code: 0, stderr: '' });
    utimesSync(join(home, 'dist/index.js'), 999, 999);
    expect(await check(config)).toMatchObject({
      code: 0,
      stderr:
        'config.yaml:3:10: warning: plugins[0].use loads stale/dist, which is older than stale/index.ts: run npx tsc -p stale\n',
    });
  });
});

describe('--json', () => {
  it('prints what a valid config has, with warnings', async () => {
    file('config.yaml', NAME + USES, cwd);
    const { code, stdout, stderr } = await run(['check', '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)[0]).toEqual({
      file: 'config.yaml',
      valid: true,
      problems: [],
      holds: 'DMS (type 171), channels none, methods Texts.Send',
      warnings: [
        {
          code: 'ESP_CONFIG_INVALID_VALUE',
          file: 'config.yaml',
          line: 3,
          column: 10,
          message:
            "plugins[0].use has methods for channels of type 'sms', but channels has none: each request gets a fault",
        },
      ],
      application: { name: 'DMS', type: 171 },
      channels: [],
      methods: ['Texts.Send'],
    });
  });

  it('prints the problems of an invalid config', async () => {
    file('config.yaml', `${NAME}limits: { drainMs: 0 }\n`, cwd);
    const { code, stdout, stderr } = await run(['check', '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)[0]).toMatchObject({
      valid: false,
      problems: [{ line: 2, column: 20, message: 'limits.drainMs must be at least 1, not 0' }],
    });
  });
});

describe('a broken config', () => {
  const channel = (more: string): string => `${NAME}${USES}channels:\n  a: { type: sms, ${more} }\n`;
  const esp = (more: string): string => `${NAME}listeners:\n  esp: { ${more} }\n`;

  it.each<[string, string, string | RegExp]>([
    ['an unknown key', esp('prot: 1'), '3:10: unknown key listeners.esp.prot: did you mean port?'],
    ['a wrong type', esp('port: soon'), '3:16: listeners.esp.port must be a number, not "soon"'],
    ['a value out of range', esp('port: 70000'), '3:16: listeners.esp.port must be at most 65535, not 70000'],
    [
      'a missing key',
      'application: {}\n',
      /^1:14: application.name is missing: it must be the AppName of the application$/,
    ],
    [
      'a missing variable',
      channel('url: "${URL}", password: x'),
      '5:24: channels.a.url uses the environment variable URL, which is not set: set it, or write ${URL:-default}',
    ],
    [
      'a file of a secret that is not there',
      channel('url: "http://x", password: { file: none.txt }'),
      /^5:54: channels.a.password.file cannot be read \(ENOENT\): .*none.txt$/,
    ],
    [
      'a certificate that is not there',
      esp('tls: { certificate: none.pem, key: host.key }'),
      /^3:30: listeners.esp.tls.certificate cannot be read: ENOENT.*none.pem'$/,
    ],
    [
      'a key of another certificate',
      esp('tls: { certificate: host.pem, key: other.key }'),
      /^3:45: listeners.esp.tls.key is not the key of the certificate: .*other.key does not match .*host.pem$/,
    ],
    [
      'an invalid certificate',
      esp('tls: { certificate: secret.txt, key: host.key }'),
      /^3:15: listeners.esp.tls is not a usable certificate and key: /,
    ],
    [
      'an address with a port',
      esp('host: "127.0.0.1:7120"'),
      '3:16: listeners.esp.host must be an IP address or a host name, without a port, such as 127.0.0.1, 0.0.0.0 or ::1',
    ],
    [
      'an address with a number that is too large',
      esp('host: 127.0.0.256'),
      /^3:16: listeners.esp.host must be an IP /,
    ],
    ['an empty address', esp('host: ""'), /^3:16: listeners.esp.host must be an IP /],
    ['a URL for an address', esp('host: http://localhost'), /^3:16: listeners.esp.host must be an IP /],
    [
      'one port for two listeners',
      `${NAME}listeners: { esp: { host: 0.0.0.0, port: 7190 }, metrics: { port: 7190 } }\n`,
      '2:67: listeners.metrics.port 7190 is the port of listeners.esp too: choose another',
    ],
    [
      'a folder of a plugin that is not there',
      `${NAME}plugins:\n  - use: ./txets\n`,
      /^3:10: plugins\[0\].use cannot be used: .*txets does not exist: paths are relative to the file that names them$/,
    ],
    [
      'a module that is not a plugin',
      `${NAME}plugins:\n  - use: ./other\n`,
      /^3:10: plugins\[0\].use cannot be used: .*other\/index.js has no 'export default definePlugin\(\{ ... \}\)'$/,
    ],
    [
      'an option that the plugin does not know',
      `${NAME}${USES}    options: { sendr: ACD }\n`,
      '4:16: unknown key plugins[0].options.sendr: did you mean sender?',
    ],
    [
      'a wrong option',
      `${NAME}${USES}    options: { retries: 7 }\n`,
      '4:25: plugins[0].options.retries must be at most 5, not 7',
    ],
    [
      'a channel of a type that no plugin brings',
      `${NAME}${USES}channels:\n  a: { type: smss }\n`,
      "5:14: channels.a.type is 'smss', but the channel types of the plugins are: sms; did you mean sms?",
    ],
    ['a wrong channel', channel('url: x, password: y'), '5:24: channels.a.url must be a URL, not "x"'],
    [
      'one channel twice',
      `${NAME}channels:\n  a: { type: sms }\n  channel-a: { type: sms }\n`,
      '4:14: channels.channel-a is the same channel as a: the prefix channel- is ignored',
    ],
    [
      'two plugins that claim one method',
      `${NAME}${USES}  - use: ./more-texts\n`,
      '4:10: plugins[1].use claims Texts.Send, as plugins[0].use (plugin texts) does: remove one of them',
    ],
    [
      'an unknown charset',
      esp('charset: utf-9'),
      '3:19: listeners.esp.charset must be a charset, such as utf-8, windows-1251, gb18030 or shift_jis',
    ],
    ['a tab', `${NAME}limits:\n\tdrainMs: 5\n`, '3:1: is not valid YAML: a tab cannot indent a line: use spaces'],
    ['a bracket that is not closed', 'application: { name: DMS\n', '1:14: is not valid YAML: { is not closed: add }'],
  ])('%s', async (_name, config, expected) => {
    const { code, stdout, stderr } = await check(config);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^config\.yaml:.*\n$/);
    const said = stderr.slice('config.yaml:'.length, -1);
    if (typeof expected === 'string') expect(said).toBe(expected);
    else expect(said).toMatch(expected);
  });

  it('with a plugin that does not load names the line of its code', async () => {
    file('config.yaml', `${NAME}plugins:\n  - use: ./broken\n`, cwd);
    const { code, stdout, stderr } = await new Program(['check'], { cwd }).ended();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^config\.yaml:3:10: plugins\[0\].use cannot be used: .*broken\/index.js failed to load: Unexpected token ';' \(.*broken\/index.js:1\)\n$/,
    );
  });

  it.each(['127.0.0.2', '"127.1"', 'localhost', 'esp-1.example.com', '::1', '"fe80::1%lo"', '"::"'])(
    'has no mistake in the address %s',
    async (host) => {
      expect(await check(esp(`host: ${host}`))).toMatchObject({ code: 0, stderr: '' });
    },
  );

  it.each([
    'esp: { host: 127.0.0.1, port: 7190 }, metrics: { host: 127.0.0.2, port: 7190 }',
    'esp: { port: 0 }, metrics: { port: 0 }',
    'esp: { port: 7190 }, metrics: { port: 7190, enabled: false }',
  ])('has no mistake in the ports of { %s }', async (listeners) => {
    expect(await check(`${NAME}listeners: { ${listeners} }\n`)).toMatchObject({ code: 0, stderr: '' });
  });

  it('with mistakes in the file, in options, plugins, channels and certificates has all of them', async () => {
    const config = `application: { name: DMS, kind: 1 }
plugins:
  - use: ./texts
    options: { retries: 7 }
  - use: ./broken
  - use: ./txets
channels:
  a: { type: sms, url: x, password: y }
  b: { type: sms, url: y, password: y }
  c: { type: of-a-broken-plugin }
listeners:
  esp: { tls: { certificate: host.pem, key: other.key } }
  metrics: { port: 7120 }
limits: { drainMs: 0 }
`;
    const { code, stderr } = await check(config);
    expect(code).toBe(1);
    expect(stderr.split('\n').map((line) => /^config\.yaml:(\d+:\d+: \S+)/.exec(line)?.[1])).toEqual([
      '1:27: unknown',
      '4:25: plugins[0].options.retries',
      '5:10: plugins[1].use',
      '6:10: plugins[2].use',
      '8:24: channels.a.url',
      '9:24: channels.b.url',
      '12:45: listeners.esp.tls.key',
      '13:20: listeners.metrics.port',
      '14:20: limits.drainMs',
      undefined,
    ]);
  });

  it('with invalid plugins has no mistakes that follow from them', async () => {
    const config = `${NAME}plugins: [{ ues: ./texts }]\nchannels: { a: { type: sms } }\nlisteners: { webhooks: {} }\n`;
    const { stderr } = await check(config);
    expect(stderr.split('\n').map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      expect.stringContaining('plugins[0].use is'),
      expect.stringContaining('unknown key'),
      '',
    ]);
  });

  it('with several mistakes has a line for each', async () => {
    const { code, stderr } = await check('application: { name: DMS, kind: 1 }\nlimits: { drainMs: 0 }\n');
    expect(code).toBe(1);
    expect(stderr.split('\n').sort()).toEqual([
      '',
      'config.yaml:1:27: unknown key application.kind: known keys are name, type, tenant, addressing',
      'config.yaml:2:20: limits.drainMs must be at least 1, not 0',
    ]);
  });

  it('that does not exist is reported', async () =>
    expect(await run(['check', 'none.yaml'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'none.yaml:1:1: no such file: create it, or name another\n',
    }));

  it('never shows a secret', async () => {
    const { code, stderr } = await check(channel('url: "${URL}", password: 123456'), { URL: 'hunter2' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^config.yaml:5:24: channels.a.url must be a URL\nconfig.yaml:5:\d+: channels.a.password must/,
    );
    expect(stderr).not.toMatch(/hunter2|123456/);
  });
});
