import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EspFault, EspResponse, KeyValueList } from '../../src/index.js';
import { EspServer } from '../mock-platform/interaction-server/esp-server.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { file, folder, removeFolders } from '../support/files.js';
import type { Ended, ProgramOptions } from '../support/processes.js';
import { runCommand as run } from '../support/run-command.js';
import { type Certificates, certificates } from '../support/tls.js';

const plugins = [
  pluginOf('Test', 'Echo', (call) => call.received),
  pluginOf('Test', 'UserData', (call) => new EspResponse(call.userData, { Seen: 'yes' })),
  pluginOf('Test', 'Request', (call) => call.request.list ?? {}),
  pluginOf('Test', 'Refuse', () => {
    throw new EspFault(404, 'no account 17');
  }),
  pluginOf('Test', 'Nothing', () => new Promise(() => undefined)),
];

let host: TestHost;
beforeAll(async () => {
  host = await TestHost.start({ plugins });
});
afterAll(async () => {
  await host.stop();
  removeFolders();
});

const send = (words: readonly string[], options?: ProgramOptions): Promise<Ended> =>
  run(['send', ...words, '--to', `127.0.0.1:${host.adapter.port}`], options);

describe('a response', () => {
  it('is printed, a parameter a line, with exit code 0', async () => {
    const parameters = [
      'Id=+1-631',
      'Count:=5',
      'List:={"a":{"b":"c"}}',
      'Bytes:hex=00ff',
      'Text:="a\\nb"',
      'Id=again',
    ];
    expect(await send(['Test', 'Echo', ...parameters])).toMatchObject({
      code: 0,
      stdout: parameters.map((line) => `${line}\n`).join(''),
      stderr: '',
    });
  });

  it('is the same for Service.Method', async () => {
    expect(await send(['Test.Echo', 'Id=1', 'Text=a=b'])).toMatchObject({
      code: 0,
      stdout: 'Id=1\nText=a=b\n',
      stderr: '',
    });
    expect(await send(['Test.Echo'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.each([[['Test']], [['Test', 'Id=1']], [['Test.', 'Id=1']]])('needs a method: %j', async (words) => {
    expect(await send(words)).toMatchObject({
      code: 1,
      stderr: "error: missing required argument 'method'\n(add --help for usage)\n",
    });
  });

  it('without parameters prints nothing', async () =>
    expect(await send(['Test', 'Echo'])).toMatchObject({ code: 0, stdout: '', stderr: '' }));

  it('with --json is the whole message', async () => {
    const { code, stdout } = await send(['Test', 'UserData', '--user-data', 'Lang=en', 'N:=2', '--json']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toEqual({
      messageId: 501,
      referenceId: expect.any(Number),
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'int', 171],
        ['Service', 'str', 'Test'],
        ['Method', 'str', 'UserData'],
        [
          'Parameters',
          'list',
          [
            ['Lang', 'str', 'en'],
            ['N', 'int', 2],
          ],
        ],
      ],
      userData: [['Seen', 'str', 'yes']],
    });
  });

  it('to a request with --user-data, as often as it is given', async () =>
    expect(await send(['Test', 'UserData', 'Id=1', '--user-data', 'A=1', '--user-data', 'B:={"C":3}'])).toMatchObject({
      code: 0,
      stdout: 'A=1\nB:={"C":3}\n',
    }));

  it.each([
    [[], 'Version=1.0\nService=Test\nMethod=Request\nParameters:={}\n'],
    [['--app-name', 'DMS'], 'Version=1.0\nAppName=DMS\nService=Test\nMethod=Request\nParameters:={}\n'],
    [['--app-type', '171'], 'Version=1.0\nAppType:=171\nService=Test\nMethod=Request\nParameters:={}\n'],
    [['--app-type', 'SocialMS'], 'Version=1.0\nAppType=SocialMS\nService=Test\nMethod=Request\nParameters:={}\n'],
  ])('to a request with %j', async (target, stdout) =>
    expect(await send(['Test', 'Request', ...target])).toMatchObject({ code: 0, stdout, stderr: '' }),
  );

  it('in another charset', async () => {
    const site = await TestHost.start({ plugins, charset: 'windows-1251' });
    const words = ['send', 'Test', 'Echo', 'City=Москва', '--to', `127.0.0.1:${site.adapter.port}`];
    expect(await run([...words, '--charset', 'windows-1251'])).toMatchObject({ code: 0, stdout: 'City=Москва\n' });
    expect(await run(words)).toMatchObject({ code: 0, stdout: 'City=Москва\n' });
    await site.stop();
  });
});

describe('a fault', () => {
  it('is printed, with exit code 2', async () =>
    expect(await send(['Test', 'Refuse'])).toMatchObject({
      code: 2,
      stdout: 'FaultCode=404\nFaultString=no account 17\n',
      stderr: '',
    }));

  it('with --json is the whole message', async () => {
    const { code, stdout } = await send(['Test', 'Refuse', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ messageId: 502, userData: null });
  });

  it('next to Parameters is found', async () => {
    const server = await EspServer.start();
    server.answer = ({ referenceId }) => ({
      messageId: 502,
      referenceId,
      request: KeyValueList.from({ FaultCode: 920, FaultString: 'no luck' }),
      userData: undefined,
    });
    expect(await run(['send', 'A', 'B', '--to', `127.0.0.1:${server.port}`])).toMatchObject({
      code: 2,
      stdout: 'FaultCode=920\nFaultString=no luck\n',
    });
    await server.stop();
  });
});

describe('without an answer: exit code 1, and the reason on stderr', () => {
  const failed = (stderr: string | RegExp) => ({ code: 1, stdout: '', stderr: expect.stringMatching(stderr) });

  it('if nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const text = `^cannot connect to 127.0.0.1:${port}: nothing listens there\n$`;
    expect(await run(['send', 'A', 'B', '--to', `127.0.0.1:${port}`])).toEqual(failed(text));
  });

  it('if it times out', async () =>
    expect(await send(['Test', 'Nothing', '--timeout', '200'])).toMatchObject(
      failed(/^no reply to Test.Nothing within 200 ms\n$/),
    ));

  it('if the connection ends first', async () => {
    const server = await EspServer.start();
    server.answer = (message) => {
      server.drop();
      return message;
    };
    const { port } = server;
    expect(await run(['send', 'A', 'B', '--to', `127.0.0.1:${port}`])).toMatchObject(
      failed(/^the connection to 127.0.0.1:\d+ was lost: .+\n$/),
    );
    await server.stop();
  });

  it.each([
    [['Id'], /^'Id': write a parameter as Name=text, Name:=5 or .*\n$/],
    [['Id:=1.5'], /^'Id:=1.5': 1.5 is not a string, .*\n$/],
    [['--user-data', 'Id'], /^'Id': write a parameter as .*\n$/],
    [['--charset', 'klingon'], /^unknown charset 'klingon'\n$/],
    [['--tls-ca', 'none.pem'], /^cannot read none.pem: ENOENT.*\n$/],
    [['--tls-ca', 'package.json'], /^package.json is not a PEM file: .*\n$/],
    [['--tls-cert', 'package.json'], /^--tls-cert and --tls-key must be used together\n$/],
    [['--tls-key', 'package.json'], /^--tls-cert and --tls-key must be used together\n$/],
  ])('if the words cannot be sent: %j', async (words, text) => {
    const { stderr, ...rest } = await send(['Test', 'Echo', ...words]);
    expect(rest).toMatchObject({ code: 1, stdout: '' });
    expect(stderr).toMatch(text);
  });
});

it('a name that ESP cannot encode exits with 1', async () =>
  expect(await send(['Test', 'Echo', `${'k'.repeat(65_536)}=x`])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^.*65535.*\n$/),
  }));

describe('TLS', () => {
  let pem: Certificates;
  let cwd: string;
  let secured: TestHost;
  beforeAll(async () => {
    pem = await certificates();
    cwd = folder();
    file('server.pem', pem.server.certificate, cwd);
    file('client.pem', pem.client.certificate, cwd);
    file('client.key', pem.client.key, cwd);
    secured = await TestHost.start({ plugins, tls: { ...pem.server, clientCa: pem.client.certificate } });
  });
  afterAll(() => secured.stop());

  const ask = (...options: string[]): Promise<Ended> =>
    run(['send', 'Test', 'Echo', 'Id=1', '--to', `localhost:${secured.adapter.port}`, ...options], { cwd });
  const certificate = ['--tls-cert', 'client.pem', '--tls-key', 'client.key'];

  it('with a client certificate', async () =>
    expect(await ask('--tls-ca', 'server.pem', ...certificate)).toMatchObject({ code: 0, stdout: 'Id=1\n' }));

  it.each([
    ['without a client certificate', ['--tls-ca', 'server.pem'], /^the connection to localhost:\d+ was lost: .*\n$/],
    [
      'with an authority that is another',
      ['--tls-ca', 'client.pem', ...certificate],
      /not signed by a trusted authority/,
    ],
    [
      'with the authorities that Node trusts',
      ['--tls'],
      /^cannot connect to localhost:\d+: its certificate is not signed by/,
    ],
    ['to a port that is not asked for TLS', [], /^the connection to localhost:\d+ was lost: .*\n$/],
    ['with the key of another', ['--tls-cert', 'server.pem', '--tls-key', 'client.key'], /key values mismatch\n$/],
  ])('%s ends with 1', async (_name, options, text) => {
    const { stderr, ...rest } = await ask(...options);
    expect(rest).toMatchObject({ code: 1, stdout: '' });
    expect(stderr).toMatch(text);
  });

  it('to a plain ESP server exits with 1', async () =>
    expect(await send(['Test', 'Echo', '--tls'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^cannot connect to 127.0.0.1:\d+: .*\n$/),
    }));
});
