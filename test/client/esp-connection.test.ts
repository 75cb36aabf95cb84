import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { backoffMs } from '../../src/client/esp-client.js';
import { EspConnection, PendingReplies } from '../../src/client/esp-connection.js';
import { charset, encodeBody, frame } from '../../src/wire/index.js';

const requestBody = encodeBody({ messageId: 500, referenceId: 7, request: undefined, userData: undefined }, charset());

it('assigns each request a unique ReferenceId, and returns its entry once', () => {
  const pending = new PendingReplies<string>();
  const [a, b] = [pending.add('a'), pending.add('b')];
  expect([a, b]).toEqual([1, 2]);
  expect([pending.take(b), pending.take(b), pending.take(99), pending.take(a)]).toEqual([
    'b',
    undefined,
    undefined,
    'a',
  ]);
  expect(pending.size).toBe(0);
});

it('begins at 1 again behind the last int32, and passes by those in use', () => {
  const pending = new PendingReplies<string>(1);
  pending.add('one');
  const late = new PendingReplies<string>(0x7fffffff);
  expect([late.add('last'), late.add('first'), late.add('second')]).toEqual([0x7fffffff, 1, 2]);
  const wrapped = new PendingReplies<string>(0x7ffffffe);
  expect([wrapped.add('x'), wrapped.add('y'), wrapped.add('z')]).toEqual([0x7ffffffe, 0x7fffffff, 1]);
});

it('has a local address until it closes', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { promise: closed, resolve } = Promise.withResolvers<Error | undefined>();
  const limits = { messageBytes: 1000, frameMs: 10_000, connectTimeoutMs: 10_000 };
  const connection = await EspConnection.open({ host: '127.0.0.1', port, ...limits }, { closed: resolve });
  const [peer] = await accepted;
  expect(connection.local).toEqual({ host: peer.remoteAddress, port: peer.remotePort });
  peer.destroy();
  expect(await closed).toEqual(new Error('the server closed the connection'));
  expect(connection.local).toEqual({ host: '', port: 0 });
  server.close();
});

it('returns all pending requests once', () => {
  const pending = new PendingReplies<string>();
  pending.add('a');
  pending.add('b');
  expect([pending.takeAll(), pending.size, pending.takeAll()]).toEqual([['a', 'b'], 0, []]);
});

it('waits twice as long after each attempt, up to the most, and a little less by chance', () => {
  const options = { minMs: 100, maxMs: 1000 };
  expect([0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(options, attempt, () => 0))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect(backoffMs(options, 0, () => 1)).toBe(80);
});

it('sends a body without ReferenceId unchanged, and expects no reply', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const limits = { messageBytes: 1000, frameMs: 10_000, connectTimeoutMs: 10_000 };
  const connection = await EspConnection.open({ host: '127.0.0.1', port, ...limits });
  const [peer] = await accepted;
  const received = once(peer, 'data') as Promise<[Buffer]>;
  const body = encodeBody(
    { messageId: 500, referenceId: undefined, request: undefined, userData: undefined },
    charset(),
  );
  const pending = { referenceId: 0, answered: () => undefined, lost: () => undefined };
  expect([connection.send(body, () => pending), connection.inFlight]).toEqual([undefined, 0]);
  expect((await received)[0]).toEqual(frame(body));
  const own = connection.send(requestBody, () => pending);
  expect([own, connection.inFlight]).toEqual([1, 1]);
  connection.forget(1);
  expect(connection.inFlight).toBe(0);
  connection.close();
  peer.destroy();
  server.close();
});
