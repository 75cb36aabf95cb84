import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { HttpError } from './errors.js';

/** A parsed body. */
export interface Body {
  /** Undefined if it is empty. */
  readonly json: unknown;
  readonly bytes: number;
}

type Incoming = Readable & Pick<IncomingMessage, 'headers'>;

export interface BodyLimits {
  readonly messageBytes: number;
  readonly listEntries: number;
}

/** @param buffered reports the bytes in memory as they arrive. @throws HttpError 400 or 413 */
export async function readBody(body: Incoming, limits: BodyLimits, buffered: (bytes: number) => void): Promise<Body> {
  const { messageBytes } = limits;
  if (Number(body.headers['content-length'] ?? 0) > messageBytes) throw tooLarge(messageBytes);
  const bytes = await bytesOf(body, messageBytes, buffered).finally(() => buffered(0));
  return { json: bytes.length === 0 ? undefined : parse(bytes, limits.listEntries), bytes: bytes.length };
}

/**
 * Copies chunks together as they arrive: each chunk is an object, and may have a single byte. Bytes over the limit are read
 * and dropped: a client does not read a reply while it still sends.
 */
function bytesOf(body: Incoming, limit: number, buffered: (bytes: number) => void): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  let length = 0;
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      const end = length + chunk.length;
      if (end > limit) {
        bytes = Buffer.alloc(0);
        length = limit;
        reject(tooLarge(limit));
        return;
      }
      if (end > bytes.length) {
        bytes = grown(bytes, length, Math.min(limit, Math.max(end, 2 * bytes.length)));
        buffered(bytes.length);
      }
      length += chunk.copy(bytes, length);
    });
    body.once('end', () => resolve(bytes.subarray(0, length)));
    body.once('error', () => reject(invalid('the body is incomplete')));
  });
}

function grown(bytes: Buffer, used: number, capacity: number): Buffer {
  const larger = Buffer.allocUnsafe(capacity);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

const tooLarge = (messageBytes: number): HttpError =>
  new HttpError('ESP_HTTP_BODY_TOO_LARGE', `the body exceeds ${messageBytes} bytes (limits.messageBytes)`, {
    connection: 'close',
  });

const invalid = (message: string): HttpError => new HttpError('ESP_HTTP_INVALID_BODY', message);

export const tooManyEntries = (listEntries: number): HttpError =>
  new HttpError('ESP_HTTP_LISTS_TOO_LARGE', `the lists have more than ${listEntries} entries (limits.listEntries)`);

/** Counts the values before parsing: a value of a few bytes takes many times as much memory when it is parsed. */
function parse(bytes: Buffer, listEntries: number): unknown {
  if (valuesIn(bytes) > VALUES_PER_ENTRY * (listEntries + VALUES_AROUND)) throw tooManyEntries(listEntries);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`the body is not JSON: ${(error as Error).message}`);
  }
}

/** A typed entry is an array of three values, followed by a comma. */
const VALUES_PER_ENTRY = 4;

/** Values of the typed form itself. */
const VALUES_AROUND = 16;

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/** An upper bound for the number of values: commas and opening brackets outside strings. */
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
