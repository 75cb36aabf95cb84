import { describe, expect, it } from '@jest/globals';
import { type EspMessage, messageToJson } from '../../src/esp/index.js';
import { type Charset, charset, decodeBody, encodeBody, FrameReader, WireError } from '../../src/wire/index.js';
import { corrupted } from './corrupt.js';
import { Random } from './random.js';

/** Bytes that went wrong anywhere end in a WireError, in valid messages, or in a stream that waits for more. */

const CORRUPTIONS = 100_000;
const SEED = 20260;

interface Outcome {
  readonly messages: EspMessage[];
  readonly unfinished: boolean;
  readonly error: unknown;
}

function readAll(stream: Buffer, cut: number, set: Charset): Outcome {
  const decoded: EspMessage[] = [];
  const reader = new FrameReader(
    { body: (bytes, start, end) => decoded.push(decodeBody(bytes, start, end, set)), addp() {} },
    1 << 20,
  );
  try {
    reader.push(stream.subarray(0, cut));
    reader.push(stream.subarray(cut));
    return { messages: decoded, unfinished: reader.unfinished, error: undefined };
  } catch (error) {
    return { messages: decoded, unfinished: false, error };
  }
}

/** A message that was read can be written, and reads as the same message. */
function isValid(message: EspMessage, set: Charset): boolean {
  const body = encodeBody(message, set);
  return (
    JSON.stringify(messageToJson(decodeBody(body, 0, body.length, set))) === JSON.stringify(messageToJson(message))
  );
}

describe.each([
  ['utf-8', 0.8],
  ['gb18030', 0.2],
])('captured messages, corrupted at random, in %s', (name, share) => {
  it(`${CORRUPTIONS * share} times: nothing but a WireError, valid messages, or an unfinished stream`, () => {
    const random = new Random(SEED);
    const set = charset(name);
    const seen = { errors: 0, messages: 0, unfinished: 0 };
    for (let round = 0; round < CORRUPTIONS * share; round++) {
      const stream = corrupted(random);
      const outcome = readAll(stream, random.below(stream.length + 1), set);
      const { error } = outcome;
      const fine =
        error === undefined || (error instanceof WireError && error.offset >= 0 && error.offset <= stream.length);
      if (!fine || !outcome.messages.every((message) => isValid(message, set))) {
        throw new Error(`round ${round}: ${stream.toString('hex')}`, { cause: error });
      }
      if (error !== undefined) seen.errors++;
      else if (outcome.unfinished) seen.unfinished++;
      else seen.messages++;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1000 * share);
  });
});
