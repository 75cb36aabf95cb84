import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { compareCommand, sendOptions } from '../../src/cli/compare.js';
import { type JsonEntry, type JsonMessage, KeyValueList } from '../../src/esp/index.js';
import { EspFault, type PluginDefinition } from '../../src/index.js';
import { charset, encodeMessage } from '../../src/wire/index.js';
import { EspServer } from '../mock-platform/interaction-server/esp-server.js';
import { response } from '../mock-platform/interaction-server/setting.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { file, folder, removeFolders } from '../support/files.js';
import { type Ended, killPrograms, Program } from '../support/processes.js';
import { RawClient, request } from '../support/raw-client.js';
import { runCommand } from '../support/run-command.js';
import { certificates } from '../support/tls.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await killPrograms();
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeFolders);

const echo = pluginOf('Test', 'Echo', (call) => call.received);

/** A host whose Billing.GetBalance answers so. */
async function host(balance: () => unknown, setup: Parameters<typeof TestHost.start>[0] = {}): Promise<number> {
  const plugins: PluginDefinition[] = [echo, pluginOf('Billing', 'GetBalance', balance)];
  const started = await TestHost.start({ plugins, ...setup });
  ends.push(() => started.stop());
  return started.adapter.port;
}

async function server(answer?: EspServer['answer']): Promise<EspServer> {
  const started = await EspServer.start();
  ends.push(() => started.stop());
  started.answer = answer;
  return started;
}

const compared = (recording: string, a: number, b: number, ...more: string[]): Promise<Ended> =>
  runCommand(['compare', recording, '--a', `127.0.0.1:${a}`, '--b', `127.0.0.1:${b}`, ...more]);

/** What a recorder that stands before a host writes of these requests. */
async function recorded(port: number, ...requests: Parameters<typeof request>[]): Promise<string> {
  const out = join(folder(), 'r.jsonl');
  const recording = new Program(['record', '--listen', ':0', '--to', `127.0.0.1:${port}`, '--out', out]);
  const [, listens] = await recording.printed(/^recording 127\.0\.0\.1:(\d+)/m);
  const client = await RawClient.open(Number(listens));
  for (const one of requests) await client.ask(request(...one));
  await client.close();
  await recording.kill('SIGINT');
  return out;
}

const line = (service: string, method: string, parameters: JsonEntry[], more: Partial<JsonMessage> = {}): string => {
  const asked: JsonEntry[] = [
    ['Service', 'str', service],
    ['Method', 'str', method],
    ['Parameters', 'list', parameters],
  ];
  const message = { messageId: 500, referenceId: 1, request: asked, userData: null, ...more };
  return JSON.stringify({ connection: 1, direction: 'toServer', ...message });
};

const lines = (...all: string[]): string => file('r.jsonl', all.map((one) => `${one}\n`).join(''));

const BALANCES = lines(
  line('Test', 'Echo', [['Say', 'str', 'hello']]),
  ...Array.from({ length: 20 }, (_, index) => line('Billing', 'GetBalance', [['Account', 'str', `${index}`]])),
  line('Test', 'Echo', [['Say', 'int', 5]]),
);

describe('compare', () => {
  it('finds no difference between equal hosts', async () => {
    const [a, b] = [await host(() => ({ Balance: '12.50' })), await host(() => ({ Balance: '12.50' }))];
    const out = await recorded(a, [7, 'Test', 'Echo', { Say: 'hi' }], [8, 'Billing', 'GetBalance'], [9, 'No', 'Such']);
    expect(await compared(out, a, b)).toEqual({
      code: 0,
      stdout: [
        '                     requests       same  different',
        'Test.Echo                   1          1          0',
        'Billing.GetBalance          1          1          0',
        'No.Such                     1          1          0',
        'all                         3          3          0',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('finds only the changed method, in the order of the recording', async () => {
    const [a, b] = [await host(() => ({ Balance: '12.50' })), await host(() => ({ Balance: 12, Currency: 'EUR' }))];
    const { code, stdout, stderr } = await compared(BALANCES, a, b, '--in-flight', '7');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout.slice(0, stdout.indexOf('line 3'))).toBe(`line 2: Billing.GetBalance
  npx esp-host send Billing GetBalance Account=0 --to 127.0.0.1:${b}
  Parameters.Balance: a str "12.50", b int 12
  Parameters.Currency: a missing, b str "EUR"

`);
    expect([...stdout.matchAll(/^line (\d+)/gm)].map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 2),
    );
    expect(stdout.slice(stdout.indexOf('  requests') - 18)).toMatch(
      /^ +requests +same +different\nTest.Echo +2 +2 +0\nBilling.GetBalance +20 +0 +20\nall +22 +2 +20\n$/,
    );
    expect(await compared(BALANCES, a, b, '--ignore', 'Parameters.Balance', 'Currency')).toMatchObject({ code: 0 });
    expect(await compared(BALANCES, a, b, '--ignore', 'Currency')).toMatchObject({ code: 2 });
  });

  it('prints JSON', async () => {
    const a = await host(() => ({ Balance: '12.50' }));
    const b = await host(() => {
      throw new EspFault(404, 'no account');
    });
    const { code, stdout } = await compared(
      BALANCES,
      a,
      b,
      '--json',
      '--method',
      'Test.Echo',
      '--method',
      'Billing.GetBalance',
    );
    const all = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(code).toBe(2);
    expect(all).toHaveLength(21);
    expect(all[0]).toEqual({
      line: 2,
      service: 'Billing',
      method: 'GetBalance',
      send: `npx esp-host send Billing GetBalance Account=0 --to 127.0.0.1:${b}`,
      differences: [
        {
          path: 'reply',
          a: { type: 'response', value: [['Balance', 'str', '12.50']] },
          b: { type: 'fault', value: '404 no account' },
        },
      ],
    });
    expect(all[20]).toEqual({
      methods: [
        { service: 'Test', method: 'Echo', asked: 2, same: 2, different: 0 },
        { service: 'Billing', method: 'GetBalance', asked: 20, same: 0, different: 20 },
      ],
    });
  });

  it('sends recorded bytes with new ReferenceIds, and only the given methods', async () => {
    const [a, b] = [await server(({ referenceId }) => response(referenceId, 'a')), await server()];
    b.answer = a.answer;
    const parts: JsonEntry[] = [
      ['Photo', 'bin', '00ff'],
      [{ hex: 'ff' }, 'strx', 'cceef1'],
      ['Größe', 'utf16', 'x'],
    ];
    const message = { referenceId: 77, userData: parts };
    const recording = lines(line('Test', 'Echo', parts, message), line('Billing', 'Pay', parts, message));
    expect((await compared(recording, a.port, b.port, '--method', 'Test.Echo')).code).toBe(0);
    for (const { received } of [a, b]) {
      expect(received).toHaveLength(1);
      const sent = Buffer.from(received[0]?.body ?? '');
      const list = new KeyValueList(received[0]?.message.request?.entries);
      expect(list.string('Method')).toBe('Echo');
      const original = encodeMessage(
        { ...message, messageId: 500, request: list, userData: received[0]?.message.userData },
        charset(),
      );
      sent.writeInt32BE(77, 10);
      expect(sent).toEqual(original.subarray(4));
    }
  });

  it('treats a missing answer as an answer', async () => {
    const [silent, other] = [await server(), await server()];
    const a = await host(() => ({ Balance: '1' }));
    const found = await compared(BALANCES, a, silent.port, '--timeout', '300', '--method', 'Test.Echo');
    expect(found.code).toBe(2);
    expect(found.stdout).toContain('  reply: a response Say=hello, b no answer (timed out after 300 ms)\n');
    const none = await compared(BALANCES, other.port, silent.port, '--timeout', '300', '--method', 'Test.Echo');
    expect(none).toMatchObject({
      code: 0,
      stderr: 'without a reply from either server (the same): 2\n',
    });
  });

  it('reports what it could not compare: secrets, requests without replies, malformed messages', async () => {
    const a = await host(() => ({}));
    const secret = line('Test', 'Echo', [['Password', 'str', '***']]);
    const { code, stderr } = await compared(
      lines(secret, line('Test', 'Echo', [], { referenceId: null }), JSON.stringify({ error: 'broken', hex: '00' })),
      a,
      a,
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'sent with masked secrets (asterisks): 1\n' +
        'not sent, because they have no ReferenceId: 1\n' +
        'malformed messages, skipped: 1\n',
    });
  });

  it('speaks TLS with one of them, or both', async () => {
    const { server: pem } = await certificates();
    const [a, b] = [await host(() => ({})), await host(() => ({}), { tls: pem })];
    const ca = file('ca.pem', pem.certificate);
    expect(await compared(BALANCES, a, b, '--tls-ca', ca, '--tls-only', 'b')).toMatchObject({ code: 0, stderr: '' });
    expect(await compared(BALANCES, b, b, '--tls-ca', ca)).toMatchObject({ code: 0, stderr: '' });
    expect(await compared(BALANCES, a, b, '--tls-ca', ca)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^--a: cannot connect to 127.0.0.1:\d+: /),
    });
  });

  it('escapes control characters, and shows long values around the difference', async () => {
    const a = await host(() => ({ Text: `${'x'.repeat(500)}1\u001b[31m` }));
    const b = await host(() => ({ Text: `${'x'.repeat(500)}2` }));
    const { stdout } = await compared(lines(line('Billing', 'GetBalance', [])), a, b);
    expect(stdout).toContain(`  Parameters.Text: a ...${'x'.repeat(20)}1\\u001b[31m", b ...${'x'.repeat(20)}2"\n`);
  });
});

describe('the command that repeats a request', () => {
  const b = { host: '10.0.0.1', port: 7110 };
  const tls = { tls: true, tlsCa: 'ca.pem', tlsCert: 'own.pem', tlsKey: 'own.key' } as const;

  it('has only the options for b', () => {
    expect(sendOptions({ b, charset: 'utf-8' })).toEqual(['--to', '10.0.0.1:7110']);
    expect(sendOptions({ b: { ...b, host: '::1' }, charset: 'latin1' })).toEqual([
      ...['--to', '[::1]:7110'],
      ...['--charset', 'latin1'],
    ]);
  });

  it('has each given TLS option', () => {
    const all = ['--tls', '--tls-ca', 'ca.pem', '--tls-cert', 'own.pem', '--tls-key', 'own.key'];
    expect(sendOptions({ b, charset: 'utf-8', ...tls }).slice(2)).toEqual(all);
    expect(sendOptions({ b, charset: 'utf-8', ...tls, tlsOnly: 'b' }).slice(2)).toEqual(all);
    expect(sendOptions({ b, charset: 'utf-8', tlsCa: 'ca.pem' }).slice(2)).toEqual(['--tls-ca', 'ca.pem']);
  });

  it('has none of them if TLS is only for a', () => {
    expect(sendOptions({ b, charset: 'utf-8', ...tls, tlsOnly: 'a' })).toEqual(['--to', '10.0.0.1:7110']);
  });
});

describe('an option of compare', () => {
  const parsed = (...words: string[]) => {
    const command = compareCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    command.parseOptions(words);
    return command.opts();
  };

  it('has its default', () => {
    expect(parsed()).toEqual({ inFlight: 4, timeout: 15_000, charset: 'utf-8' });
  });
  it.each(['1', '9999'])('counts %s in flight', (text) => {
    expect(parsed('--in-flight', text).inFlight).toBe(Number(text));
  });
  it.each(['0', '10000', '4x', 'x4', '-4', ''])('counts no %j in flight', (text) => {
    expect(() => parsed('--in-flight', text)).toThrow('Expected a whole number from 1 to 9999.');
  });
  it('is one server or the other', () => {
    expect(parsed('--tls-only', 'a').tlsOnly).toBe('a');
    expect(() => parsed('--tls-only', 'c')).toThrow('Allowed choices are a, b.');
  });
});

describe('exit code 1', () => {
  it('if a server is down: which one, without sending anything to the other', async () => {
    const up = await server(({ referenceId }) => response(referenceId, 'up'));
    expect(await compared(BALANCES, up.port, 1)).toEqual({
      code: 1,
      stdout: '',
      stderr: '--b: cannot connect to 127.0.0.1:1: nothing listens there; start that server, or set --b\n',
    });
    expect((await compared(BALANCES, 1, up.port)).stderr).toMatch(/^--a: cannot connect to 127\.0\.0\.1:1: /);
    expect(up.received).toEqual([]);
  });

  it('if a server goes down meanwhile, with the results so far', async () => {
    const a = await host(() => ({}));
    const b = await EspServer.start();
    b.answer = ({ referenceId }) => response(referenceId, 'b');
    const stopping = b.message(1).then(() => b.stop());
    const { code, stdout, stderr } = await compared(BALANCES, a, b.port, '--in-flight', '1');
    await stopping;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^--b: cannot connect to 127\.0\.0\.1:\d+: nothing listens there; start that server/);
    expect(stdout).toMatch(/\nall +\d+ +0 +\d+\n$/);
  });

  it.each<[string, () => string[], RegExp]>([
    ['a file that is not there', () => ['/nowhere.jsonl'], /^cannot read \/nowhere\.jsonl: ENOENT/],
    [
      'a line that is not a message',
      () => [lines(line('Test', 'Echo', []), '', '{}')],
      /r\.jsonl:3:1: connection must be/,
    ],
    ['no request', () => [lines('')], /^the recording has no request to send\n$/],
    [
      'a method that is not there',
      () => [BALANCES, '--method', 'Test.Ecco'],
      /^the recording has no request of Test\.Ecco to send\n$/,
    ],
    ['no method', () => [BALANCES, '--method', 'Echo'], /Expected Service\.Method/],
    ['no number', () => [BALANCES, '--in-flight', '0'], /Expected a whole number from 1 to/],
    ['no charset', () => [BALANCES, '--charset', 'klingon'], /unknown charset 'klingon'/],
  ])('for %s', async (_name, words, message) => {
    const a = await host(() => ({}));
    const [recording = '', ...more] = words();
    expect(await compared(recording, a, a, ...more)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });

  it('without the servers', async () => {
    const { code, stderr } = await runCommand(['compare', BALANCES]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("required option '--a <host:port>' not specified")]);
  });
});
