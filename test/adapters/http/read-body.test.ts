import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type Body, readBody } from '../../../src/adapters/http/read-body.js';

const LIMITS = { messageBytes: 1 << 16, listEntries: 100 };

/** A body that comes in these chunks, and how many bytes were kept of it at each time. */
async function read(chunks: readonly string[]): Promise<{ body: Promise<Body>; held: number[] }> {
  const held: number[] = [];
  const stream = Object.assign(new PassThrough(), { headers: {} });
  const body = readBody(stream, LIMITS, (bytes) => held.push(bytes));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await body.catch(() => undefined);
  return { body, held };
}

describe('a body', () => {
  it('that comes a byte at a time is copied together in a few steps, with nothing kept for each', async () => {
    const json = JSON.stringify({ Say: 'x'.repeat(20_000) });
    const { body, held } = await read([...json]);
    expect((await body).json).toEqual({ Say: 'x'.repeat(20_000) });
    expect((await body).bytes).toBe(json.length);
    expect(held.length).toBeLessThan(20);
    expect(held.slice(0, -1)).toEqual(held.slice(0, -1).sort((one, other) => one - other));
    expect(Math.max(...held)).toBeGreaterThanOrEqual(json.length);
    expect(Math.max(...held)).toBeLessThanOrEqual(2 * json.length);
    expect(held.at(-1)).toBe(0);
  });

  it('may be as large as a message, and no larger; of one that is larger nothing is kept', async () => {
    const largest = `"${'x'.repeat(LIMITS.messageBytes - 2)}"`;
    expect(await (await read([largest])).body).toEqual({ json: largest.slice(1, -1), bytes: LIMITS.messageBytes });
    const { body, held } = await read([largest, ' ', largest, ' ']);
    await expect(body).rejects.toMatchObject({ status: 413 });
    expect(held).toEqual([LIMITS.messageBytes, 0]);
  });

  it('has no more values than the lists of a message may have, counted before it is parsed', async () => {
    const most = 4 * (LIMITS.listEntries + 16);
    const nothing = (values: number): string => `[${Array.from({ length: values }, () => '0').join(',')}]`;
    expect((await (await read([nothing(most)])).body).json).toHaveLength(most);
    const refused = expect.objectContaining({
      status: 413,
      message: expect.stringMatching(/over 100 entries \(limits.listEntries\)/),
    });
    await expect((await read([nothing(most + 1)])).body).rejects.toEqual(refused);
    await expect((await read([`${'['.repeat(most + 1)}${']'.repeat(most + 1)}`])).body).rejects.toEqual(refused);
    await expect((await read([`[${'{},'.repeat(most / 2)}{}]`])).body).rejects.toEqual(refused);
    const text = `["${',[{\\"'.repeat(most)}"]`;
    expect((await (await read([text])).body).json).toEqual([',[{"'.repeat(most)]);
  });
});
