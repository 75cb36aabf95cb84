import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConnectError,
  ConnectionLostError,
  EspClient,
  type EspClientOptions,
  KeyValueList,
  messageToJson,
  NotConnectedError,
  RequestTimeoutError,
} from '../../src/client.js';
import { type EspMessage, MessageId } from '../../src/esp/index.js';
import { Addp, charset, decodeBody, encodeAddp, encodeMessage, FrameReader } from '../../src/wire/index.js';
import { deferred, pluginOf, TestHost } from '../support/esp-host.js';
import { certificates } from '../support/tls.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** A server of a socket and the codec alone: `answer` gets each request and its socket. */
async function serve(
  answer: (message: EspMessage, reply: (message: EspMessage) => void, socket: Socket) => void,
  addp: (letter: string, value: number, socket: Socket) => void = () => undefined,
  port = 0,
): Promise<Server & { port: number }> {
  const server = createServer((socket) => {
    const reply = (message: EspMessage): void => {
      socket.write(encodeMessage(message, charset()));
    };
    const reader = new FrameReader(
      {
        body: (bytes, start, end) => answer(decodeBody(bytes, start, end, charset()), reply, socket),
        addp: (letter, value) => addp(String.fromCharCode(letter), value, socket),
      },
      1 << 24,
    );
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => reader.push(chunk));
    cleanups.push(() => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return Object.assign(server, { port: (server.address() as { port: number }).port });
}

async function clientOf(options: Partial<EspClientOptions> & { port: number }): Promise<EspClient> {
  const client = new EspClient({ host: '127.0.0.1', ...options });
  cleanups.push(() => client.close());
  await client.connect();
  return client;
}

const responseTo = (request: EspMessage, parameters: Record<string, string>): EspMessage => ({
  messageId: MessageId.Event3rdServerResponse,
  referenceId: request.referenceId,
  request: KeyValueList.from({ Version: '1.0', Parameters: parameters }),
  userData: undefined,
});

const call = { service: 'Test', method: 'Echo' };

describe('a request', () => {
  it('is laid out as the vendor clients do it', async () => {
    const seen = deferred<EspMessage>();
    const { port } = await serve((message, reply) => {
      seen.resolve(message);
      reply(responseTo(message, {}));
    });
    const client = await clientOf({ port });
    await client.request({ ...call, appName: 'DMS', appType: 171, parameters: { Id: '1' }, userData: { k: 'v' } });
    const { request, userData } = messageToJson(await seen.promise);
    expect(request).toEqual([
      ['Version', 'str', '1.0'],
      ['AppName', 'str', 'DMS'],
      ['AppType', 'int', 171],
      ['Service', 'str', 'Test'],
      ['Method', 'str', 'Echo'],
      ['Parameters', 'list', [['Id', 'str', '1']]],
    ]);
    expect(userData).toEqual([['k', 'str', 'v']]);
  });

  it('returns a response, or the code and text of a fault', async () => {
    const host = await TestHost.start({ plugins: [pluginOf('Test', 'Echo', (one) => one.received)] });
    cleanups.push(() => host.stop());
    const client = await clientOf({ port: host.adapter.port });
    const reply = await client.request({ ...call, parameters: { Say: 'hé' }, text: 'utf16' });
    expect(reply.fault).toBeUndefined();
    expect(reply.parameters.entries).toEqual([{ key: 'Say', type: 'utf16', value: 'hé' }]);
    expect((await client.request({ service: 'No', method: 'Way' })).fault).toEqual({
      code: '902',
      text: 'No unknown service',
    });
  });

  it('finds its reply by ReferenceId, in whatever order replies come', async () => {
    const held: (() => void)[] = [];
    const { port } = await serve((message, reply) => {
      const parameters = message.request?.list('Parameters');
      held.push(() => reply(responseTo(message, { Id: parameters?.string('Id') ?? '' })));
      if (held.length === 3) for (const answer of held.reverse()) answer();
    });
    const client = await clientOf({ port });
    const replies = await Promise.all(['a', 'b', 'c'].map((Id) => client.request({ ...call, parameters: { Id } })));
    expect(replies.map((reply) => reply.parameters.string('Id'))).toEqual(['a', 'b', 'c']);
  });

  it('and its reply may be larger than a frame', async () => {
    const { port } = await serve((message, reply) =>
      reply(responseTo(message, { Id: message.request?.list('Parameters')?.string('Id') ?? '' })),
    );
    const Id = 'x'.repeat(100_000);
    expect((await (await clientOf({ port })).request({ ...call, parameters: { Id } })).parameters.string('Id')).toBe(
      Id,
    );
  });

  it("keeps the caller's ReferenceId of a whole message", async () => {
    const { port } = await serve((message, reply) => reply(responseTo(message, {})));
    const client = await clientOf({ port });
    const message = {
      messageId: 500,
      referenceId: -7,
      request: KeyValueList.from({ Service: 'x' }),
      userData: undefined,
    };
    expect((await client.requestMessage(message)).referenceId).toBe(-7);
  });
});

describe('a request that gets no reply', () => {
  it('fails with RequestTimeoutError; the late reply is reported as unmatched, and others are not affected', async () => {
    const late: (() => void)[] = [];
    const unmatched = deferred<EspMessage>();
    const { port } = await serve((message, reply) => {
      if (message.request?.string('Method') === 'Slow') late.push(() => reply(responseTo(message, { Late: 'yes' })));
      else reply(responseTo(message, {}));
    });
    const client = await clientOf({ port, events: { unmatched: unmatched.resolve } });
    const slow = client.request({ ...call, method: 'Slow' }, { timeoutMs: 30 });
    await expect(slow).rejects.toEqual(new RequestTimeoutError('Test.Slow', 30));
    late[0]?.();
    expect((await unmatched.promise).request?.list('Parameters')?.string('Late')).toBe('yes');
    expect((await client.request(call)).fault).toBeUndefined();
  });

  it('ends with the reason of its signal', async () => {
    const { port } = await serve(() => undefined);
    const abort = new AbortController();
    const asked = (await clientOf({ port })).request(call, { signal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(asked).rejects.toThrow('changed my mind');
  });

  it('fails with ConnectionLostError if the connection ends, and describes malformed bytes', async () => {
    const { port } = await serve((message, _reply, socket) => {
      if (message.request?.string('Method') === 'Garbage') socket.end(Buffer.from('ffffffffffff', 'hex'));
      else socket.destroy();
    });
    await expect((await clientOf({ port })).request(call)).rejects.toThrow(ConnectionLostError);
    await expect((await clientOf({ port })).request({ ...call, method: 'Garbage' })).rejects.toThrow(
      /was lost: frame length 4294967295 exceeds 16380, at byte 0 of the stream; first bytes ffffffffffff/,
    );
  });

  it('fails with ConnectionLostError if this client closes', async () => {
    const { port } = await serve(() => undefined);
    const client = await clientOf({ port });
    const asked = client.request(call);
    const lost = expect(asked).rejects.toThrow(/closed by this client/);
    await client.close();
    await lost;
    await expect(client.request(call)).rejects.toThrow(NotConnectedError);
  });
});

describe('connecting', () => {
  it('fails with the address and the reason', async () => {
    const server = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    await expect(clientOf({ port: server.port })).rejects.toEqual(
      new ConnectError(`127.0.0.1:${server.port}`, 'nothing listens there'),
    );
  });

  it('works over mutual TLS, and reports certificate errors', async () => {
    const pem = await certificates();
    const host = await TestHost.start({
      plugins: [pluginOf('Test', 'Echo', () => ({ Ok: 'yes' }))],
      tls: { ...pem.server, clientCa: pem.client.certificate },
    });
    cleanups.push(() => host.stop());
    const { port } = host.adapter;
    const client = await clientOf({ port, tls: { ca: pem.server.certificate, ...pem.client } });
    expect((await client.request(call)).parameters.string('Ok')).toBe('yes');
    await expect(clientOf({ port, tls: pem.client })).rejects.toThrow(/not signed by a trusted authority/);
  });

  it('with TLS to a server without TLS reports it', async () => {
    const raw = createServer((socket) => {
      cleanups.push(() => socket.destroy());
      socket.on('error', () => undefined).end('hello, no TLS here');
    });
    raw.listen(0, '127.0.0.1');
    await once(raw, 'listening');
    cleanups.unshift(() => new Promise((resolve) => raw.close(resolve)));
    await expect(clientOf({ port: (raw.address() as { port: number }).port, tls: {} })).rejects.toThrow(
      /does not speak TLS/,
    );
  });

  it('again after a loss, if configured: requests wait for the new connection', async () => {
    const disconnected = deferred<Error | undefined>();
    const first = await serve((_message, _reply, socket) => socket.destroy());
    const client = await clientOf({
      port: first.port,
      reconnect: { minMs: 5, maxMs: 20 },
      events: { disconnected: disconnected.resolve },
    });
    await expect(client.request(call)).rejects.toThrow(ConnectionLostError);
    await new Promise((resolve) => first.close(resolve));
    await disconnected.promise;
    const asked = client.request(call);
    await serve((message, reply) => reply(responseTo(message, { From: 'second' })), undefined, first.port);
    expect((await asked).parameters.string('From')).toBe('second');
  });
});

describe('ADDP', () => {
  it('is asked for at once, the polls of the server are answered, and a silent server is given up', async () => {
    const frames: string[] = [];
    const polled = deferred();
    const { port } = await serve(
      () => undefined,
      (letter, value, socket) => {
        frames.push(`${letter} ${value}`);
        if (letter === 'I') socket.write(Buffer.concat([encodeAddp(Addp.InitAck, 1), encodeAddp(Addp.Poll, 9)]));
        if (letter === 'p') polled.resolve();
      },
    );
    const over = deferred<Error | undefined>();
    await clientOf({ port, addp: { timeoutMs: 40, remoteTimeoutMs: 1234 }, events: { disconnected: over.resolve } });
    await polled.promise;
    expect((await over.promise)?.message).toMatch(/ADDP: the peer has been silent/);
    expect(frames).toEqual(['I 1234', 'p 9', 'P 0']);
  });
});

describe('a client', () => {
  const echo = async () => serve((message, reply) => reply(responseTo(message, {})));

  it('knows its own address while it is connected', async () => {
    const { port } = await echo();
    const client = await clientOf({ port });
    expect(client.local).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(client.local?.port).not.toBe(port);
    expect(new EspClient({ host: '127.0.0.1', port }).local).toBeUndefined();
  });

  it('reports its own close as expected', async () => {
    const disconnected = deferred<Error | undefined>();
    const { port } = await echo();
    const client = await clientOf({ port, events: { disconnected: disconnected.resolve } });
    await client.close();
    expect(await disconnected.promise).toBeUndefined();
  });

  it('closes when it is disposed', async () => {
    const { port } = await echo();
    const client = await clientOf({ port });
    await client[Symbol.asyncDispose]();
    expect(client.connected).toBe(false);
    await expect(client.request(call)).rejects.toMatchObject({ code: 'ESP_CLIENT_NOT_CONNECTED' });
  });

  it('that was never connected does not wait for a connection', async () => {
    const client = new EspClient({ host: '127.0.0.1', port: 1, reconnect: { minMs: 1, maxMs: 1 } });
    await expect(client.request(call)).rejects.toMatchObject({ code: 'ESP_CLIENT_NOT_CONNECTED' });
  });

  it('sends a request while it connects', async () => {
    const { port } = await echo();
    const client = new EspClient({ host: '127.0.0.1', port });
    cleanups.push(() => client.close());
    const connected = client.connect();
    expect((await client.request(call)).fault).toBeUndefined();
    await connected;
  });

  it('ignores a malformed late reply', async () => {
    const unmatched: EspMessage[] = [];
    const broken = Buffer.from('0000001702000001f5000000006900000063000000016200050000', 'hex');
    broken.writeUInt32BE(broken.length - 4);
    const { port } = await serve((message, reply, socket) => {
      socket.write(broken);
      reply(responseTo(message, { Ok: 'yes' }));
    });
    const client = await clientOf({ port, events: { unmatched: (message) => unmatched.push(message) } });
    expect((await client.request(call)).parameters.string('Ok')).toBe('yes');
    expect(unmatched).toEqual([]);
  });

  it('verifies the name in the certificate of its server', async () => {
    const pem = await certificates();
    const host = await TestHost.start({ tls: pem.server });
    cleanups.push(() => host.stop());
    const { port } = host.adapter;
    const ca = pem.server.certificate;
    expect((await clientOf({ port, tls: { ca, servername: 'localhost' } })).connected).toBe(true);
    await expect(clientOf({ port, tls: { ca, servername: 'other.example' } })).rejects.toMatchObject({
      code: 'ESP_CLIENT_CONNECT_FAILED',
    });
  });
});
