import { EspReply, type KeyValueEntry, KeyValueList, MessageId, ReplyTooLargeError } from '../esp/index.js';
import type { ByteWriter } from './byte-writer.js';
import type { Charset } from './charset.js';
import { FRAME_MAX } from './constants.js';
import { ListEncoder } from './list-encoder.js';
import { encodeMessage, writeBody } from './message-codec.js';

/** Where things stand in a frame whose attributes are ReferenceId and Request, the latter a short list. */
const REFERENCE_ID = 14;
const REQUEST = 23;

/** An empty short list. */
const EMPTY_LIST = 4;

/** Longest AppType that is kept with a beginning: clients choose it. */
const APP_TYPE_MAX = 64;

/** Longest Service and Method of a fault that is written where it goes out: most fit into one frame then. */
const NAME_MAX = 256;

/** Writes replies. What a response begins with is the same each time that a method is asked, and is encoded once. */
export class ReplyWriter {
  /** By method: that of the kind of request which it answered last. */
  readonly #beginnings = new Map<string, Beginning>();

  /** @param most bytes of a response */
  constructor(
    private readonly charset: Charset,
    private readonly most = Number.POSITIVE_INFINITY,
  ) {}

  /** Writes the reply behind what `out` holds. @throws EncodeError, ReplyTooLargeError, with `out` as it was */
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

  /** A fault is as large as its request makes it; a response is as large as a plugin does. */
  #long(reply: EspReply): Buffer {
    if (isFault(reply)) return encodeMessage(reply, this.charset);
    reply.checkSize(this.most);
    const bytes = encodeMessage(reply, this.charset);
    if (bytes.length > this.most) throw new ReplyTooLargeError(bytes.length, this.most);
    return bytes;
  }

  /** False, with an `out` that its caller resets: the fault needs more than a frame. */
  #writeFault(out: ByteWriter, reply: EspReply): boolean {
    const { to } = reply;
    if (to.service.length > NAME_MAX || to.method.length > NAME_MAX || !isShort(reply.appType)) return false;
    const start = out.length;
    out.u32(0);
    writeBody(out, reply, this.charset);
    const length = out.length - start - 4;
    out.setU32(start, length);
    return length <= FRAME_MAX;
  }

  /** False, with an `out` that its caller resets: the reply is not one that fits behind a beginning. */
  #writeShort(out: ByteWriter, reply: EspReply): boolean {
    const { referenceId } = reply;
    if (referenceId === undefined || !hasBeginning(reply)) return false;
    const start = out.length;
    out.append(this.#beginning(reply).bytes);
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

  #beginning(reply: EspReply): Beginning {
    const { method } = reply.to;
    let beginning = this.#beginnings.get(method);
    if (!beginning?.isOf(reply)) {
      beginning = new Beginning(reply, this.charset);
      this.#beginnings.set(method, beginning);
    }
    return beginning;
  }
}

const isFault = ({ messageId }: EspReply): boolean => messageId === MessageId.Event3rdServerFault;

/** Of responses alone: their methods are registered, so that clients can't make more of them. */
const hasBeginning = ({ messageId, userData, appType }: EspReply): boolean =>
  messageId === MessageId.Event3rdServerResponse && userData === undefined && isShort(appType);

const isShort = (appType: KeyValueEntry): boolean =>
  appType.type === 'int' || (typeof appType.value === 'string' && appType.value.length <= APP_TYPE_MAX);

/** The frame of a response up to where its Parameters begin. */
class Beginning {
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

  isOf({ to, appType }: EspReply): boolean {
    return (
      to.service === this.#service &&
      to.text === this.#text &&
      appType.type === this.#appType.type &&
      appType.value === this.#appType.value
    );
  }
}
