import type { EspMessage, KeyValueList } from '../esp/index.js';
import { ByteWriter } from './byte-writer.js';
import type { Charset } from './charset.js';
import { Attribute, AttributeType, BODY_MIN } from './constants.js';
import { frameBody } from './frame-writer.js';
import { i32At, u32At } from './integers.js';
import { ListChecker, type ListLimits } from './list-checker.js';
import { ListEncoder } from './list-encoder.js';
import { longList, MessageBytes, shortList } from './message-entries.js';
import { WireError } from './wire-error.js';

export const DEFAULT_LIST_LIMITS: ListLimits = { listDepth: 128, listEntries: 100_000 };

/** A message as it came: its lists are checked, and read when they are asked for. */
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
  if (end - start < BODY_MIN) throw new WireError(`a message of ${end - start} bytes; it has at least ${BODY_MIN}`, 0);
  const whole = new MessageBytes(bytes, start, end - start, charset);
  const message = new ReceivedMessage(i32At(bytes, start + 1), whole);
  const lists = new ListChecker(bytes, start, limits);
  let seen = 0;
  let at = start + BODY_MIN;
  for (let left = bytes[start] as number; left > 0; left--) {
    if (end - at < BODY_MIN) throw new WireError(`an attribute needs 5 bytes and ${end - at} are left`, at - start);
    const id = u32At(bytes, at);
    const type = bytes[at + 4] as number;
    if (id <= 2 && (seen & (1 << id)) !== 0) throw new WireError(`attribute ${id} stands twice`, at - start);
    if (id <= 2) seen |= 1 << id;
    checkType(id, type, at + 4 - start);
    at += BODY_MIN;
    if (type === AttributeType.Int) {
      if (end - at < 4) throw new WireError(`an int needs 4 bytes and ${end - at} are left`, at - start);
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
  if (at !== end) throw new WireError(`${end - at} bytes left over behind the attributes`, at - start);
  return message;
}

/** ReferenceId is an int, Request and UserData are lists; any other attribute may be of any known type. */
function checkType(id: number, type: number, at: number): void {
  if (type !== AttributeType.Int && type !== AttributeType.ShortList && type !== AttributeType.LongList) {
    const hex = type.toString(16).padStart(2, '0');
    throw new WireError(`attribute ${id} has the unknown type 0x${hex}; 'i', 'b' and 'B' are known`, at);
  }
  const isInt = type === AttributeType.Int;
  if (id === Attribute.ReferenceId && !isInt) throw new WireError('ReferenceId is not an int', at);
  if ((id === Attribute.Request || id === Attribute.UserData) && isInt) {
    throw new WireError(`${id === Attribute.Request ? 'Request' : 'UserData'} is not a list`, at);
  }
}

function skipList(bytes: Buffer, at: number, end: number, type: number, start: number): number {
  const header = type === AttributeType.ShortList ? 2 : 4;
  if (end - at < header) throw new WireError(`a list needs ${header} bytes and ${end - at} are left`, at - start);
  const length = type === AttributeType.ShortList ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at) + 4;
  if (length < header || length > end - at) {
    throw new WireError(`a list of ${length} bytes in a place of ${end - at}`, at - start);
  }
  return at + length;
}

/** The message as it goes on the wire: one frame, or a packet extension where it does not fit. @throws EncodeError */
export function encodeMessage(message: EspMessage, charset: Charset): Buffer {
  const writer = new ByteWriter();
  writer.u32(0);
  writeBody(writer, message, charset);
  return frameBody(writer);
}

/** The body alone, without a frame around it. @throws EncodeError */
export function encodeBody(message: EspMessage, charset: Charset): Buffer {
  const writer = new ByteWriter();
  writeBody(writer, message, charset);
  return writer.bytes.subarray(0, writer.length);
}

/** Writes the body alone, behind what `writer` holds. @throws EncodeError */
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

/** Where the ReferenceId's four bytes stand in a body, for a relay that changes nothing else; undefined: none there. */
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
