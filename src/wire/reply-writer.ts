import { EspReply, type KeyValueEntry, KeyValueList, MessageId, ReplyTooLargeError } from '../esp/index.js';
import type { ByteWriter } from './byte-writer.js';
import type { Charset } from './charset.js';
import { FRAME_MAX } from './constants.js';
import { ListEncoder } from './list-encoder.js';
import { encodeMessage, writeBody } from './message-codec.js';

/** Offsets in a frame whose attributes are ReferenceId and Request, the latter a short list. */
const REFERENCE_ID = 14;
const REQUEST = 23;

/** Bytes of an empty short list. */
const EMPTY_LIST = 4;

/** Maximum length of an AppType in a cached prefix: clients choose it. */
const APP_TYPE_MAX = 64;

/** Writes replies. All responses of a method start with the same bytes, which are encoded once. */
export class ReplyWriter {
  /** By method: the prefix of its last response. */
  readonly #prefixes = new Map<string, ResponsePrefix>();

  /** @param maxBytes of a response */
  constructor(
    private readonly charset: Charset,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** Appends the reply. @throws EncodeError, ReplyTooLargeError; `out` is unchanged then */
  write(out: ByteWriter, reply: EspReply): void {
    const start = out.length;
    try {
      if (isFault(reply) ? this.#writeFault(out, reply) : this.#writeShort(out, reply)) return;
      out.length = start;
      out.append(this.#long(reply));
    } catch (error) {
      out.length = start;
      throw error;
    }
  }

  /** A fault grows with its request, which has a limit already; a response depends on the plugin. */
  #long(reply: EspReply): Buffer {
    if (isFault(reply)) return encodeMessage(reply, this.charset);
    reply.checkSize(this.maxBytes);
    const bytes = encodeMessage(reply, this.charset);
    if (bytes.length > this.maxBytes) throw new ReplyTooLargeError(bytes.length, this.maxBytes);
    return bytes;
  }

  /** Returns false if the fault does not fit in a frame: the caller must reset `out`. */
  #writeFault(out: ByteWriter, reply: EspReply): boolean {
    const start = out.length;
    out.u32(0);
    writeBody(out, reply, this.charset);
    const length = out.length - start - 4;
    out.setU32(start, length);
    return length <= FRAME_MAX;
  }

  /** Returns false if the reply is not a prefix with parameters in one frame: the caller must reset `out`. */
  #writeShort(out: ByteWriter, reply: EspReply): boolean {
    const { referenceId } = reply;
    if (referenceId === undefined || !hasPrefix(reply)) return false;
    const start = out.length;
    out.append(this.#prefix(reply).bytes);
    const parameters = out.length;
    if (!new ListEncoder(out, this.charset).short(reply.parameters)) return false;
    const length = out.length - start - 4;
    if (length > FRAME_MAX) return false;
    out.setU32(start, length);
    out.setU32(start + REFERENCE_ID, referenceId);
    out.setU16(start + REQUEST, out.length - start - REQUEST);
    out.setU16(parameters - 2, out.length - parameters);
    return true;
  }

  #prefix(reply: EspReply): ResponsePrefix {
    const { method } = reply.to;
    let prefix = this.#prefixes.get(method);
    if (!prefix?.fits(reply)) {
      prefix = new ResponsePrefix(reply, this.charset);
      this.#prefixes.set(method, prefix);
    }
    return prefix;
  }
}

const isFault = ({ messageId }: EspReply): boolean => messageId === MessageId.Event3rdServerFault;

/** Only of responses: their methods are registered, so that clients cannot grow the cache. */
const hasPrefix = ({ messageId, userData, appType }: EspReply): boolean =>
  messageId === MessageId.Event3rdServerResponse && userData === undefined && isShort(appType);

const isShort = (appType: KeyValueEntry): boolean =>
  appType.type === 'int' || (typeof appType.value === 'string' && appType.value.length <= APP_TYPE_MAX);

/** The frame of a response up to its Parameters. */
class ResponsePrefix {
  readonly bytes: Buffer;
  readonly #service: string;
  readonly #text: 'str' | 'utf16';
  readonly #appType: KeyValueEntry;

  constructor({ messageId, to, appType }: EspReply, charset: Charset) {
    this.#service = to.service;
    this.#text = to.text;
    this.#appType = appType;
    const bare = encodeMessage(new EspReply(messageId, to, appType, new KeyValueList(), undefined), charset);
    this.bytes = bare.subarray(0, -EMPTY_LIST);
  }

  fits({ to, appType }: EspReply): boolean {
    return (
      to.service === this.#service &&
      to.text === this.#text &&
      appType.type === this.#appType.type &&
      appType.value === this.#appType.value
    );
  }
}
