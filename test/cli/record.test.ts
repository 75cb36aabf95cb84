import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startRelay } from '../../mock-platform/relay/index.js';
import { EspServer } from '../mock-platform/interaction-server/esp-server.js';
import { response } from '../mock-platform/interaction-server/setting.js';
import { file, folder, removeFolders } from '../support/files.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { RunningCommand, runCommand } from '../support/run-command.js';
import { certificates } from '../support/tls.js';

const servers: EspServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(removeFolders);

async function server(): Promise<EspServer> {
  const started = await EspServer.start();
  servers.push(started);
  started.answer = ({ referenceId }) => response(referenceId, 'server');
  return started;
}

const record = (port: number, out: string, ...more: string[]): string[] => [
  ...['record', '--listen', ':0', '--to', `127.0.0.1:${port}`, '--out', out],
  ...more,
];

describe('record', () => {
  it('writes all traffic until it is stopped, and prints its amount', async () => {
    const { port } = await server();
    const out = join(folder(), 'r.jsonl');
    const recording = new RunningCommand(record(port, out));
    const [, listens] = await recording.printed(
      /^recording 127\.0\.0\.1:(\d+) -> 127\.0\.0\.1:\d+ to \S+; press Ctrl-C to stop$/m,
    );
    const client = await RawClient.open(Number(listens));
    expect(outcome(await client.ask(request(1, 'A', 'B', { password: 'hunter2' })))).toBe('{"From":"server"}');
    await client.close();
    const { code, stdout, stderr } = await recording.signal('SIGINT');
    expect(readFileSync(out, 'utf8').split('\n')).toHaveLength(3);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.split('\n').slice(1)).toEqual([
      `recorded 1 requests, 1 responses, 0 faults and 0 other messages on 1 connections (0 ADDP frames passed) in ${out}`,
      '',
    ]);
    const encoded = await runCommand(['wire', 'encode', out]);
    expect(encoded.stdout.split('\n').slice(0, -1)).toEqual(
      readFileSync(out, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).hex),
    );
    expect(readFileSync(out, 'utf8')).not.toContain('hunter2');
  });

  it('speaks TLS with the client and with the server', async () => {
    const pem = await certificates();
    const { port } = await server();
    const relay = await startRelay({
      listen: { host: '127.0.0.1', port: 0 },
      to: () => ({ host: '127.0.0.1', port }),
      tls: { ...pem.server, clientCa: pem.client.certificate },
      observer: {},
    });
    const home = folder();
    const pemFile = (name: string, text: string) => file(name, text, home);
    const [certificate, key] = [pemFile('client.pem', pem.client.certificate), pemFile('client.key', pem.client.key)];
    const [own, ownKey] = [pemFile('server.pem', pem.server.certificate), pemFile('server.key', pem.server.key)];
    const out = join(home, 'r.jsonl');
    const recording = new RunningCommand([
      ...['record', '--listen', ':0', '--to', `localhost:${relay.port}`, '--out', out],
      ...['--tls-ca', own, '--tls-cert', certificate, '--tls-key', key],
      ...['--listen-tls-cert', own, '--listen-tls-key', ownKey, '--listen-tls-client-ca', certificate],
    ]);
    const [, listens] = await recording.printed(
      /^recording 127\.0\.0\.1:(\d+) \(TLS\) -> localhost:\d+ \(TLS\) to \S+; press Ctrl-C to stop$/m,
    );
    const secure = { ca: pem.server.certificate, servername: 'localhost' };
    const client = await RawClient.openTls(Number(listens), {
      ...secure,
      cert: pem.client.certificate,
      key: pem.client.key,
    });
    expect(outcome(await client.ask(request(1, 'A', 'B')))).toBe('{"From":"server"}');
    const refused = await RawClient.openTls(Number(listens), secure);
    await refused.closed;
    await client.close();
    expect((await recording.signal('SIGINT')).stderr).toContain('recorded 1 requests, 1 responses');
    await relay.close();
  });

  it.each<[string, (port: number, out: string) => string[], RegExp]>([
    ...['--listen-tls-cert', '--listen-tls-key', '--listen-tls-client-ca'].map(
      (option): [string, (port: number, out: string) => string[], RegExp] => [
        `${option} alone`,
        (port, out) => record(port, out, option, 'package.json'),
        /^--listen-tls-cert and --listen-tls-key must be used together\n$/,
      ],
    ),
    [
      'a client key alone',
      (port, out) => record(port, out, '--tls-key', 'package.json'),
      /^--tls-cert and --tls-key must be used together\n$/,
    ],
    [
      'no PEM file',
      (port, out) => record(port, out, '--listen-tls-cert', 'package.json', '--listen-tls-key', 'package.json'),
      /^package\.json is not a PEM file/,
    ],
    [
      'no usable certificate',
      (port, out) => {
        const key = file('key.pem', '-----BEGIN PRIVATE KEY-----\n');
        return record(port, out, '--listen-tls-cert', key, '--listen-tls-key', key);
      },
      /key\.pem and \S+key\.pem are not a usable certificate and key: [^\n]+\n$/,
    ],
    [
      'no certificate of an authority',
      (port, out) => {
        const key = file('ca.pem', '-----BEGIN PRIVATE KEY-----\n');
        return record(port, out, '--listen-tls-cert', key, '--listen-tls-key', key, '--listen-tls-client-ca', key);
      },
      /ca\.pem has no certificate\n$/,
    ],
    [
      'a port that is taken',
      (port, out) => [...record(port, out), '--listen', `:${port}`],
      /^cannot listen on 127.0.0.1:\d+: another program listens there; choose another --listen\n$/,
    ],
    [
      'a file that is there',
      (port) => record(port, file('there', '')),
      /there already exists: choose another --out, or remove it\n$/,
    ],
    ['a folder that is not there', (port) => record(port, '/nowhere/r'), /^cannot record: ENOENT/],
    ['an unknown charset', (port, out) => record(port, out, '--charset', 'klingon'), /^unknown charset 'klingon'\n$/],
    ['no address', (_port, out) => ['record', '--out', out], /required option '--listen <host:port>' not specified/],
  ])('%s is an error', async (_name, words, text) => {
    const { port } = await server();
    const { code, stdout, stderr } = await runCommand(words(port, join(folder(), 'r.jsonl')));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(text);
  });
});

it('mock --replay reports an invalid recording', async () => {
  const config = file(
    'config.yaml',
    'application: { name: DMS }\nlisteners: { esp: { port: 0 }, metrics: { port: 0 } }\n',
  );
  const platform = file('platform.yaml', 'interactionServer: { port: 0 }\napplications: []\n');
  const words = ['mock', '--config', config, '--platform', platform, '--replay', file('r.jsonl', '{}\n')];
  const { code, stderr } = await runCommand(words);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/r.jsonl:1:1: connection must be a number\n$/),
  });
});
