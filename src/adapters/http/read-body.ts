import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.js';

/** The JSON of a body; an empty body is none: undefined. @throws HttpError 400 or 413 */
export async function readBody(body: IncomingMessage, messageBytes: number): Promise<unknown> {
  if (Number(body.headers['content-length'] ?? 0) > messageBytes) throw tooLarge(messageBytes);
  const bytes = await bytesOf(body, messageBytes);
  return bytes.length === 0 ? undefined : parse(bytes);
}

/** What is over the limit is read and dropped: who is still sending does not read a reply. */
function bytesOf(body: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= most) chunks.push(chunk);
      else reject(tooLarge(most));
    });
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', () => reject(new HttpError(400, 'the body did not come to its end')));
  });
}

const tooLarge = (messageBytes: number): HttpError =>
  new HttpError(413, `the body is over ${messageBytes} bytes (limits.messageBytes)`, { connection: 'close' });

function parse(bytes: Buffer): unknown {
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
