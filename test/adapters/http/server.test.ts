import { afterEach, expect, it } from '@jest/globals';
import { refuseMalformed } from '../../../src/adapters/http/server.js';
import { closeSockets, read, socketPair } from '../../transport/sockets.js';

afterEach(closeSockets);

const unreadable = (code?: string): Error => Object.assign(new Error('no'), { code });

it('malformed requests are answered, and end the connection', async () => {
  const { near, far } = await socketPair(false);
  refuseMalformed(unreadable(), near, 50);
  const reply = (await read(far, Number.POSITIVE_INFINITY)).toString();
  expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*Connection: close\r\n\r\n\{"error":"this is not an HTTP/s);
});

it('a client that cannot be answered is closed at once', async () => {
  const [reset, ended] = [await socketPair(false), await socketPair(false)];
  refuseMalformed(unreadable('ECONNRESET'), reset.near, 50);
  ended.near.end();
  refuseMalformed(unreadable(), ended.near, 50);
  expect([reset.near.destroyed, ended.near.destroyed]).toEqual([true, true]);
});
