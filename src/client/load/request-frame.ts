import type { EspMessage } from '../../esp/index.js';
import { type Charset, charset, encodeMessage } from '../../wire/index.js';

/** A request's bytes, built once; each time it is sent it goes under another ReferenceId. */
export class RequestFrame {
  readonly charset: Charset;
  readonly #bytes: Buffer;
  readonly #referenceId: number;

  constructor(message: EspMessage, charsetName: string | undefined) {
    this.charset = charset(charsetName);
    this.#bytes = encodeMessage({ ...message, referenceId: 0 }, this.charset);
    const other = encodeMessage({ ...message, referenceId: -1 }, this.charset);
    this.#referenceId = this.#bytes.findIndex((byte, at) => byte !== other[at]);
  }

  /** The bytes under this ReferenceId, good until the next call. */
  under(referenceId: number): Buffer {
    this.#bytes.writeInt32BE(referenceId, this.#referenceId);
    return this.#bytes;
  }
}
