import type { IncomingMessage } from 'node:http';

const ignore = (): void => undefined;

/**
 * The body, or why there is none. Chunks are copied together as they arrive, as each of them is an object. Bytes over the
 * limit are read and dropped, as a client does not read its answer while it still sends.
 * @param buffered reports the bytes in memory
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  buffered: (bytes: number) => void,
): Promise<Buffer | 'too_large' | 'incomplete'> {
  const { promise, resolve } = Promise.withResolvers<Buffer | 'too_large' | 'incomplete'>();
  let bytes = Buffer.alloc(0);
  let length = 0;
  let isTooLarge = Number(request.headers['content-length'] ?? 0) > limit;
  const take = (chunk: Buffer): void => {
    const end = length + chunk.length;
    isTooLarge ||= end > limit;
    if (isTooLarge) {
      bytes = Buffer.alloc(0);
      buffered(0);
      return;
    }
    if (end > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(limit, Math.max(end, 2 * bytes.length)));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
      buffered(bytes.length);
    }
    length += chunk.copy(bytes, length);
  };
  const cutOff = (): void => settle('incomplete');
  const end = (): void => settle(isTooLarge ? 'too_large' : bytes.subarray(0, length));
  // Listeners keep the body, and a request lives until its answer has been sent.
  const settle = (body: Buffer | 'too_large' | 'incomplete'): void => {
    request.off('data', take).off('end', end).off('close', cutOff).off('error', cutOff).on('error', ignore);
    resolve(body);
  };
  request.on('data', take).once('end', end).once('close', cutOff).once('error', cutOff);
  return promise;
}
