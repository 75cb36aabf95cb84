import type { EspMessage, KeyValueList } from '../esp/index.js';
import { ByteWriter } from './byte-writer.js';
import type { Charset } from './charset.js';
import { Attribute, AttributeType, BODY_MIN, EXTENSION_HEADER, FRAME_MAX, PACKET_EXTENSION } from './constants.js';
import { WireError } from './errors.js';
import { ListChecker, type ListLimits } from './list-checker.js';
import { ListEncoder } from './list-encoder.js';
import { longList, MessageBytes, shortList } from './message-entries.js';
import { i32At, u32At } from './read-bytes.js';

/** Limits of a message from a trusted peer. */
export const DEFAULT_LIST_LIMITS: ListLimits = { listDepth: 128, listEntries: 100_000 };

/** A received message. Its lists are validated, and read on demand. */
class ReceivedMessage implements EspMessage {
  referenceId: number | undefined = undefined;
  request: KeyValueList | undefined = undefined;
  userData: KeyValueList | undefined = undefined;
  readonly #bytes: MessageBytes;

  constructor(
    readonly messageId: number,
    bytes: MessageBytes,
  ) {
    this.#bytes = bytes;
  }

  detach(): void {
    this.#bytes.detach();
  }
}

/** u8 attribute count, u32 message id, attributes: the bytes from `start` to `end`. @throws WireError */
export function decodeBody(
  bytes: Buffer,
  start: number,
  end: number,
  charset: Charset,
  limits: ListLimits = DEFAULT_LIST_LIMITS,
): EspMessage {
  if (end - start < BODY_MIN)
    throw new WireError('ESP_WIRE_TRUNCATED', `message of ${end - start} bytes is shorter than ${BODY_MIN} bytes`, 0);
  const whole = new MessageBytes(bytes, start, end - start, charset);
  const message = new ReceivedMessage(i32At(bytes, start + 1), whole);
  const lists = new ListChecker(bytes, start, limits);
  let seen = 0;
  let at = start + BODY_MIN;
  for (let left = bytes[start] as number; left > 0; left--) {
    if (end - at < BODY_MIN) throw truncated('attribute', BODY_MIN, end - at, at - start);
    const id = u32At(bytes, at);
    const type = bytes[at + 4] as number;
    if (id <= 2 && (seen & (1 << id)) !== 0) throw wrongAttribute(`duplicate attribute ${id}`, at - start);
    if (id <= 2) seen |= 1 << id;
    checkType(id, type, at + 4 - start);
    at += BODY_MIN;
    if (type === AttributeType.Int) {
      if (end - at < 4) throw truncated('int', 4, end - at, at - start);
      if (id === Attribute.ReferenceId) message.referenceId = i32At(bytes, at);
      at += 4;
    } else if (id === Attribute.Request || id === Attribute.UserData) {
      const list = type === AttributeType.ShortList ? shortList : longList;
      const listEnd = type === AttributeType.ShortList ? lists.short(at, end) : lists.long(at, end);
      message[id === Attribute.Request ? 'request' : 'userData'] = list(whole, at - start);
      at = listEnd;
    } else {
      at = skipList(bytes, at, end, type, start);
    }
  }
  if (at !== end) {
    throw new WireError('ESP_WIRE_LEFTOVER', `${end - at} bytes left over after the attributes`, at - start);
  }
  return message;
}

/** ReferenceId is an int, Request and UserData are lists; other attributes may have any known type. */
function checkType(id: number, type: number, at: number): void {
  if (type !== AttributeType.Int && type !== AttributeType.ShortList && type !== AttributeType.LongList) {
    const hex = type.toString(16).padStart(2, '0');
    throw wrongAttribute(`attribute ${id} has unknown type 0x${hex}; expected 'i', 'b' or 'B'`, at);
  }
  const isInt = type === AttributeType.Int;
  if (id === Attribute.ReferenceId && !isInt) throw wrongAttribute('ReferenceId is not an int', at);
  if ((id === Attribute.Request || id === Attribute.UserData) && isInt) {
    throw wrongAttribute(`${id === Attribute.Request ? 'Request' : 'UserData'} is not a list`, at);
  }
}

function skipList(bytes: Buffer, at: number, end: number, type: number, start: number): number {
  const header = type === AttributeType.ShortList ? 2 : 4;
  if (end - at < header) throw truncated('list', header, end - at, at - start);
  const length = type === AttributeType.ShortList ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at) + 4;
  if (length < header || length > end - at) {
    throw new WireError('ESP_WIRE_LENGTH', `list of ${length} bytes does not fit in ${end - at} bytes`, at - start);
  }
  return at + length;
}

const truncated = (what: string, needed: number, left: number, at: number): WireError =>
  new WireError('ESP_WIRE_TRUNCATED', `truncated ${what}: expected ${needed} bytes, got ${left} bytes`, at);

const wrongAttribute = (problem: string, at: number): WireError => new WireError('ESP_WIRE_ATTRIBUTE', problem, at);

/** The bytes of a message on the wire: one frame, or a packet extension if it does not fit. @throws EncodeError */
export function encodeMessage(message: EspMessage, charset: Charset): Buffer {
  const writer = new ByteWriter();
  writer.u32(0);
  writeBody(writer, message, charset);
  return frameBody(writer);
}

/** The body of a message, without a frame. @throws EncodeError */
export function encodeBody(message: EspMessage, charset: Charset): Buffer {
  const writer = new ByteWriter();
  writeBody(writer, message, charset);
  return writer.bytes.subarray(0, writer.length);
}

/** Appends the body of a message. @throws EncodeError */
export function writeBody(writer: ByteWriter, message: EspMessage, charset: Charset): void {
  const { referenceId, userData, request } = message;
  const lists = new ListEncoder(writer, charset);
  writer.u8(Number(referenceId !== undefined) + Number(userData !== undefined) + Number(request !== undefined));
  writer.u32(message.messageId);
  if (referenceId !== undefined) {
    writer.u32(Attribute.ReferenceId);
    writer.u8(AttributeType.Int);
    writer.u32(referenceId);
  }
  if (userData !== undefined) {
    writer.u32(Attribute.UserData);
    lists.attribute(userData);
  }
  if (request !== undefined) {
    writer.u32(Attribute.Request);
    lists.attribute(request);
  }
}

/** Frames a body that was written after four reserved bytes. */
function frameBody(writer: ByteWriter): Buffer {
  const length = writer.length - 4;
  if (length > FRAME_MAX) return packetExtension(writer.bytes.subarray(4, writer.length));
  writer.setU32(0, length);
  return writer.bytes.subarray(0, writer.length);
}

/** Frames a body. */
export function frame(body: Uint8Array): Buffer {
  if (body.length > FRAME_MAX) return packetExtension(body);
  const framed = Buffer.allocUnsafe(4 + body.length);
  framed.writeUInt32BE(body.length, 0);
  framed.set(body, 4);
  return framed;
}

/** A marker frame with the total length, then fragments of at most 16380 bytes, each after its u32 length. */
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

/** Offset of the ReferenceId's four bytes in a body, for a relay that changes nothing else. Undefined if there is none. */
export function referenceIdOffset(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start + BODY_MIN;
  for (let left = bytes[start] as number; left > 0 && end - at >= BODY_MIN + 4; left--) {
    const id = bytes.readUInt32BE(at);
    const type = bytes[at + 4] as number;
    at += BODY_MIN;
    if (type === AttributeType.Int) {
      if (id === Attribute.ReferenceId) return at;
      at += 4;
    } else {
      at = skipList(bytes, at, end, type, start);
    }
  }
  return undefined;
}
