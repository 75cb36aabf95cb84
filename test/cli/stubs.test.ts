import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadStubs, type StubServer, StubSet, startStubServer } from 'esp-host/mock';
import { type JsonEntry, type JsonMessage, messageFromJson, messageToJson } from '#wire';
import { file, folder, removeFolders } from '../support/files.js';
import { outcome, RawClient, request as requestOf } from '../support/raw-client.js';
import { RunningCommand, runCommand } from '../support/run-command.js';

const run = (...words: string[]) => runCommand(words);

const servers: StubServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
afterAll(removeFolders);

const asked = (referenceId: number, account: string): JsonMessage => ({
  messageId: 500,
  referenceId,
  request: [
    ['AppName', 'str', 'Billing'],
    ['AppType', 'int', 23],
    ['Service', 'str', 'Billing'],
    ['Method', 'str', 'GetBalance'],
    ['Parameters', 'list', [['Account', 'str', account]]],
  ],
  userData: null,
});

/** As a server of its own layout gives it: no AppType, and a key twice. */
const answered = (messageId: number, referenceId: number, ...parameters: JsonEntry[]): JsonMessage => ({
  messageId,
  referenceId,
  request: [
    ['Service', 'str', 'Billing'],
    ['Parameters', 'list', parameters],
  ],
  userData: null,
});

const EXCHANGES: readonly (readonly [JsonMessage, JsonMessage])[] = [
  [asked(1, '17'), answered(501, 1, ['Balance', 'str', '12.50'], ['Balance', 'int', 12])],
  [asked(2, '18'), answered(502, 2, ['FaultCode', 'str', '404'], ['FaultString', 'str', 'no ${account} {{18}}'])],
  [asked(3, '17'), answered(501, 3, ['Balance', 'str', '0.00'])],
];

const recording = (): string =>
  file(
    'r.jsonl',
    EXCHANGES.flatMap(([request, reply]) => [
      JSON.stringify({ connection: 1, direction: 'toServer', ...request }),
      JSON.stringify({ connection: 1, direction: 'toClient', ...reply }),
    ]).join('\n'),
  );

describe('stubs from', () => {
  it('prints stubs that answer like the recorded server, in the same order', async () => {
    const out = join(folder(), 'stubs.yaml');
    expect(await run('stubs', 'from', recording(), '--out', out)).toEqual({ code: 0, stdout: '', stderr: '' });
    const { config } = loadStubs(out);
    expect(config.application).toEqual({ name: 'Billing', type: 23 });
    const server = await startStubServer({ stubs: new StubSet(config) });
    servers.push(server);
    const client = await RawClient.open(server.port);
    for (const [request, reply] of EXCHANGES) {
      expect(messageToJson(await client.ask(messageFromJson(request)))).toEqual(reply);
    }
    await client.close();
  });

  it('prints them for the named application', async () => {
    const { code, stdout } = await run('stubs', 'from', recording(), '--app-name', 'Mine', '--app-type', '171');
    expect(code).toBe(0);
    expect(loadStubs(file('s.yaml', stdout)).config.application).toEqual({ name: 'Mine', type: 171 });
  });

  it.each<[string, () => string[], RegExp]>([
    ['a file that is not there', () => ['/nowhere.jsonl'], /^cannot read \/nowhere\.jsonl: ENOENT/],
    ['no recording', () => [file('r.jsonl', 'hello\n')], /r\.jsonl:1:1: /],
    ['nothing that was answered', () => [file('r.jsonl', '')], /^the recording has no answered request\n$/],
    ['a file that is there', () => [recording(), '--out', file('s.yaml', '')], /already exists: choose another --out/],
    ['no type', () => [recording(), '--app-type', 'SocialMS'], /Expected a whole number from 1 to 999999999/],
  ])('%s is an error', async (_name, words, message) => {
    const { code, stdout, stderr } = await run('stubs', 'from', ...words());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('keeps an existing file', async () => {
    const there = file('s.yaml', 'mine');
    await run('stubs', 'from', recording(), '--out', there);
    expect(readFileSync(there, 'utf8')).toBe('mine');
  });
});

describe('stubs serve', () => {
  const stub = (balance: string): string =>
    `application: { name: Billing, type: 90 }
stubs:
  - { match: { service: Billing, method: GetBalance }, answer: { parameters: { Balance: "${balance}" } } }
  - { match: { service: Billing, method: Pay }, answer: { none: true }, disabled: true }
  - { match: { service: Mail }, answer: { none: true } }
`;

  it('says what it answers, and answers until it is stopped', async () => {
    const path = file('stubs.yaml', stub('1'));
    const serving = new RunningCommand(['stubs', 'serve', path, '--listen', ':0', '--charset', 'windows-1251']);
    const [, port] = await serving.printed(
      /^Billing \(type 90\) answers at 127\.0\.0\.1:(\d+) from \S+; press Ctrl-C to stop\n {2}Billing\.GetBalance: 1 stub\n {2}Mail\.\*: 1 stub\n/,
    );
    const client = await RawClient.open(Number(port));
    const balance = async (id: number) => outcome(await client.ask(requestOf(id, 'Billing', 'GetBalance')));
    expect(await balance(1)).toBe('{"Balance":"1"}');
    expect(outcome(await client.ask(requestOf(2, 'Billing', 'Pay')))).toBe('902 Billing.Pay unknown method');
    const ended = serving.signal('SIGTERM');
    await client.closed;
    expect(await ended).toMatchObject({ code: 0 });
  });

  it.each<[string, (port: number) => string[], RegExp]>([
    ['an invalid file', () => [file('s.yaml', 'stubs: 5\n')], /s\.yaml:1:8: stubs must be a list, not 5\n$/],
    ['a missing file', () => ['/nowhere/stubs.yaml'], /nowhere\/stubs\.yaml/],
    [
      'HTTP stubs',
      () => [file('s.yaml', 'stubs: [{ match: { path: /a } }]\n')],
      /has HTTP stubs: name it under upstreams in platform\.yaml/,
    ],
    [
      'a port that is in use',
      (port) => [file('s.yaml', stub('1')), '--listen', `:${port}`],
      /^cannot listen on 127\.0\.0\.1:\d+: another program listens there; choose another --listen\n$/,
    ],
    [
      'another address',
      () => [file('s.yaml', stub('1')), '--listen', '[2001:db8::1]:7150'],
      /^cannot listen on \[2001:db8::1\]:7150: listen /,
    ],
    ['an unknown charset', () => [file('s.yaml', stub('1')), '--charset', 'klingon'], /^unknown charset 'klingon'\n$/],
  ])('refuses %s', async (_name, words, message) => {
    const taken = await startStubServer({ stubs: new StubSet({ stubs: [] }) });
    servers.push(taken);
    const { code, stdout, stderr } = await run('stubs', 'serve', '--listen', ':0', ...words(taken.port));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
