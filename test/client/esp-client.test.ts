import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type EspRequestOptions, requestOf } from '../../src/client/esp-client.js';
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
import { type EspMessage, type JsonEntry, MessageId } from '../../src/esp/index.js';
import { Addp, charset, decodeBody, encodeAddp, encodeMessage, FrameReader } from '../../src/wire/index.js';
import { deferred, pluginOf, TestHost } from '../support/esp-host.js';
import { until } from '../support/eventually.js';
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

/** A server that answers every request, and counts its connections. */
async function counted() {
  const served = await serve((message, reply) => reply(responseTo(message, {})));
  const server = Object.assign(served, { accepted: 0 });
  served.on('connection', () => server.accepted++);
  return { server, port: served.port };
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

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

  it.each<[string, Partial<EspRequestOptions>, JsonEntry[]]>([
    ['without a target', {}, []],
    ['by the name of a type', { appType: 'SocialMS' }, [['AppType', 'str', 'SocialMS']]],
    ['by the number of a type', { appType: 0 }, [['AppType', 'int', 0]]],
    [
      'in UTF-16',
      { appName: 'DMS', appType: 'SocialMS', text: 'utf16' },
      [
        ['AppName', 'utf16', 'DMS'],
        ['AppType', 'utf16', 'SocialMS'],
      ],
    ],
  ])('has only what it was given: %s', (_name, given, target) => {
    const kind = given.text ?? 'str';
    expect(messageToJson(requestOf({ ...call, ...given }))).toEqual({
      messageId: 500,
      referenceId: 0,
      request: [
        ['Version', kind, '1.0'],
        ...target,
        ['Service', kind, 'Test'],
        ['Method', kind, 'Echo'],
        ['Parameters', 'list', []],
      ],
      userData: null,
    });
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

  it.each<[string, EspMessage['request'], string]>([
    ['UTF-16', KeyValueList.from({ Service: 'A', Method: 'B' }, 'utf16'), 'A.B'],
    ['no names', KeyValueList.from({ Service: 1 }), '.'],
    ['no Request list', undefined, '.'],
  ])('is named in the error, if it has a name: %s', async (_what, request, name) => {
    const { port } = await serve(() => undefined);
    const message = { messageId: 500, referenceId: undefined, request, userData: undefined };
    const asked = (await clientOf({ port })).requestMessage(message, { timeoutMs: 10 });
    await expect(asked).rejects.toEqual(new RequestTimeoutError(name, 10));
  });

  it('is not sent if its signal has fired before', async () => {
    const methods: unknown[] = [];
    const { port } = await serve((message, reply) => {
      methods.push(message.request?.string('Method'));
      reply(responseTo(message, {}));
    });
    const client = await clientOf({ port });
    const asked = client.request({ ...call, method: 'Never' }, { signal: AbortSignal.abort(new Error('too late')) });
    await expect(asked).rejects.toThrow('too late');
    await client.request(call);
    expect(methods).toEqual(['Echo']);
  });

  it('leaves no timer behind, nor does one with a reply', async () => {
    const { port } = await serve((message, reply) => {
      if (message.request?.string('Method') === 'Echo') reply(responseTo(message, {}));
    });
    const client = await clientOf({ port });
    const before = timers();
    const abort = new AbortController();
    const cancelled = client.request({ ...call, method: 'Never' }, { signal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(cancelled).rejects.toThrow('changed my mind');
    await client.request(call);
    expect(timers()).toBe(before);
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
    await expect((await clientOf({ port })).request(call)).rejects.toThrow(
      `the connection to 127.0.0.1:${port} was lost: the server closed it`,
    );
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

describe('reconnecting', () => {
  const reconnect = { minMs: 1, maxMs: 5 };
  const gone = async (): Promise<number> => {
    const server = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    return server.port;
  };

  it('goes on if the first attempt fails; a request waits for it, up to its timeout', async () => {
    const port = await gone();
    const connected = deferred();
    const client = new EspClient({
      host: '127.0.0.1',
      port,
      reconnect,
      events: { connected: () => connected.resolve() },
    });
    cleanups.push(() => client.close());
    await expect(client.connect()).rejects.toThrow('nothing listens there');
    await expect(client.request(call, { timeoutMs: 20 })).rejects.toEqual(new RequestTimeoutError('Test.Echo', 20));
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(client.request(call, { signal })).rejects.toThrow('too late');
    expect(client.connected).toBe(false);
    const asked = client.request(call);
    await serve((message, reply) => reply(responseTo(message, {})), undefined, port);
    expect((await asked).fault).toBeUndefined();
    await connected.promise;
  });

  it('pauses for longer after each failure, and begins anew after a connection', async () => {
    const pauses: number[] = [];
    const later = globalThis.setTimeout;
    const spy = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) => {
      if (ms >= 1_000_000) pauses.push(ms);
      return later(run, ms >= 1_000_000 ? 0 : ms);
    }) as typeof setTimeout);
    cleanups.push(() => spy.mockRestore());
    jest.spyOn(Math, 'random').mockReturnValue(0);
    cleanups.push(() => jest.restoreAllMocks());
    const port = await gone();
    const connected = deferred();
    const client = new EspClient({
      host: '127.0.0.1',
      port,
      reconnect: { minMs: 1_000_000, maxMs: 4_000_000 },
      events: { connected: () => connected.resolve() },
    });
    cleanups.push(() => client.close());
    await expect(client.connect()).rejects.toThrow(ConnectError);
    await until(() => pauses.length >= 4);
    expect(pauses.slice(0, 4)).toEqual([1_000_000, 2_000_000, 4_000_000, 4_000_000]);
    await serve((_message, _reply, socket) => socket.destroy(), undefined, port);
    await connected.promise;
    const before = pauses.length;
    await expect(client.request(call)).rejects.toThrow(ConnectionLostError);
    await until(() => pauses.length > before);
    expect(pauses[before]).toBe(1_000_000);
  });

  it('ends with close(), also while it pauses', async () => {
    const port = await gone();
    const before = timers();
    const client = new EspClient({ host: '127.0.0.1', port, reconnect: { minMs: 10_000, maxMs: 10_000 } });
    await expect(client.connect()).rejects.toThrow(ConnectError);
    expect(timers()).toBe(before + 1);
    const waiting = expect(client.request(call)).rejects.toThrow(NotConnectedError);
    await client.close();
    await waiting;
    expect(timers()).toBe(before);
    await expect(client.request(call)).rejects.toThrow(NotConnectedError);
  });

  it('is not needed after connect()', async () => {
    const port = await gone();
    const before = timers();
    const client = new EspClient({ host: '127.0.0.1', port, reconnect: { minMs: 10_000, maxMs: 10_000 } });
    cleanups.push(() => client.close());
    await expect(client.connect()).rejects.toThrow(ConnectError);
    await serve((message, reply) => reply(responseTo(message, {})), undefined, port);
    await client.connect();
    expect([client.connected, timers()]).toEqual([true, before]);
  });

  it('is off by default', async () => {
    const { port } = await serve((_message, _reply, socket) => socket.destroy());
    const disconnected = deferred<Error | undefined>();
    const client = await clientOf({ port, events: { disconnected: disconnected.resolve } });
    const before = timers();
    await expect(client.request(call)).rejects.toThrow(ConnectionLostError);
    expect(await disconnected.promise).toEqual(new Error('the server closed the connection'));
    expect([client.connected, timers()]).toEqual([false, before]);
    await expect(client.request(call)).rejects.toThrow(NotConnectedError);
  });
});

describe('connecting', () => {
  it('opens one connection, however often it is called', async () => {
    const { server, port } = await counted();
    const client = new EspClient({ host: '127.0.0.1', port });
    cleanups.push(() => client.close());
    await Promise.all([client.connect(), client.connect()]);
    await client.connect();
    await client.request(call);
    expect(server.accepted).toBe(1);
  });

  it('is undone by close(), even before it ends', async () => {
    const { port } = await counted();
    let connected = 0;
    const disconnected = deferred<Error | undefined>();
    const events = { connected: () => connected++, disconnected: disconnected.resolve };
    const client = new EspClient({ host: '127.0.0.1', port, reconnect: { minMs: 1, maxMs: 1 }, events });
    const connecting = client.connect();
    await client.close();
    await connecting;
    expect(await disconnected.promise).toBeUndefined();
    expect([client.connected, connected]).toEqual([false, 0]);
  });

  it('again right after close() is not disturbed by the end of the first connection', async () => {
    const { server, port } = await counted();
    const disconnected = deferred<Error | undefined>();
    const client = await clientOf({ port, events: { disconnected: disconnected.resolve } });
    await client.close();
    await client.connect();
    expect(await disconnected.promise).toBeUndefined();
    expect(client.connected).toBe(true);
    await client.request(call);
    expect(server.accepted).toBe(2);
  });

  it('that fails fails the requests that wait for it', async () => {
    const { server, port } = await counted();
    await new Promise((resolve) => server.close(resolve));
    const client = new EspClient({ host: '127.0.0.1', port });
    const connecting = expect(client.connect()).rejects.toThrow(ConnectError);
    await expect(client.request(call)).rejects.toEqual(new NotConnectedError(`127.0.0.1:${port}`));
    await connecting;
  });

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
