import type { IncomingMessage } from 'node:http';

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
  request.on('data', (chunk: Buffer) => {
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
  });
  request.once('end', () => resolve(isTooLarge ? 'too_large' : bytes.subarray(0, length)));
  request.once('close', () => resolve('incomplete'));
  request.once('error', () => resolve('incomplete'));
  return promise;
}
