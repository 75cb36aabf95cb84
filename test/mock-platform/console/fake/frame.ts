import { charset, type EspMessage, encodeMessage, messageFromJson } from 'esp-host/wire';

interface Range {
  start: number;
  end: number;
  label: string;
  depth: number;
  value?: string | number;
}

type Entry = readonly [string, string, unknown];

export interface Message {
  readonly messageId: number;
  readonly referenceId: number | null;
  readonly request: readonly Entry[] | null;
  readonly userData: readonly Entry[] | null;
}

const UTF_8 = charset();
const ATTRIBUTES = ['ReferenceId', 'Request', 'UserData'];
const TYPES = ['str', 'int', 'bin', 'list', 'utf16'];

/** A message as the journal shows it: itself, its bytes, and what they say. Short lists only, as the fake has them. */
export function framed(message: Message): { message: Message; hex: string; ranges: Range[] } {
  const parsed: EspMessage = messageFromJson(message);
  const bytes = encodeMessage(parsed, UTF_8);
  return { message, hex: bytes.toString('hex'), ranges: new Annotator(bytes).message() };
}

class Annotator {
  readonly #ranges: Range[] = [];

  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  message(): Range[] {
    const { bytes } = this;
    this.#add(0, 4, 'Length', 0, bytes.readUInt32BE(0));
    this.#add(4, 5, 'Attributes', 0, bytes.readUInt8(4));
    this.#add(5, 9, 'Message id', 0, bytes.readUInt32BE(5));
    let at = 9;
    for (let left = bytes.readUInt8(4); left > 0; left--) at = this.#attribute(at);
    return this.#ranges;
  }

  #attribute(at: number): number {
    const { bytes } = this;
    const name = ATTRIBUTES[bytes.readUInt32BE(at)] ?? 'Attribute';
    const isInt = bytes[at + 4] === 0x69;
    const end = at + 5 + (isInt ? 4 : bytes.readUInt16BE(at + 5));
    this.#add(at, end, name, 0);
    this.#add(at, at + 4, 'Attribute id', 1, bytes.readUInt32BE(at));
    this.#add(at + 4, at + 5, 'Type', 1, String.fromCharCode(bytes.readUInt8(at + 4)));
    if (isInt) this.#add(at + 5, end, 'Value', 1, bytes.readInt32BE(at + 5));
    else this.#list(at + 5, 1);
    return end;
  }

  #list(at: number, depth: number): void {
    const { bytes } = this;
    this.#add(at, at + 2, 'List length', depth, bytes.readUInt16BE(at));
    this.#add(at + 2, at + 4, 'Entries', depth, bytes.readUInt16BE(at + 2));
    let entry = at + 4;
    for (let left = bytes.readUInt16BE(at + 2); left > 0; left--) entry = this.#entry(entry, depth);
  }

  #entry(at: number, depth: number): number {
    const { bytes } = this;
    const keyEnd = at + 3 + bytes.readUInt16BE(at + 1);
    const key = bytes.toString('utf8', at + 3, keyEnd);
    const end = keyEnd + 2 + bytes.readUInt16BE(keyEnd);
    const type = TYPES[bytes.readUInt8(at)] ?? '?';
    this.#add(at, end, key, depth);
    this.#add(at, at + 1, 'Type', depth + 1, type);
    this.#add(at + 1, at + 3, 'Key length', depth + 1, keyEnd - at - 3);
    this.#add(at + 3, keyEnd, 'Key', depth + 1, key);
    this.#add(keyEnd, keyEnd + 2, 'Value length', depth + 1, end - keyEnd - 2);
    if (type === 'list') this.#list(keyEnd + 2, depth + 1);
    else this.#add(keyEnd + 2, end, 'Value', depth + 1, this.#value(type, keyEnd + 2, end));
    return end;
  }

  #value(type: string, start: number, end: number): string | number {
    const { bytes } = this;
    if (type === 'int') return bytes.readInt32BE(start);
    if (type === 'bin') return bytes.toString('hex', start, end);
    if (type === 'utf16') return Buffer.from(bytes.subarray(start, end)).swap16().toString('utf16le');
    return bytes.toString('utf8', start, end);
  }

  #add(start: number, end: number, label: string, depth: number, value?: string | number): void {
    this.#ranges.push({ start, end, label, depth, ...(value === undefined ? {} : { value }) });
  }
}
