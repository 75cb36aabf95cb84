import { ByteWriter } from '../wire/index.js';

/** Bytes that a buffer begins with, and that one may have to be kept. */
const CAPACITY = 4096;
const KEPT_CAPACITY = 65_536;

/** Most buffers that are kept: as many as connections write in one turn of the event loop, mostly. */
const KEPT = 16;

const free: ByteWriter[] = [];

/** An empty buffer to gather what a connection writes in one turn. */
export const takeOutBuffer = (): ByteWriter => free.pop() ?? new ByteWriter(CAPACITY);

/** Gives one back that nobody reads any more. */
export function giveBackOutBuffer(buffer: ByteWriter): void {
  if (free.length >= KEPT || buffer.bytes.length > KEPT_CAPACITY) return;
  buffer.length = 0;
  free.push(buffer);
}
