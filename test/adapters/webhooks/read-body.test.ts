import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { readBody } from '../../../src/adapters/webhooks/read-body.js';
import { until } from '../../support/eventually.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

it('lets the body of a request go when its reader does', async () => {
  const request = new IncomingMessage(new Socket());
  const read = async (): Promise<WeakRef<ArrayBufferLike>> => {
    const body = await readBody(request, 1 << 20, () => undefined);
    if (typeof body === 'string') throw new Error(body);
    expect(body).toHaveLength(100_000);
    return new WeakRef(body.buffer);
  };
  request.push(Buffer.alloc(100_000));
  request.push(null);
  const kept = await read();
  await until(() => {
    collect();
    return kept.deref() === undefined;
  });
  expect(request.readableEnded).toBe(true);
});

/** Reads a body that comes in these chunks. @returns it, and what it reported as bytes in memory */
async function read(chunks: readonly number[], limit: number, headers: Record<string, string> = {}) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  const reported: number[] = [];
  const body = readBody(request, limit, (bytes) => reported.push(bytes));
  for (const [index, length] of chunks.entries()) request.push(Buffer.alloc(length, index + 1));
  request.push(null);
  return { body: await body, reported };
}

it.each([
  ['of one chunk', [5], 100, [5]],
  ['that doubles its buffer', [10, 5, 5, 1], 100, [10, 20, 40]],
  ['whose chunk is more than twice as long', [1, 9], 100, [1, 10]],
  ['of exactly the limit', [10, 5], 15, [10, 15]],
  ['without bytes', [], 100, []],
])('reads a body %s', async (_what, chunks, limit, wanted) => {
  const { body, reported } = await read(chunks, limit);
  expect(body).toEqual(Buffer.concat(chunks.map((length, index) => Buffer.alloc(length, index + 1))));
  expect(reported).toEqual(wanted);
});

it.each([
  ['in its second chunk', [10, 6], {}, [10, 0]],
  ['as announced', [10], { 'content-length': '16' }, [0]],
  ['as announced, without bytes', [], { 'content-length': '16' }, []],
])('drops a body over the limit %s', async (_what, chunks, headers, wanted) => {
  expect(await read(chunks, 15, headers)).toEqual({ body: 'too_large', reported: wanted });
});

it('accepts an announced body of exactly the limit', async () => {
  expect((await read([15], 15, { 'content-length': '15' })).body).toHaveLength(15);
});

it.each(['close', 'error'])('says that a body is incomplete after %s', async (event) => {
  const request = new IncomingMessage(new Socket());
  const body = readBody(request, 15, () => undefined);
  request.push(Buffer.alloc(3));
  request.emit(event, new Error('gone'));
  expect(await body).toBe('incomplete');
  expect(() => request.emit('error', new Error('later'))).not.toThrow();
});
