import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { HttpError } from './http-error.js';
import { tooManyEntries } from './list-size.js';

/** What a body holds. */
export interface Body {
  /** Undefined where it is empty. */
  readonly json: unknown;
  readonly bytes: number;
}

type Incoming = Readable & Pick<IncomingMessage, 'headers'>;

export interface BodyLimits {
  readonly messageBytes: number;
  readonly listEntries: number;
}

/** @param holds told how many bytes are kept, as they come. @throws HttpError 400 or 413 */
export async function readBody(body: Incoming, limits: BodyLimits, holds: (bytes: number) => void): Promise<Body> {
  const { messageBytes } = limits;
  if (Number(body.headers['content-length'] ?? 0) > messageBytes) throw tooLarge(messageBytes);
  const bytes = await bytesOf(body, messageBytes, holds).finally(() => holds(0));
  return { json: bytes.length === 0 ? undefined : parse(bytes, limits.listEntries), bytes: bytes.length };
}

/**
 * Copies chunks together as they come: each of them is an object, and a client may send them with a byte each. What is
 * over the limit is read and dropped: a client that is still sending does not read a reply.
 */
function bytesOf(body: Incoming, most: number, holds: (bytes: number) => void): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  let length = 0;
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      const end = length + chunk.length;
      if (end > most) {
        bytes = Buffer.alloc(0);
        length = most;
        reject(tooLarge(most));
        return;
      }
      if (end > bytes.length) {
        bytes = grown(bytes, length, Math.min(most, Math.max(end, 2 * bytes.length)));
        holds(bytes.length);
      }
      length += chunk.copy(bytes, length);
    });
    body.once('end', () => resolve(bytes.subarray(0, length)));
    body.once('error', () => reject(new HttpError(400, 'the body did not come to its end')));
  });
}

function grown(bytes: Buffer, used: number, capacity: number): Buffer {
  const larger = Buffer.allocUnsafe(capacity);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

const tooLarge = (messageBytes: number): HttpError =>
  new HttpError(413, `the body is over ${messageBytes} bytes (limits.messageBytes)`, { connection: 'close' });

/** A value of a few bytes takes many times as much when it is parsed: their number is looked at before. */
function parse(bytes: Buffer, listEntries: number): unknown {
  if (valuesIn(bytes) > VALUES_OF_ENTRY * (listEntries + VALUES_AROUND)) throw tooManyEntries(listEntries);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `the body is no JSON: ${(error as Error).message}`);
  }
}

/** A typed entry is an array of three, with a comma behind it. */
const VALUES_OF_ENTRY = 4;

/** Of the typed form itself. */
const VALUES_AROUND = 16;

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/** How many values JSON has at most: commas and opening brackets outside of its strings. */
function valuesIn(json: Buffer): number {
  let values = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) inString = !inString;
    else if (inString) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) values++;
  }
  return values;
}
