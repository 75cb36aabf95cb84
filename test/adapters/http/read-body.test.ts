import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type Body, readBody } from '../../../src/adapters/http/read-body.js';

const LIMITS = { messageBytes: 1000, listEntries: 2 };

/** A body being read: its result, and the bytes held after each chunk. */
function reading(headers: Record<string, string> = {}, limits = LIMITS) {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  const held: number[] = [];
  return { message, held, body: readBody(message, limits, (bytes) => held.push(bytes)) };
}

/** Reads a body that arrives whole. */
function read(text: string | Buffer, limits = LIMITS) {
  const { message, held, body } = reading({}, limits);
  message.push(text);
  message.push(null);
  return { held, body };
}

describe('a body', () => {
  it('is parsed when it has come whole', async () => {
    const { message, body } = reading();
    message.push('{"a":');
    message.push('1}');
    message.push(null);
    expect(await body).toEqual({ json: { a: 1 }, bytes: 7 });
  });

  it('is undefined if it is empty', async () => {
    expect(await read('').body).toEqual({ json: undefined, bytes: 0 });
  });

  it('that is cut off is refused and released', async () => {
    const { message, held, body } = reading();
    message.push('{"a"');
    const refused = expect(body).rejects.toMatchObject({ status: 400, message: 'the body is incomplete' });
    message.once('data', () => message.destroy(new Error('aborted')));
    await refused;
    expect(held).toEqual([4, 0]);
  });

  it('may be as long as a message, and no longer', async () => {
    const longest = read(JSON.stringify('x'.repeat(998)));
    expect(await longest.body).toEqual({ json: 'x'.repeat(998), bytes: 1000 });
    const tooLong = read(JSON.stringify('x'.repeat(999)));
    await expect(tooLong.body).rejects.toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect(tooLong.held).toEqual([0]);
  });

  it('with too large a Content-Length is refused before it arrives, and one at the limit is not', async () => {
    const { body, held } = reading({ 'content-length': '1001' });
    await expect(body).rejects.toMatchObject({ status: 413, message: expect.stringContaining('exceeds 1000 bytes') });
    expect(held).toEqual([]);
    const fits = reading({ 'content-length': '1000' });
    fits.message.push('1'.padStart(1000));
    fits.message.push(null);
    expect(await fits.body).toEqual({ json: 1, bytes: 1000 });
  });
});

/** With `listEntries` 2: four for each entry and for each of the sixteen around them. */
const MOST_VALUES = 4 * (2 + 16);

describe('the values of a body', () => {
  it.each<[string, (values: number) => string]>([
    ['elements', (values) => `[${Array(values).fill(1).join(',')}]`],
    ['arrays', (values) => '['.repeat(values) + ']'.repeat(values)],
    ['objects', (values) => `${'{"a":'.repeat(values)}1${'}'.repeat(values)}`],
  ])('are counted before they are parsed: %s', async (_name, json) => {
    expect((await read(json(MOST_VALUES)).body).json).toEqual(JSON.parse(json(MOST_VALUES)));
    await expect(read(json(MOST_VALUES + 1)).body).rejects.toMatchObject({ status: 413 });
  });

  it.each([
    ['commas and brackets', ',[{'.repeat(100)],
    ['quotes before them', '",[{'.repeat(100)],
    ['backslashes before them', `\\${',[{'.repeat(100)}`],
    ['a backslash at the end', `${',[{'.repeat(100)}\\`],
  ])('are not those inside a string: %s', async (_name, text) => {
    expect((await read(JSON.stringify([text, 1])).body).json).toEqual([text, 1]);
  });

  it('are those after a string that ends with a backslash', async () => {
    const json = `["\\\\",${Array(MOST_VALUES).fill(1).join(',')}]`;
    await expect(read(json).body).rejects.toMatchObject({ status: 413 });
  });
});

const LARGER = { messageBytes: 1 << 16, listEntries: 100 };

/** A body that comes in these chunks, and how many bytes were kept of it at each time. */
async function readChunks(chunks: readonly string[]): Promise<{ body: Promise<Body>; held: number[] }> {
  const held: number[] = [];
  const stream = Object.assign(new PassThrough(), { headers: {} });
  const body = readBody(stream, LARGER, (bytes) => held.push(bytes));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await body.catch(() => undefined);
  return { body, held };
}

describe('a body in chunks', () => {
  it('that arrives byte by byte is combined in a few steps, without an object for each', async () => {
    const json = JSON.stringify({ Say: 'x'.repeat(20_000) });
    const { body, held } = await readChunks([...json]);
    expect((await body).json).toEqual({ Say: 'x'.repeat(20_000) });
    expect((await body).bytes).toBe(json.length);
    expect(held.length).toBeLessThan(20);
    expect(held.slice(0, -1)).toEqual(held.slice(0, -1).sort((one, other) => one - other));
    expect(Math.max(...held)).toBeGreaterThanOrEqual(json.length);
    expect(Math.max(...held)).toBeLessThanOrEqual(2 * json.length);
    expect(held.at(-1)).toBe(0);
  });

  it('is not copied when it just fits', async () => {
    const { body, held } = await readChunks(['[1,', ' 2', ']']);
    expect((await body).json).toEqual([1, 2]);
    expect(held).toEqual([3, 6, 0]);
  });

  it('can be as large as a message; nothing of a larger one is kept', async () => {
    const largest = `"${'x'.repeat(LARGER.messageBytes - 2)}"`;
    expect(await (await readChunks([largest])).body).toEqual({
      json: largest.slice(1, -1),
      bytes: LARGER.messageBytes,
    });
    const { body, held } = await readChunks([largest, ' ', largest, ' ']);
    await expect(body).rejects.toMatchObject({ status: 413 });
    expect(held).toEqual([LARGER.messageBytes, 0]);
  });

  it('has no more values than the lists of a message may have, counted before it is parsed', async () => {
    const most = 4 * (LARGER.listEntries + 16);
    const nothing = (values: number): string => `[${Array.from({ length: values }, () => '0').join(',')}]`;
    expect((await (await readChunks([nothing(most)])).body).json).toHaveLength(most);
    const refused = expect.objectContaining({
      status: 413,
      message: expect.stringMatching(/more than 100 entries \(limits.listEntries\)/),
    });
    await expect((await readChunks([nothing(most + 1)])).body).rejects.toEqual(refused);
    await expect((await readChunks([`${'['.repeat(most + 1)}${']'.repeat(most + 1)}`])).body).rejects.toEqual(refused);
    await expect((await readChunks([`[${'{},'.repeat(most / 2)}{}]`])).body).rejects.toEqual(refused);
    const text = `["${',[{\\"'.repeat(most)}"]`;
    expect((await (await readChunks([text])).body).json).toEqual([',[{"'.repeat(most)]);
  });
});
