import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import { charset, type EspMessage, encodeMessage, KeyValueList, messageFromJson, messageToJson } from '#wire';
import { outcome, request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';
import { vectors } from '../../wire/vectors.js';
import { application, response, Setting } from './setting.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const DMS = { AppName: 'DMS' };
const validate = (referenceId: number | undefined, more = {}): EspMessage =>
  request(referenceId, 'Messaging', 'ValidateContact', { Id: '+16315551002' }, { ...DMS, ...more });

/** Where the ReferenceId stands in a body as the SDK lays it out: attribute count, message id, attribute id, type. */
const REFERENCE_ID = 1 + 4 + 4 + 1;

/** A frame, or a packet extension, with another ReferenceId and every other byte as it was. */
function withReferenceId(frame: Buffer, referenceId: number): Buffer {
  const copy = Buffer.from(frame);
  const header = frame.includes('$PACKET EXTENSION V1.00$') ? 4 + 24 + 4 + 4 : 4;
  copy.writeInt32BE(referenceId, header + REFERENCE_ID);
  return copy;
}

function bytesOf(socket: { on(event: 'data', listener: (chunk: Buffer) => void): unknown }): Buffer[] {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  return chunks;
}

describe('relayed traffic', () => {
  it('is byte for byte what the vendor SDK sent, except for the ReferenceId: requests', async () => {
    const { server, client } = await setting.usual();
    const sent = vectors
      .filter(({ messageId }) => messageId === 500)
      .map((vector) => {
        const { request: list, ...rest } = messageFromJson(vector);
        const named = new KeyValueList([{ key: 'AppName', type: 'str', value: 'DMS' }, ...(list?.entries ?? [])]);
        return encodeMessage({ ...rest, request: named }, charset());
      });
    for (const frame of sent) client.write(frame);
    await server.message(sent.length - 1);
    const expected = sent.map((frame, index) =>
      withReferenceId(frame, server.received[index]?.message.referenceId ?? 0),
    );
    expect(sent.length).toBe(80);
    expect(Buffer.concat(server.stream).equals(Buffer.concat(expected))).toBe(true);
  });

  it('is byte for byte what the vendor SDK sent, except for the ReferenceId: responses and faults', async () => {
    const { server, client } = await setting.usual();
    const stream = bytesOf(client.socket);
    const answers = vectors.filter(({ messageId }) => messageId !== 500).map(({ hex }) => Buffer.from(hex, 'hex'));
    for (const [index, frame] of answers.entries()) {
      client.send(validate(1000 + index));
      const { message } = await server.message(index);
      server.write(withReferenceId(frame, message.referenceId ?? 0));
    }
    await client.messages(answers.length);
    const expected = answers.map((frame, index) => withReferenceId(frame, 1000 + index));
    expect(answers.length).toBe(80);
    expect(Buffer.concat(stream).equals(Buffer.concat(expected))).toBe(true);
  });

  it('keeps unknown attributes, even before the ReferenceId, and strings that are not UTF-8', async () => {
    const { server, client } = await setting.usual();
    const stream = bytesOf(client.socket);
    const list = '0024 0002 00 0007 417070 4e616d65 0003 444d53'.replaceAll(' ', '');
    const entries = `${list}00 0003 4b6579 0009 ff fe 80 41 42 43 44 45 46`.replaceAll(' ', '');
    const attributes = [
      '00000009 69 00000005',
      '00000008 62 0004 0000',
      '00000000 69 00000063',
      '00000007 42 00000006 0000 01020304',
      `00000001 62 ${entries}`,
    ];
    const frameOf = (messageId: string, referenceId: string): string => {
      const parts = attributes.map((one, index) => (index === 2 ? `00000000 69 ${referenceId}` : one));
      const body = `05 ${messageId} ${parts.join('')}`.replaceAll(' ', '');
      return (body.length / 2).toString(16).padStart(8, '0') + body;
    };
    client.write(Buffer.from(frameOf('000001f4', '00000063'), 'hex'));
    const { message } = await server.message(0);
    const own = (message.referenceId ?? 0).toString(16).padStart(8, '0');
    expect(Buffer.concat(server.stream).toString('hex')).toBe(frameOf('000001f4', own));
    server.write(Buffer.from(frameOf('000001f5', own), 'hex'));
    await client.messages(1);
    expect(Buffer.concat(stream).toString('hex')).toBe(frameOf('000001f5', '00000063'));
  });

  it('includes requests in UTF-16', async () => {
    const { server, client } = await setting.usual();
    const named = KeyValueList.from({ AppName: 'DMS', Service: 'Messaging', Method: 'ValidateContact' }, 'utf16');
    client.send({ messageId: 500, referenceId: 3, request: named, userData: undefined });
    const { message } = await server.message(0);
    expect(messageToJson(message).request).toContainEqual(['AppName', 'utf16', 'DMS']);
  });
});

describe('ReferenceIds', () => {
  it("are Interaction Server's own towards a server, and each client gets its own back, in any order", async () => {
    const { server, interactionServer, client } = await setting.usual();
    const other = await setting.client(interactionServer);
    client.send(validate(7), validate(7), validate(-2));
    await server.message(2);
    other.send(validate(7));
    await server.message(3);
    const ids = server.received.map(({ message }) => message.referenceId);
    expect(new Set(ids).size).toBe(4);
    for (const index of [3, 2, 1, 0]) server.send(response(ids[index], `answer ${index}`));
    const toClient = await client.messages(3);
    const toOther = await other.messages(1);
    expect(toClient.map((message) => [message.referenceId, outcome(message)])).toEqual([
      [-2, '{"From":"answer 2"}'],
      [7, '{"From":"answer 1"}'],
      [7, '{"From":"answer 0"}'],
    ]);
    expect(toOther.map((message) => [message.referenceId, outcome(message)])).toEqual([[7, '{"From":"answer 3"}']]);
  });

  it('may be missing: the request is relayed unchanged, and gets no answer', async () => {
    const { server, client } = await setting.usual();
    const frame = encodeMessage(validate(undefined), charset());
    client.write(frame);
    const { message } = await server.message(0);
    expect(message.referenceId).toBeUndefined();
    expect(Buffer.concat(server.stream).equals(frame)).toBe(true);
    server.send(response(undefined, 'nobody'));
    client.send(validate(5));
    const second = await server.message(1);
    server.send(response(second.message.referenceId, 'somebody'));
    const answers = await client.messages(1);
    expect(answers.map((answer) => answer.referenceId)).toEqual([5]);
    expect(setting.log.matching(/Messaging\.ValidateContact has no ReferenceId: relayed to DMS/)).toHaveLength(1);
  });

  it('may be missing from a request that cannot be relayed: the fault is logged', async () => {
    const { server, client } = await setting.usual();
    server.answer = ({ referenceId }) => response(referenceId, 'DMS');
    client.send(validate(undefined, { AppName: 'Other' }));
    const answer = await client.ask(validate(6));
    expect(outcome(answer)).toBe('{"From":"DMS"}');
    expect(setting.log.matching(/Other unknown application/)).toHaveLength(1);
  });
});

describe('faults of its own', () => {
  it('902 and 901 have the ReferenceId, the layout of a fault, and the AppType of the request', async () => {
    const gone = await setting.server();
    const { port } = gone;
    await gone.stop();
    const interactionServer = await setting.interactionServer([application('DMS', 171, port)]);
    const client = await setting.client(interactionServer);
    expect(messageToJson(await client.ask(validate(11, { AppName: 'Other' })))).toEqual({
      messageId: 502,
      referenceId: 11,
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'int', 111],
        ['Service', 'str', 'Messaging'],
        ['Method', 'str', 'ValidateContact'],
        [
          'Parameters',
          'list',
          [
            ['FaultCode', 'str', '902'],
            ['FaultString', 'str', 'Other unknown application'],
          ],
        ],
      ],
      userData: null,
    });
    const down = await client.ask(request(12, 'Messaging', 'ValidateContact', {}, { AppType: 'SocialMS' }));
    expect(down.referenceId).toBe(12);
    expect(down.request?.string('AppType')).toBe('SocialMS');
    expect(outcome(down)).toBe(`901 DMS connection with 127.0.0.1:${port} failed`);
    expect(outcome(await client.ask(request(13, 'Messaging', 'ValidateContact')))).toBe(
      '902 Request names neither AppName nor AppType: unknown application',
    );
    const empty = await client.ask({ messageId: 500, referenceId: 14, request: undefined, userData: undefined });
    expect(outcome(empty)).toBe('902 Request names neither AppName nor AppType: unknown application');
  });

  it('are in UTF-16 if the request was', async () => {
    const { client } = await setting.usual();
    const named = KeyValueList.from({ AppName: 'Other', Service: 'Messaging', Method: 'ValidateContact' }, 'utf16');
    const answer = await client.ask({ messageId: 500, referenceId: 1, request: named, userData: undefined });
    const parameters = messageToJson(answer).request?.at(-1)?.[2];
    expect(parameters).toContainEqual(['FaultString', 'utf16', 'Other unknown application']);
  });

  it('are in UTF-16 if a name in the request is not valid text', async () => {
    const { client } = await setting.usual();
    const named = new KeyValueList([
      { key: 'AppName', type: 'utf16', value: 'Other\ud800' },
      { key: 'Service', type: 'str', value: 'Messaging' },
    ]);
    const answer = await client.ask({ messageId: 500, referenceId: 1, request: named, userData: undefined });
    expect(outcome(answer)).toBe('902 Other\ud800 unknown application');
  });

  it('920 after a timeout; a late answer is dropped', async () => {
    const { server, client } = await setting.usual({ deadlineMs: 20 });
    const answer = await client.ask(validate(21));
    expect(answer.referenceId).toBe(21);
    expect(outcome(answer)).toBe(
      '920 DMS failed to execute request Messaging.ValidateContact: deadline of 20 ms passed',
    );
    const late = await server.message(0);
    server.send(response(late.message.referenceId, 'late'));
    server.answer = ({ referenceId }) => response(referenceId, 'in time');
    const next = await client.ask(validate(22));
    expect([next.referenceId, outcome(next)]).toEqual([22, '{"From":"in time"}']);
  });

  it('920 if the connection is lost while waiting; the next connection works', async () => {
    const { server, client } = await setting.usual();
    client.send(validate(31), validate(32));
    await server.message(1);
    server.drop();
    const lost = await client.messages(2);
    const text = '920 DMS failed to execute request Messaging.ValidateContact: connection lost';
    expect(lost.map((answer) => [answer.referenceId, outcome(answer)])).toEqual([
      [31, text],
      [32, text],
    ]);
    await setting.log.line(/the connection to DMS was lost: .+ address=127\.0\.0\.1:\d+/);
    await setting.log.line(/connected to DMS/, 1);
    server.answer = ({ referenceId }) => response(referenceId, 'again');
    expect(outcome(await client.ask(validate(33)))).toBe('{"From":"again"}');
  });
});

describe('third-party-server options', () => {
  const PREFIX = '920 DMS failed to execute request Messaging.ValidateContact: ';

  it('window and queue: requests wait, whoever sent them, and one too many is rejected at once', async () => {
    const { server, interactionServer, client } = await setting.usual({
      thirdPartyServer: { windowSize: 1, queueSize: 1 },
    });
    const other = await setting.client(interactionServer);
    client.send(validate(1));
    const first = await server.message(0);
    other.send(validate(2), validate(3));
    await other.messages(1);
    expect(other.received.map((answer) => [answer.referenceId, outcome(answer)])).toEqual([
      [3, `${PREFIX}third-party-server-queue-size of 1 reached`],
    ]);
    expect(setting.log.matching(/third-party-server-queue-size of 1 reached/)).toHaveLength(1);
    expect(server.received).toHaveLength(1);
    server.send(response(first.message.referenceId, 'first'));
    const second = await server.message(1);
    server.send(response(second.message.referenceId, 'second'));
    await other.messages(2);
    expect([...client.received, ...other.received.slice(1)].map(outcome)).toEqual([
      '{"From":"first"}',
      '{"From":"second"}',
    ]);
  });

  it('window: a client that disconnects makes a place, and a request without ReferenceId needs none', async () => {
    const { server, interactionServer, client } = await setting.usual({
      thirdPartyServer: { windowSize: 1, queueSize: 1 },
    });
    const other = await setting.client(interactionServer);
    client.send(validate(1), validate(undefined));
    await server.message(1);
    other.send(validate(2));
    client.socket.destroy();
    const { message } = await server.message(2);
    server.send(response(message.referenceId, 'here'));
    await other.messages(1);
    expect(other.received.map(outcome)).toEqual(['{"From":"here"}']);
  });

  it('queue: its requests are lost with the connection', async () => {
    const { server, client } = await setting.usual({ thirdPartyServer: { windowSize: 1 } });
    client.send(validate(1), validate(2), validate(3));
    await server.message(0);
    server.drop();
    await client.messages(3);
    expect(client.received.map(outcome)).toEqual(Array.from({ length: 3 }, () => `${PREFIX}connection lost`));
    expect(server.received).toHaveLength(1);
  });

  it.each<[object, number, string]>([
    [{ timeoutMs: 30_000 }, 30_000, 'third-party-server-timeout of 30000 ms passed'],
    [{}, 15_000, 'deadline of 15000 ms passed'],
  ])('timeout: %j', async (thirdPartyServer, ms, text) => {
    const clock = new FakeClock();
    const { server, client } = await setting.usual({ thirdPartyServer, clock });
    client.send(validate(1));
    const late = await server.message(0);
    clock.advance(ms - 1);
    client.send(validate(2));
    await server.message(1);
    clock.advance(1);
    await client.messages(1);
    server.send(response(late.message.referenceId, 'late'));
    server.send(response(server.received[1]?.message.referenceId, 'in time'));
    await client.messages(2);
    expect(client.received.map((answer) => [answer.referenceId, outcome(answer)])).toEqual([
      [1, PREFIX + text],
      [2, '{"From":"in time"}'],
    ]);
  });
});

describe('servers', () => {
  it('are found when they start later', async () => {
    const first = await setting.server();
    const { port } = first;
    await first.stop();
    const interactionServer = await setting.interactionServer([application('DMS', 171, port)]);
    const client = await setting.client(interactionServer);
    expect(outcome(await client.ask(validate(1)))).toMatch(/^901 /);
    expect(interactionServer.isConnected('DMS')).toBe(false);
    const server = await setting.server(port);
    server.answer = ({ referenceId }) => response(referenceId, 'late riser');
    await setting.log.line(/connected to DMS/);
    expect(interactionServer.isConnected('DMS')).toBe(true);
    expect(outcome(await client.ask(validate(2)))).toBe('{"From":"late riser"}');
    expect(setting.log.matching(/no connection to DMS yet: .*nothing listens there/)).toHaveLength(1);
  });

  it('of one type take turns, and the others continue if one is lost', async () => {
    const [a, b] = [await setting.server(), await setting.server()];
    a.answer = ({ referenceId }) => response(referenceId, 'A');
    b.answer = ({ referenceId }) => response(referenceId, 'B');
    const interactionServer = await setting.interactionServer([
      application('DMS_1', 171, a.port),
      application('DMS_2', 171, b.port),
    ]);
    const client = await setting.client(interactionServer);
    const ask = async (more: object): Promise<string> =>
      outcome(await client.ask(request(1, 'Messaging', 'ValidateContact', {}, { ...more })));
    expect([await ask({ AppType: 171 }), await ask({ AppType: '171' }), await ask({ AppType: 'socialms' })]).toEqual([
      '{"From":"A"}',
      '{"From":"B"}',
      '{"From":"A"}',
    ]);
    expect(await ask({ AppName: 'DMS_1', AppType: 171 })).toBe('{"From":"A"}');
    await b.stop();
    await setting.log.line(/the connection to DMS_2 was lost/);
    expect([await ask({ AppType: 171 }), await ask({ AppType: 171 })]).toEqual(['{"From":"A"}', '{"From":"A"}']);
    expect(await ask({ AppName: 'DMS_2' })).toMatch(/^901 DMS_2 connection with /);
  });

  it('may be reached over TLS', async () => {
    const { server: own } = await certificates();
    const server = await setting.server(0, { cert: own.certificate, key: own.key });
    server.answer = ({ referenceId }) => response(referenceId, 'TLS');
    const dms = { ...application('DMS', 171, server.port), tls: { ca: own.certificate } };
    const interactionServer = await setting.interactionServer([dms]);
    const client = await setting.client(interactionServer);
    expect(outcome(await client.ask(validate(1)))).toBe('{"From":"TLS"}');
  });
});

describe('clients', () => {
  it('that disconnect while waiting do not affect others', async () => {
    const { server, interactionServer, client } = await setting.usual();
    const other = await setting.client(interactionServer);
    client.send(validate(1));
    const first = await server.message(0);
    other.send(validate(1));
    const second = await server.message(1);
    client.socket.destroy();
    await client.closed;
    server.send(response(first.message.referenceId, 'gone'));
    server.send(response(second.message.referenceId, 'here'));
    await other.messages(1);
    expect(other.received.map(outcome)).toEqual(['{"From":"here"}']);
  });

  it('that send a broken frame are disconnected, with a log line, and others are not', async () => {
    const { server, interactionServer, client } = await setting.usual();
    server.answer = ({ referenceId }) => response(referenceId, 'DMS');
    const other = await setting.client(interactionServer);
    client.write('GET / HTTP/1.1\r\n\r\n');
    await client.closed;
    expect(await setting.log.line(/connection closed/)).toMatch(/WARN .*HTTP.*first bytes 474554202f/);
    expect(outcome(await other.ask(validate(1)))).toBe('{"From":"DMS"}');
  });

  it('that send anything but a request get no answer, with a log line', async () => {
    const { server, client } = await setting.usual();
    server.answer = ({ referenceId }) => response(referenceId, 'DMS');
    client.send(response(1, 'a client'), { ...validate(2), messageId: 17 });
    const answer = await client.ask(validate(3));
    expect(answer.referenceId).toBe(3);
    expect(setting.log.matching(/Event3rdServerResponse was sent to Interaction Server and is ignored/)).toHaveLength(
      1,
    );
    expect(setting.log.matching(/message 17 was sent to Interaction Server and is ignored/)).toHaveLength(1);
    expect(server.received).toHaveLength(1);
  });

  it('can be many, with many requests each', async () => {
    const { server, interactionServer } = await setting.usual();
    server.answer = (message) => response(message.referenceId, message.request?.list('Parameters')?.string('Id') ?? '');
    const clients = await Promise.all(Array.from({ length: 20 }, () => setting.client(interactionServer)));
    const ids = Array.from({ length: 50 }, (_, index) => index);
    for (const [number, client] of clients.entries()) {
      client.send(...ids.map((id) => request(id, 'Messaging', 'ValidateContact', { Id: `${number}.${id}` }, DMS)));
    }
    for (const [number, client] of clients.entries()) {
      const answers = await client.messages(ids.length);
      expect(answers.map((answer) => [answer.referenceId, outcome(answer)])).toEqual(
        ids.map((id) => [id, `{"From":"${number}.${id}"}`]),
      );
    }
  });
});

describe('close', () => {
  it('answers pending requests with 920, closes the connections, and can be called again', async () => {
    const { server, interactionServer, client } = await setting.usual();
    client.send(validate(1));
    await server.message(0);
    const closing = Promise.all([interactionServer.close(), interactionServer.close()]);
    await client.messages(1);
    expect(client.received.map(outcome)).toEqual([
      '920 DMS failed to execute request Messaging.ValidateContact: connection lost',
    ]);
    await client.closed;
    await closing;
    expect(interactionServer.isConnected('DMS')).toBe(false);
    await expect(setting.client(interactionServer)).rejects.toThrow('ECONNREFUSED');
  });

  it('gives up on servers that never started', async () => {
    const gone = await setting.server();
    const { port } = gone;
    await gone.stop();
    const interactionServer = await setting.interactionServer([application('DMS', 171, port)]);
    await interactionServer.close();
    const server = await setting.server(port);
    const watched = await setting.interactionServer([application('Other', 64, port)]);
    server.answer = ({ referenceId }) => response(referenceId, 'Other');
    const client = await setting.client(watched);
    expect(outcome(await client.ask(validate(1, { AppName: 'Other' })))).toBe('{"From":"Other"}');
    expect(setting.log.matching(/connected to DMS/)).toHaveLength(0);
  });
});

it('listen fails if the port is in use', async () => {
  const { interactionServer } = await setting.usual();
  await expect(setting.interactionServer([], { port: interactionServer.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

describe('a stop', () => {
  it('closes a client that does not close its own side', async () => {
    const server = await setting.server();
    const interactionServer = await setting.interactionServer([application('DMS', 171, server.port)]);
    const halfOpen = connect({ port: interactionServer.port, host: '127.0.0.1', allowHalfOpen: true }).resume();
    try {
      await once(halfOpen, 'connect');
      await interactionServer.close();
    } finally {
      halfOpen.destroy();
    }
  });
});
