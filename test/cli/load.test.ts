import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadCommand } from '../../src/cli/load.js';
import { EspFault } from '../../src/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { file, removeFolders } from '../support/files.js';
import { type Ended, killPrograms, Program } from '../support/processes.js';
import { runCommand } from '../support/run-command.js';
import { certificates } from '../support/tls.js';

/** What Echo was asked to say. */
const asked = new Set<string>();

const plugins = [
  pluginOf('Test', 'Echo', (call) => {
    asked.add(call.received.requireString('Say'));
    return call.received;
  }),
  pluginOf(
    'Test',
    'Half',
    (call) => {
      if ((call.request.referenceId ?? 0) % 2 === 0) throw new EspFault(404, 'even');
      return {};
    },
    { name: 'half' },
  ),
];

let host: TestHost;
beforeAll(async () => {
  host = await TestHost.start({ plugins, addressing: 'strict' });
});
afterAll(async () => {
  await host.stop();
  removeFolders();
});
afterEach(killPrograms);

const here = (): string => `127.0.0.1:${host.adapter.port}`;
const run = (...words: string[]): Promise<Ended> => runCommand(['load', ...words]);
const BRIEFLY = ['--duration', '0.3', '--connections', '2', '--in-flight', '4'];

/** The number behind a row's name. */
const row = (stdout: string, name: string): number =>
  Number(new RegExp(`^${name} +([\\d,.]+)`, 'm').exec(stdout)?.[1]?.replaceAll(',', ''));

describe('a load', () => {
  it('prints counts and latencies, and no progress without a terminal', async () => {
    const { code, stdout, stderr } = await run(here(), 'Say=hello', '--method', 'Test.Echo', ...BRIEFLY);
    expect([code, stderr]).toEqual([0, '']);
    expect(asked).toContain('hello');
    expect(row(stdout, 'responses')).toBeGreaterThan(10);
    for (const none of ['faults', 'timeouts', 'lost with their connection', 'replies to no request']) {
      expect(row(stdout, none)).toBe(0);
    }
    expect(stdout).toMatch(
      /^latency +ms\nmean +\d.*\n50 % +\d.*\n75 % .*\n90 % .*\n99 % .*\n99.9 % .*\n99.99 % .*\nlongest/m,
    );
    const counts = [...stdout.matchAll(/^up to [\d.]+ ms +([\d,]+)( #+)?$/gm)].map(([, count]) => count);
    const sum = counts.reduce((total, count) => total + Number(count?.replaceAll(',', '')), 0);
    expect(sum).toBe(row(stdout, 'responses'));
  });

  it('prints JSON', async () => {
    const { code, stdout } = await run(here(), '--method', 'Test.Half', '--json', ...BRIEFLY);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      faults: { 404: expect.any(Number) },
      latencyMs: { p50: expect.any(Number) },
    });
  });

  it('counts faults by code, with exit code 2', async () => {
    const { code, stdout } = await run(here(), '--method', 'Test.Half', ...BRIEFLY);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^faults +404: [\d,]+$/m);
    expect(row(stdout, 'responses')).toBeGreaterThan(0);
  });

  it('names its target, and calls Messaging.ValidateContact by default', async () => {
    const target = ['--app-name', 'DMS', '--app-type', '64', '--charset', 'windows-1251'];
    expect(await run(here(), ...target, ...BRIEFLY)).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^faults +902: [\d,]+$/m),
    });
    await host.log.line(/Messaging unknown service/);
    await run(here(), '--app-name', 'Other', ...BRIEFLY);
    await host.log.line(/Other unknown application/);
  });

  it('may use a connection for each request', async () => {
    const words = ['Say=x', '--method', 'Test.Echo', '--connection-per-request', ...BRIEFLY];
    expect((await run(here(), ...words)).code).toBe(0);
  });

  it('speaks TLS', async () => {
    const { server: pem } = await certificates();
    const tls = await TestHost.start({ plugins, tls: pem });
    const words = ['Say=x', '--method', 'Test.Echo', '--tls-ca', file('ca.pem', pem.certificate), ...BRIEFLY];
    expect((await run(`127.0.0.1:${tls.adapter.port}`, ...words)).code).toBe(0);
    await tls.stop();
  });

  it('stops early at Ctrl-C, and prints the report', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const loaded = once(server, 'connection');
    const program = new Program(['load', `127.0.0.1:${(server.address() as AddressInfo).port}`, '--duration', '9999']);
    await loaded;
    const { code, stdout } = await program.kill('SIGINT');
    expect([code, row(stdout, 'responses')]).toEqual([1, 0]);
    server.close();
  });
});

describe('exit code 1', () => {
  it('if requests go unanswered', async () => {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const words = ['--timeout', '250', '--connections', '1', '--in-flight', '8', '--duration', '0.6'];
    const { code, stdout } = await run(address, ...words);
    expect(code).toBe(1);
    expect(row(stdout, 'timeouts')).toBeGreaterThan(7);
    server.close();
  });

  it('if nothing listens', async () => {
    expect(await run('127.0.0.1:1', ...BRIEFLY)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'cannot connect to 127.0.0.1:1: nothing listens there\n',
    });
  });

  it.each([
    [['nowhere'], /Expected HOST:PORT/],
    [['127.0.0.1:1', '--method', 'Echo'], /Expected Service\.Method/],
    [['127.0.0.1:1', '--method', 'Test.'], /Expected Service\.Method/],
    [['127.0.0.1:1', '--connections', '0'], /Expected a whole number from 1 to/],
    [['127.0.0.1:1', '--in-flight', '1.5'], /Expected a whole number from 1 to/],
    [['127.0.0.1:1', '--duration', '-1'], /Expected a number of seconds greater than 0/],
    [['127.0.0.1:1', 'Id'], /'Id': write a parameter as/],
    [['127.0.0.1:1', '--charset', 'klingon'], /unknown charset 'klingon'/],
    [[], /missing required argument 'host:port'/],
  ])('%j', async (words, text) => {
    expect(await run(...words)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(text) });
  });
});

describe('an option of a load', () => {
  const parsed = (...words: string[]) => {
    const command = loadCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    command.parseOptions(words);
    return command.opts();
  };

  it('has its default', () => {
    expect(parsed()).toEqual({
      method: { service: 'Messaging', method: 'ValidateContact' },
      connections: 8,
      inFlight: 16,
      duration: 10,
      timeout: 10_000,
      charset: 'utf-8',
    });
  });

  it.each(['1', '999999'])('counts %s', (text) => {
    expect(parsed('--connections', text, '--in-flight', text)).toMatchObject({
      connections: Number(text),
      inFlight: Number(text),
    });
  });
  it.each(['0', '1000000', '10x', 'x10', '1.5', ''])('counts no %j', (text) => {
    expect(() => parsed('--connections', text)).toThrow('Expected a whole number from 1 to 999999.');
    expect(() => parsed('--in-flight', text)).toThrow('Expected a whole number from 1 to 999999.');
  });

  it.each(['0.5', '10', '12.25', '2000000'])('lasts %s s', (text) => {
    expect(parsed('--duration', text).duration).toBe(Number(text));
  });
  it.each(['0', '0.0', '-1', '10x', 'x10', '1.', '.5', '1e3', '2000001', ''])('lasts no %j s', (text) => {
    expect(() => parsed('--duration', text)).toThrow('Expected a number of seconds greater than 0, up to 2000000.');
  });
});
