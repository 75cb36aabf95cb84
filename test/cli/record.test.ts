import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { EspServer } from '../mock-platform/interaction-server/esp-server.js';
import { response } from '../mock-platform/interaction-server/setting.js';
import { file, folder, removeFolders } from '../support/files.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { RunningCommand, runCommand } from '../support/run-command.js';

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

  it.each<[string, (port: number, out: string) => string[], RegExp]>([
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
