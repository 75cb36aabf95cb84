import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { charset, encodeAddp, encodeMessage } from '#wire';
import type { Action, Direction, Frame, Interference } from '../../../mock-platform/relay/index.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';
import { vectors } from '../../wire/vectors.js';
import { response } from '../interaction-server/setting.js';
import { RelaySetting } from './setting.js';

let setting = new RelaySetting();
afterEach(async () => {
  await setting.end();
  setting = new RelaySetting();
});

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const ask = (referenceId: number | undefined) => request(referenceId, 'Messaging', 'ValidateContact', { Id: '+1' });

/** A server that passes its connections to the test. */
async function listening(options: { allowHalfOpen?: boolean } = {}) {
  const sockets: Socket[] = [];
  let taken = 0;
  let wake: (() => void) | undefined;
  let each: ((socket: Socket) => void) | undefined;
  const server = createServer(options, (socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
    each?.(socket);
    wake?.();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  setting.onEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    each: (run: (socket: Socket) => void): void => {
      each = run;
    },
    /** The next connection. */
    accepted: async (): Promise<Socket> => {
      if (sockets.length === taken) await new Promise<void>((resolve) => (wake = resolve));
      return sockets[taken++] as Socket;
    },
  };
}

async function read(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

const errorOf = async (socket: Socket): Promise<string | undefined> => {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code;
};

describe('bytes', () => {
  it('pass unchanged in both directions, including ADDP frames', async () => {
    const server = await setting.server();
    const frames: string[] = [];
    const relay = await setting.relay(server.port, {
      observer: {
        frame: (_connection, direction, frame) => frames.push(`${direction} ${frame.bytes.toString('hex')}`),
      },
    });
    const client = await setting.client(relay);
    const sent = [encodeAddp(0x49, 5000), ...vectors.map(({ hex }) => bytes(hex)), encodeAddp(0x50, 0)];
    const stream: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => stream.push(chunk));
    client.write(Buffer.concat(sent));
    await server.message(vectors.length - 1);
    for (const one of sent) server.write(one);
    await client.messages(vectors.length);
    await client.addpFrames(2);
    expect(Buffer.concat(server.stream).equals(Buffer.concat(sent))).toBe(true);
    expect(Buffer.concat(stream).equals(Buffer.concat(sent))).toBe(true);
    const hex = sent.map((one) => one.toString('hex'));
    expect(frames.filter((one) => one.startsWith('toServer'))).toEqual(hex.map((one) => `toServer ${one}`));
    expect(frames.filter((one) => one.startsWith('toClient'))).toEqual(hex.map((one) => `toClient ${one}`));
  });

  it('that are malformed pass too, and are reported to the observer', async () => {
    const { port, accepted } = await listening();
    const relay = await setting.relay(port);
    const socket = await setting.socket(relay);
    socket.end('GET / HTTP/1.1\r\n\r\n');
    const server = await accepted();
    expect(await read(server)).toBe('GET / HTTP/1.1\r\n\r\n');
    expect(await setting.told.line(/broken/)).toMatch(/^broken 1 toServer frame length .*HTTP.* at byte 0/);
  });

  it('with malformed lists pass too', async () => {
    const { port, accepted } = await listening();
    const relay = await setting.relay(port);
    const socket = await setting.socket(relay);
    socket.end(bytes('0000000e01000001f40000000162000500'));
    expect((await read(await accepted())).length).toBe(17);
    expect(await setting.told.line(/broken/)).toMatch(/^broken 1 toServer the connection ended inside a frame/);
    const other = await setting.socket(relay);
    other.end(bytes('0000000e01000001f4000000016200040001'));
    expect((await read(await accepted())).length).toBe(18);
    expect(await setting.told.line(/broken 2/)).toMatch(/^broken 2 toServer list of 1 entries/);
    expect(setting.told.lines.filter((line) => line.startsWith('request'))).toEqual([]);
  });
});

describe('the end of a connection', () => {
  it('is relayed: a client that sends FIN still gets its answer', async () => {
    const { port, accepted } = await listening({ allowHalfOpen: true });
    const relay = await setting.relay(port);
    const socket = await setting.socket(relay);
    socket.end(encodeMessage(ask(1), charset()));
    const server = await accepted();
    await once(server.resume(), 'end');
    const answer = encodeMessage(response(1, 'late'), charset());
    server.end(answer);
    expect(await read(socket)).toBe(answer.toString('latin1'));
    expect(await setting.told.line(/closed/)).toBe('closed 1 the client closed the connection');
    expect(setting.told.lines).toContain('answered 1 501');
  });

  it('is relayed: a server that sends FIN loses the pending requests', async () => {
    const { port, accepted } = await listening();
    const relay = await setting.relay(port);
    const client = await setting.client(relay);
    client.send(ask(1), ask(2), ask(undefined));
    const server = await accepted();
    await once(server, 'data');
    server.write(encodeMessage(response(2, 'one'), charset()));
    server.end();
    await client.messages(1);
    await client.closed;
    expect(await setting.told.line(/closed 1/)).toBe('closed 1 the server closed the connection');
    expect(setting.told.lines.slice(0, -1)).toEqual([
      'request 1 Messaging.ValidateContact',
      'request 2 Messaging.ValidateContact',
      'request undefined Messaging.ValidateContact',
      'unanswered undefined none: the request has no ReferenceId',
      'answered 2 501',
      'unanswered 1 lost: the server closed the connection',
    ]);
  });

  it.each(['client', 'server'])('is relayed: a reset by the %s', async (who) => {
    const { port, accepted } = await listening();
    const relay = await setting.relay(port);
    const socket = await setting.socket(relay);
    socket.write(encodeMessage(ask(1), charset()));
    const server = await accepted();
    await once(server, 'data');
    const [from, to] = who === 'client' ? [socket, server] : [server, socket];
    const error = errorOf(to);
    from.resetAndDestroy();
    expect(await error).toBe('ECONNRESET');
    expect(await setting.told.line(/closed/)).toBe(`closed 1 connection to the ${who} failed: ECONNRESET`);
    expect(setting.told.lines).toContain(`unanswered 1 lost: connection to the ${who} failed: ECONNRESET`);
  });

  it('follows at once if no server listens, with the reason in the log', async () => {
    const { port } = await setting.server();
    await setting.end();
    setting = new RelaySetting();
    const relay = await setting.relay(port);
    const client = await setting.client(relay);
    await client.closed;
    expect(await setting.log.line(/closed/)).toMatch(
      new RegExp(`WARN .*cannot connect to 127.0.0.1:${port}: nothing listens there`),
    );
  });

  it('follows at the latest when the relay stops', async () => {
    const { port, accepted } = await listening({ allowHalfOpen: true });
    const relay = await setting.relay(port);
    const socket = await setting.socket(relay);
    socket.write(encodeMessage(ask(1), charset()));
    await once(await accepted(), 'data');
    const ended = once(socket.resume(), 'end');
    await Promise.all([relay.close(), relay.close()]);
    await ended;
    expect(setting.told.lines).toContain('unanswered 1 lost: the relay was stopped');
    await expect(setting.client(relay)).rejects.toThrow('ECONNREFUSED');
  });
});

it('listen fails if the port is in use', async () => {
  const server = await setting.server();
  await expect(setting.relay(server.port, { listen: { host: '127.0.0.1', port: server.port } })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

describe('connections', () => {
  it('can be many, each with its own server connection', async () => {
    const { port, each } = await listening();
    each((socket) => socket.pipe(socket));
    const relay = await setting.relay(port);
    const clients = await Promise.all(Array.from({ length: 20 }, () => setting.client(relay)));
    const ids = Array.from({ length: 50 }, (_, index) => index);
    for (const [number, client] of clients.entries()) client.send(...ids.map((id) => ask(number * 1000 + id)));
    for (const [number, client] of clients.entries()) {
      const replies = await client.messages(ids.length);
      expect(replies.map((message) => message.referenceId)).toEqual(ids.map((id) => number * 1000 + id));
    }
  });
});

it('requests with one ReferenceId are answered one after the other', async () => {
  const { port, accepted } = await listening();
  const relay = await setting.relay(port);
  const client = await setting.client(relay);
  client.send(ask(1), ask(1), ask(1));
  const server = await accepted();
  await once(server, 'data');
  for (const from of ['one', 'two']) server.write(encodeMessage(response(1, from), charset()));
  await client.messages(2);
  server.end();
  await setting.told.line(/closed 1/);
  expect(setting.told.lines.slice(3)).toEqual([
    ...['answered 1 501', 'answered 1 501', 'unanswered 1 lost: the server closed the connection'],
    'closed 1 the server closed the connection',
  ]);
});

describe('TLS', () => {
  it('works on either side, and relays a reset', async () => {
    const { server: own } = await certificates();
    const server = await setting.server(0, { cert: own.certificate, key: own.key });
    server.answer = ({ referenceId }) => response(referenceId, 'TLS');
    const relay = await setting.relay(server.port, { tls: own, toTls: { ca: own.certificate } });
    const client = await RawClient.openTls(relay.port, { ca: own.certificate });
    expect(outcome(await client.ask(ask(1)))).toBe('{"From":"TLS"}');
    await client.close();
    await setting.told.line(/closed 1/);
    const { port, accepted } = await listening();
    const plain = await setting.relay(port, { tls: own });
    const socket = connectTls({ port: plain.port, host: '127.0.0.1', ca: own.certificate });
    await once(socket, 'secureConnect');
    const error = errorOf(socket);
    (await accepted()).resetAndDestroy();
    expect(await error).toBe('ECONNRESET');
  });
});

describe('interference', () => {
  /** Does what `decide` says. */
  async function interfered(decide: (frame: Frame, direction: Direction) => Action | undefined) {
    const server = await setting.server();
    server.answer = ({ referenceId }) => response(referenceId, 'server');
    const interference: Interference = { active: true, decide };
    const relay = await setting.relay(server.port, { interference });
    return { server, client: await setting.client(relay) };
  }
  const referenceId = ({ body }: Frame): number => body.readInt32BE(10);
  const never = new AbortController().signal;

  it('without a decision changes nothing', async () => {
    const { server, client } = await interfered(() => undefined);
    const sent = Buffer.concat(vectors.map(({ hex }) => bytes(hex)));
    client.write(sent);
    await client.messages(vectors.length);
    expect(Buffer.concat(server.stream).equals(sent)).toBe(true);
  });

  it('drops a request, which is then not answered', async () => {
    const { server, client } = await interfered((frame, direction) =>
      direction === 'toServer' && referenceId(frame) === 1 ? { do: 'drop' } : undefined,
    );
    client.send(ask(1), ask(2));
    expect((await client.messages(1)).map((message) => message.referenceId)).toEqual([2]);
    expect(server.received).toHaveLength(1);
    expect(setting.told.lines).toContain('unanswered 1 none: dropped on purpose');
  });

  it('delays an answer while others overtake it', async () => {
    const release = new AbortController();
    const { client } = await interfered((frame, direction) =>
      direction === 'toClient' && referenceId(frame) === 1
        ? { do: 'delay', ms: 1_000_000, atOnce: release.signal }
        : undefined,
    );
    client.send(ask(1), ask(2));
    await client.messages(1);
    release.abort();
    expect((await client.messages(2)).map((message) => message.referenceId)).toEqual([2, 1]);
    expect(setting.told.lines.filter((line) => line.startsWith('answered'))).toEqual([
      'answered 2 501',
      'answered 1 501',
    ]);
  });

  it('delays a request', async () => {
    const { client } = await interfered((_frame, direction) =>
      direction === 'toServer' ? { do: 'delay', ms: 1, atOnce: never } : undefined,
    );
    expect(outcome(await client.ask(ask(1)))).toBe('{"From":"server"}');
  });

  it('replaces messages, and answers in place of the server', async () => {
    const { server, client } = await interfered((frame, direction) => {
      if (direction === 'toClient') return { do: 'replace', bytes: encodeMessage(response(1, 'replaced'), charset()) };
      return referenceId(frame) === 2
        ? { do: 'answer', bytes: encodeMessage(response(2, 'relay'), charset()) }
        : undefined;
    });
    expect(outcome(await client.ask(ask(1)))).toBe('{"From":"replaced"}');
    expect(outcome(await client.ask(ask(2)))).toBe('{"From":"relay"}');
    expect(server.received).toHaveLength(1);
  });

  it('may be all that watches: no observer need be told', async () => {
    const actions: (Action | undefined)[] = [undefined, { do: 'drop' }];
    const exchanges: unknown[] = [];
    const interference: Interference = {
      active: true,
      decide: (frame, direction, exchange) => {
        exchanges.push(exchange?.request.name);
        if (direction === 'toServer') return actions.shift();
        return frame.kind === 'addp' ? { do: 'close' } : undefined;
      },
    };
    const server = await setting.server();
    server.answer = ({ referenceId: id }) => response(id, 'server');
    const relay = await setting.relay(server.port, { interference, observer: {} });
    const client = await setting.client(relay);
    expect(outcome(await client.ask(ask(1)))).toBe('{"From":"server"}');
    client.send(ask(2), ask(3));
    await client.messages(2);
    expect(client.received.map((message) => message.referenceId)).toEqual([1, 3]);
    server.write(encodeAddp(0x50, 1));
    await client.closed;
    const name = 'Messaging.ValidateContact';
    expect(exchanges).toEqual([name, name, name, name, name, undefined]);
    const { port, accepted } = await listening();
    const socket = await setting.socket(await setting.relay(port, { interference, observer: {} }));
    socket.end('GET / HTTP/1.1\r\n\r\n');
    expect(await read(await accepted())).toBe('GET / HTTP/1.1\r\n\r\n');
  });

  it('does not answer what it held when the client has gone', async () => {
    const release = new AbortController();
    const { server, client } = await interfered((_frame, direction) =>
      direction === 'toClient' ? { do: 'delay', ms: 1_000_000, atOnce: release.signal } : undefined,
    );
    client.send(ask(1));
    await server.message(0);
    client.socket.resetAndDestroy();
    await setting.told.line(/closed 1/);
    release.abort();
    expect(setting.told.lines.filter((line) => line.startsWith('answered'))).toEqual([]);
  });

  it.each(['close', 'reset'] as const)('ends the connections: %s, and the server sees its client gone', async (how) => {
    const { port, accepted } = await listening();
    const half = bytes('00000030');
    const interference: Interference = { active: true, decide: () => ({ do: how, bytes: half }) };
    const relay = await setting.relay(port, { interference });
    const socket = await setting.socket(relay);
    const server = await accepted();
    const gone = once(server.resume(), 'close');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = how === 'reset' ? errorOf(socket) : once(socket, 'end');
    socket.write(Buffer.concat([encodeMessage(ask(1), charset()), encodeMessage(ask(2), charset())]));
    expect(await ended).toEqual(how === 'reset' ? 'ECONNRESET' : []);
    await gone;
    expect(Buffer.concat(chunks).equals(half)).toBe(true);
    expect(setting.told.lines.filter((line) => line.startsWith('unanswered'))).toEqual([
      `unanswered 1 lost: ${how === 'reset' ? 'reset' : 'closed'} on purpose`,
    ]);
  });
});
