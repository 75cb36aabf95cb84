import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type EspMessage, KeyValueList, MessageId, type PlainValues } from '../../src/esp/index.js';
import { charset, decodeBody, encodeMessage, FrameReader } from '../../src/wire/index.js';
import { Changes, inTime } from './eventually.js';

/** An ESP client made of a socket and the codec alone, so that a test sees every frame. */
export class RawClient {
  readonly received: EspMessage[] = [];
  readonly addp: string[] = [];
  readonly #changes = new Changes();
  readonly #closed: Promise<unknown>;
  #over = false;

  private constructor(readonly socket: Socket) {
    const reader = new FrameReader(
      {
        body: (bytes, start, end) => this.received.push(decodeBody(bytes, start, end, charset())),
        addp: (letter, value) => this.addp.push(`${String.fromCharCode(letter)} ${value}`),
      },
      64 << 20,
    );
    this.#closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      this.#changes.announce();
    });
    socket.on('close', () => {
      this.#over = true;
      this.#changes.announce();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  static async openTls(port: number, options: ConnectionOptions): Promise<RawClient> {
    const socket = connectTls({ port, host: '127.0.0.1', ...options });
    const client = new RawClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  /** Resolves when the connection is over. */
  get closed(): Promise<unknown> {
    return inTime(this.#closed, 'the connection closes');
  }

  write(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  send(...messages: EspMessage[]): void {
    this.socket.write(Buffer.concat(messages.map((message) => encodeMessage(message, charset()))));
  }

  /** The first `count` received messages; rejects if the connection ends first. */
  async messages(count: number): Promise<readonly EspMessage[]> {
    await this.#until(() => this.received.length >= count, `${count} messages`);
    return this.received;
  }

  /** The first `count` received ADDP frames, as letter and number. */
  async addpFrames(count: number): Promise<readonly string[]> {
    await this.#until(() => this.addp.length >= count, `${count} ADDP frames`);
    return this.addp;
  }

  /** Sends one request and returns the next received message. */
  async ask(message: EspMessage): Promise<EspMessage> {
    const before = this.received.length;
    this.send(message);
    const reply = (await this.messages(before + 1))[before];
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const expected = () => `${what} (${this.received.length} messages and ${this.addp.length} ADDP frames arrived)`;
    await this.#changes.first(() => {
      if (done()) return true;
      if (this.#over) throw new Error(`the connection closed before ${what} arrived`);
      return undefined;
    }, expected);
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.closed;
  }
}

/** A Request3rdServer as strategies send it. */
export function request(
  referenceId: number | undefined,
  service: string,
  method: string,
  parameters: PlainValues = {},
  more: PlainValues = {},
): EspMessage {
  return {
    messageId: MessageId.Request3rdServer,
    referenceId,
    request: KeyValueList.from({ ...more, Service: service, Method: method, Parameters: parameters }),
    userData: undefined,
  };
}

/** `901 text` of a fault, `{...}` of a response's parameters. */
export function outcome(message: EspMessage): string {
  const parameters = message.request?.list('Parameters') ?? new KeyValueList();
  if (message.messageId === MessageId.Event3rdServerFault) {
    return `${parameters.string('FaultCode')} ${parameters.string('FaultString')}`;
  }
  return JSON.stringify(
    Object.fromEntries(parameters.entries.map((entry) => [entry.key, entry.type === 'list' ? '[list]' : entry.value])),
  );
}
