import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { type ConnectOptions, connect } from '../client/index.js';
import { type EspMessage, messageName } from '../esp/index.js';
import { type Charset, decodeBody, FrameReader, WireError } from '../wire/index.js';
import { DeviationError } from './errors.js';

/** The pause between two writes that must arrive as two pieces, in ms. */
const PIECE_MS = 1;

/** Limit of a reply, in bytes. */
const MESSAGE_BYTES = 64 << 20;

/** Limit of the messages and ADDP frames that no check has taken: more than any check causes. */
const KEPT = 10_000;

export interface AddpFrame {
  readonly letter: number;
  readonly value: number;
}

export interface PeerOptions extends ConnectOptions {
  readonly charset: Charset;
  /** How long to wait for anything from the server, in ms. */
  readonly timeoutMs: number;
}

/** A connection to the server under test. Unlike a client, it may send any bytes. */
export class Peer {
  /** Received messages that no check has taken yet. */
  readonly messages: EspMessage[] = [];
  readonly addp: AddpFrame[] = [];
  /** Why nothing more is read from the server. */
  #problem: string | undefined;
  #ended = false;
  #closed = false;
  #changed: () => void = () => undefined;
  readonly #reader: FrameReader;

  private constructor(
    private readonly socket: Socket,
    private readonly options: PeerOptions,
  ) {
    this.#reader = new FrameReader(
      {
        body: (bytes, start, end) => {
          this.messages.push(decodeBody(bytes, start, end, options.charset));
          this.#checkNumber();
        },
        addp: (letter, value) => {
          this.addp.push({ letter, value });
          this.#checkNumber();
        },
      },
      MESSAGE_BYTES,
    );
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(() => this.#reader.push(chunk)));
    socket.on('end', () => {
      this.#ended = true;
      this.#read(() => this.#reader.end());
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      this.#closed = true;
      this.#changed();
    });
  }

  /** @throws ConnectError */
  static async open(options: PeerOptions): Promise<Peer> {
    return new Peer(await connect(options), options);
  }

  /** Sends bytes. The server may have closed the connection, or may not be reading. */
  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Sends bytes in pieces that arrive one after the other. */
  async writePieces(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.write(piece);
      await sleep(PIECE_MS);
    }
  }

  /** Ends this side of the connection. */
  end(): void {
    this.socket.end();
  }

  /** Closes the connection with a reset. Node.js cannot reset a TLS connection: it closes at once, without an alert. */
  reset(): void {
    if (this.socket instanceof TLSSocket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  /** Stops reading, until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Whether the server has ended or reset the connection. */
  get over(): boolean {
    return this.#ended || this.#closed;
  }

  /** Takes the reply with this ReferenceId. @throws DeviationError if it doesn't come */
  async reply(referenceId: number, to = 'a request'): Promise<EspMessage> {
    return this.#take(this.messages, (message) => message.referenceId === referenceId, `no reply to ${to}`);
  }

  /** Takes the next ADDP frame with this letter. @throws DeviationError if it doesn't come */
  async addpFrame(letter: number, missing: string): Promise<AddpFrame> {
    return this.#take(this.addp, (frame) => frame.letter === letter, missing);
  }

  /** Waits until the server ends the connection. @throws DeviationError if it doesn't */
  async ended(missing: string): Promise<void> {
    await this.#until(() => (this.over ? true : undefined), missing, false);
  }

  /** @throws DeviationError if a message is left that no request explains */
  checkNothingLeft(): void {
    const [message] = this.messages;
    if (message === undefined) return;
    const { messageId, referenceId } = message;
    const which = referenceId === undefined ? 'without a ReferenceId' : `with ReferenceId ${referenceId}`;
    throw new DeviationError(`sent one ${messageName(messageId)} too many, ${which}`);
  }

  /** A server that sends without end must not fill the memory. */
  #checkNumber(): void {
    if (this.messages.length + this.addp.length <= KEPT) return;
    this.#problem ??= `sent more than ${KEPT} messages that no request explains`;
    this.socket.destroy();
  }

  /** Takes the first of these that `matches`, as soon as there is one. */
  async #take<T>(all: T[], matches: (one: T) => boolean, missing: string): Promise<T> {
    const find = (): number | undefined => {
      const index = all.findIndex(matches);
      return index < 0 ? undefined : index;
    };
    const at = await this.#until(find, missing, true);
    return all.splice(at, 1)[0] as T;
  }

  #read(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#problem ??= `sent what breaks the format: ${error.message}`;
    }
    this.#changed();
  }

  /** The first defined result of `find`, now or after something has arrived. */
  async #until<T>(find: () => T | undefined, missing: string, needsConnection: boolean): Promise<T> {
    const { timeoutMs } = this.options;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.#changed();
    }, timeoutMs);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#problem !== undefined) throw new DeviationError(this.#problem);
        if (needsConnection && this.over) throw new DeviationError(`${missing}: the server closed the connection`);
        if (timedOut) throw new DeviationError(`${missing} within ${timeoutMs} ms`);
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
