import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { charset, encodeAddp, encodeMessage, messageFromJson } from '#wire';
import { type Recording, startRecording } from '../../../mock-platform/recording/index.js';
import { file, folder, removeFolders } from '../../support/files.js';
import { outcome, request } from '../../support/raw-client.js';
import { vectors } from '../../wire/vectors.js';
import { EspServer } from '../interaction-server/esp-server.js';
import { response } from '../interaction-server/setting.js';
import { CONFIG, PLATFORM, PlatformSetting } from '../platform-setting.js';

let setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  setting = new PlatformSetting();
});
afterAll(removeFolders);

interface Line {
  readonly direction: string;
  readonly connection: number;
  readonly referenceId: number;
  readonly hex: string;
  readonly [key: string]: unknown;
}

const lines = (path: string): Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function record(port: number): Promise<{ recording: Recording; out: string }> {
  const out = join(folder(), 'recording.jsonl');
  const listen = { host: '127.0.0.1', port: 0 };
  const recording = await startRecording({ listen, to: { host: '127.0.0.1', port }, out, logger: setting.log.logger });
  setting.onEnd(() => recording.close());
  return { recording, out };
}

const greet = (referenceId: number | undefined, Name: string, more = {}) =>
  request(referenceId, 'Greeting', 'Greet', { Name }, more);

/** What a platform answers whose host is this recording. */
async function replay(recorded: string | readonly object[], config = CONFIG) {
  const path =
    typeof recorded === 'string'
      ? recorded
      : file('r.jsonl', recorded.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const platform = await setting.platform(config, PLATFORM, { replay: path });
  return { platform, client: await setting.client(platform.esp), path };
}

describe('a recording', () => {
  it('has each message as JSON and as bytes, and changes none', async () => {
    const server = await setting.server();
    const { recording, out } = await record(server.port);
    const client = await setting.client(recording.relay);
    const stream: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => stream.push(chunk));
    const sent = vectors.map(({ hex }) => Buffer.from(hex, 'hex'));
    client.write(Buffer.concat([encodeAddp(0x49, 0), ...sent]));
    await server.message(sent.length - 1);
    for (const one of sent) server.write(one);
    await client.messages(sent.length);
    expect(Buffer.concat(server.stream).equals(Buffer.concat([encodeAddp(0x49, 0), ...sent]))).toBe(true);
    expect(Buffer.concat(stream).equals(Buffer.concat(sent))).toBe(true);
    const recorded = lines(out);
    for (const direction of ['toServer', 'toClient']) {
      const way = recorded.filter((line) => line.direction === direction);
      expect(way.map(({ hex }) => hex)).toEqual(vectors.map(({ hex }) => hex));
      expect(way[0]).toMatchObject({ connection: 1, at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
      const { messageId, referenceId, request: list, userData } = vectors[0] ?? {};
      expect(way[0]).toMatchObject({ messageId, referenceId, request: list, userData });
    }
    expect(recording.counts).toEqual({
      requests: 160,
      responses: 2 * vectors.filter(({ messageId }) => messageId === 501).length,
      faults: 2 * vectors.filter(({ messageId }) => messageId === 502).length,
      others: 0,
      addp: 1,
      connections: 1,
    });
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  it('has no secrets, and has invalid bytes with their error', async () => {
    const server = await setting.server();
    const { recording, out } = await record(server.port);
    const client = await setting.client(recording.relay);
    client.send(request(1, 'A', 'B', { password: 'hunter2', deep: { token: 'hunter2' } }));
    const { message } = await server.message(0);
    expect(message.request?.list('Parameters')?.string('password')).toBe('hunter2');
    client.write(Buffer.from('0000000e01000001f4000000016200040001', 'hex'));
    server.stop();
    await client.closed;
    const [first, second] = lines(out);
    expect(JSON.stringify(first)).not.toMatch(/hunter2|68756e74657232/);
    expect(JSON.stringify(first)).toContain('["password","str","*******"]');
    expect(second).toMatchObject({
      error: expect.stringMatching(/list of 1 entries does not fit/),
      hex: expect.any(String),
    });
    const { client: replayed } = await replay(out);
    expect(outcome(await replayed.ask(request(1, 'A', 'B', {})))).toMatch(/^902 /);
  });

  it('does not overwrite another file', async () => {
    const server = await setting.server();
    const out = file('there.jsonl', 'precious');
    const address = { host: '127.0.0.1', port: 0 };
    await expect(startRecording({ listen: address, to: { ...address, port: server.port }, out })).rejects.toMatchObject(
      {
        code: 'EEXIST',
      },
    );
    expect(readFileSync(out, 'utf8')).toBe('precious');
  });
});

describe('a replay', () => {
  it('answers a client like the recorded host', async () => {
    const platform = await setting.platform();
    const { recording, out } = await record(platform.esp.port);
    const client = await setting.client(recording.relay);
    const asked = [
      greet(1, 'Ann'),
      greet(2, 'Bob', { AppName: 'DMS', MessageID: 5 }),
      request(3, 'Greeting', 'Greet', { Name: 'Ann', Language: 'fr' }),
      request(4, 'Nothing', 'Here'),
    ];
    const answers: Buffer[] = [];
    for (const one of asked) answers.push(encodeMessage(await client.ask(one), charset()));
    await client.close();
    await recording.close();
    await platform.stop();
    const replayed = await replay(out);
    for (const [index, one] of [...asked.entries()].reverse()) {
      const again = await replayed.client.ask({ ...one, referenceId: one.referenceId });
      expect(encodeMessage(again, charset()).equals(answers[index] as Buffer)).toBe(true);
    }
    expect(outcome(await replayed.client.ask(greet(77, 'Ann')))).toBe('{"Greeting":"Hello, Ann!"}');
    expect(replayed.client.received.at(-1)?.referenceId).toBe(77);
    const other = greet(5, 'Bob', { AppName: 'DMS', MessageID: 6, RequestorInfo: { name: 'x' } });
    expect(outcome(await replayed.client.ask(other))).toBe('{"Greeting":"Hello, Bob!"}');
    expect(replayed.platform.journal.find({ outcome: 'response' })).toHaveLength(4);
    const routed = await setting.client(replayed.platform.interactionServer);
    expect(outcome(await routed.ask(other))).toBe('{"Greeting":"Hello, Bob!"}');
    expect(replayed.platform.welcome()).toMatch(
      /Replay +127.0.0.1:\d+, as DMS \(type 171\): Greeting.Greet, Nothing.Here\n.*Answers only the requests in .*recording\.jsonl/s,
    );
  });

  it('gives several answers in order, and repeats the last', async () => {
    const line = (direction: string, referenceId: number, from: string) => ({
      connection: 1,
      direction,
      ...(direction === 'toServer'
        ? {
            messageId: 500,
            referenceId,
            request: [
              ['Service', 'str', 'A'],
              ['Method', 'str', 'B'],
            ],
          }
        : { messageId: 501, referenceId, request: [['Parameters', 'list', [['From', 'str', from]]]] }),
    });
    const { client } = await replay([
      line('toServer', 1, ''),
      line('toServer', 2, ''),
      line('toClient', 2, 'second'),
      line('toClient', 1, 'first'),
      line('toServer', 1, ''),
      line('toClient', 1, 'third'),
    ]);
    const ask = messageFromJson({
      messageId: 500,
      referenceId: 9,
      request: [
        ['Service', 'str', 'A'],
        ['Method', 'str', 'B'],
      ],
    });
    const answers: string[] = [];
    for (let count = 0; count < 4; count++) answers.push(outcome(await client.ask(ask)));
    expect(answers).toEqual(['second', 'first', 'third', 'third'].map((from) => `{"From":"${from}"}`));
  });

  it('recognizes a request with a different secret', async () => {
    const server = await setting.server();
    server.answer = ({ referenceId }) => response(referenceId, 'server');
    const { recording, out } = await record(server.port);
    const client = await setting.client(recording.relay);
    await client.ask(request(1, 'A', 'B', { password: 'hunter2', credentials: { user: 'ann' } }));
    await client.close();
    await recording.close();
    const { client: replayed } = await replay(out);
    const again = request(1, 'A', 'B', { password: 'longer than before', credentials: { user: 'bob' } });
    expect(outcome(await replayed.ask(again))).toBe('{"From":"server"}');
  });

  it('answers unrecorded requests with 902, and logs the nearest one', async () => {
    const list = (service: string, id: string) => [
      ['Service', 'str', service],
      ['Method', 'str', 'Greet'],
      [
        'Parameters',
        'list',
        [
          ['Name', 'str', id],
          ['token', 'str', '***'],
        ],
      ],
    ];
    const exchange = (referenceId: number, service: string, id: string) => [
      { connection: 1, direction: 'toServer', messageId: 500, referenceId, request: list(service, id) },
      { connection: 1, direction: 'toClient', messageId: 501, referenceId, request: [] },
    ];
    const unanswered = {
      connection: 2,
      direction: 'toServer',
      messageId: 500,
      referenceId: 1,
      request: list('Lost', 'Ann'),
    };
    const { client, platform } = await replay([
      ...exchange(1, 'Greeting', 'Ann'),
      ...exchange(2, 'Other', 'Bob'),
      unanswered,
    ]);
    const ask = (service: string, method: string, Name: string) =>
      client.ask(request(1, service, method, { Name, token: 'hunter2' }));
    expect(outcome(await ask('Greeting', 'Greet', 'Bob'))).toBe(
      '902 Greeting.Greet was not recorded with these parameters',
    );
    expect(outcome(await ask('Greeting', 'Other', 'Ann'))).toBe('902 Greeting.Other unknown method');
    expect(outcome(await ask('Lost', 'Greet', 'Ann'))).toBe('902 Lost unknown service');
    expect(setting.log.matching(/the nearest is/)[0]).toContain(
      'WARN  Greeting.Greet was not recorded with these parameters: the nearest is Greeting.Greet in line 1, which differs in Parameters.Name: str "Bob", not str "Ann" referenceId=1 client=127.0.0.1:',
    );
    expect(platform.journal.find({ text: 'the nearest is' })).toHaveLength(3);
    expect(JSON.stringify(setting.log.lines)).not.toContain('hunter2');
  });

  it('closes only a connection with malformed data', async () => {
    const { client, platform } = await replay([]);
    const other = await setting.client(platform.esp);
    client.write('GET / HTTP/1.1\r\n\r\n');
    await client.closed;
    expect(outcome(await other.ask(greet(1, 'Ann')))).toBe('902 Greeting unknown service');
    expect(setting.log.matching(/the recording has no answered request/)).toHaveLength(1);
  });

  it.each([
    ['{', /r.jsonl:2:1: is not JSON: each line/],
    ['5', /r.jsonl:2:1: each line must be a JSON object, such as /],
    ['{"direction":"toServer"}', /r.jsonl:2:1: connection must be a number/],
    ['{"connection":1}', /r.jsonl:2:1: direction must be toServer or toClient/],
    ['{"connection":1,"direction":"toServer","hex":"0"}', /r.jsonl:2:40: hex must be the bytes of the message/],
    ['{"connection":1,"direction":"toServer","hex":"00000005010000"}', /r.jsonl:2:40: message of 3 bytes/],
    ['{"connection":1,"direction":"toServer"}', /r.jsonl:2:1: messageId: must be a number/],
  ])('of a file with the line %s is refused', async (line, message) => {
    const started = setting.platform(CONFIG, PLATFORM, { replay: file('r.jsonl', `\n${line}\n`) });
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.toMatchObject({ name: 'RecordingError', code: 'ESP_MOCK_INVALID_RECORDING' });
  });

  it('of a missing file is refused', async () => {
    await expect(setting.platform(CONFIG, PLATFORM, { replay: '/nowhere.jsonl' })).rejects.toThrow(
      'cannot read /nowhere.jsonl: ENOENT',
    );
  });
});

it('a recording that cannot start leaves no file', async () => {
  const server = await EspServer.start();
  setting.onEnd(() => server.stop());
  const out = join(folder(), 'r.jsonl');
  const taken = { host: '127.0.0.1', port: server.port };
  await expect(startRecording({ listen: taken, to: taken, out })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(existsSync(out)).toBe(false);
});
