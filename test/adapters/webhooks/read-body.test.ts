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
