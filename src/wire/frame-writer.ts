import type { ByteWriter } from './byte-writer.js';
import { EXTENSION_HEADER, FRAME_MAX, PACKET_EXTENSION } from './constants.js';

/** Turns a body that was written behind four free bytes into the bytes for the wire. */
export function frameBody(writer: ByteWriter): Buffer {
  const length = writer.length - 4;
  if (length > FRAME_MAX) return packetExtension(writer.bytes.subarray(4, writer.length));
  writer.setU32(0, length);
  return writer.bytes.subarray(0, writer.length);
}

/** A body as the wire carries it, for a relay that has a body and no message. */
export function frame(body: Uint8Array): Buffer {
  if (body.length > FRAME_MAX) return packetExtension(body);
  const framed = Buffer.allocUnsafe(4 + body.length);
  framed.writeUInt32BE(body.length, 0);
  framed.set(body, 4);
  return framed;
}

/** Marker frame with the total length, then fragments of at most 16380 bytes, each behind its own u32 length. */
function packetExtension(body: Uint8Array): Buffer {
  const fragments = Math.ceil(body.length / FRAME_MAX);
  const framed = Buffer.allocUnsafe(EXTENSION_HEADER + 4 * fragments + body.length);
  framed.writeUInt32BE(EXTENSION_HEADER - 4, 0);
  framed.set(PACKET_EXTENSION, 4);
  let at = framed.writeUInt32BE(body.length, EXTENSION_HEADER - 4);
  for (let from = 0; from < body.length; from += FRAME_MAX) {
    const fragment = body.subarray(from, from + FRAME_MAX);
    at = framed.writeUInt32BE(fragment.length, at);
    framed.set(fragment, at);
    at += fragment.length;
  }
  return framed;
}
