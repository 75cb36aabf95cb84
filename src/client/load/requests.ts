import type { EspMessage } from '../../esp/index.js';
import { type Charset, charset, encodeMessage } from '../../wire/index.js';

interface Frame {
  readonly bytes: Buffer;
  /** Where its ReferenceId stands. */
  readonly referenceId: number;
}

/** Requests as bytes, built once; each time that one is sent it goes under another ReferenceId. */
export class Requests {
  readonly charset: Charset;
  readonly #frames: readonly Frame[];
  #turn = 0;

  constructor(messages: readonly EspMessage[], charsetName: string | undefined) {
    this.charset = charset(charsetName);
    this.#frames = messages.map((message) => frameOf(message, this.charset));
  }

  /** The next one in turn, under this ReferenceId. The bytes are good until the next call. */
  next(referenceId: number): Buffer {
    const frame = this.#frames[this.#turn] as Frame;
    this.#turn = this.#turn + 1 === this.#frames.length ? 0 : this.#turn + 1;
    frame.bytes.writeInt32BE(referenceId, frame.referenceId);
    return frame.bytes;
  }
}

/** The ReferenceId stands where the frame is another under another one. */
function frameOf(message: EspMessage, set: Charset): Frame {
  const bytes = encodeMessage({ ...message, referenceId: 0 }, set);
  const other = encodeMessage({ ...message, referenceId: -1 }, set);
  return { bytes, referenceId: bytes.findIndex((byte, at) => byte !== other[at]) };
}
