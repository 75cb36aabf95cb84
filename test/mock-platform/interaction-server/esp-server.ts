import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { charset, decodeBody, type EspMessage, encodeMessage, FrameReader } from '#wire';
import { Changes } from '../../support/eventually.js';

/** What an ESP server got: the body's own bytes, and how it reads. */
export interface Received {
  readonly body: Buffer;
  readonly message: EspMessage;
}

/** A manual ESP server: a test sees each received byte, and writes each sent one. */
export class EspServer {
  readonly received: Received[] = [];
  readonly stream: Buffer[] = [];
  /** Where set, answers each message at once. */
  answer: ((message: EspMessage) => EspMessage) | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #changes = new Changes();

  private constructor(private readonly server: Server) {}

  static async start(port = 0, tls?: TlsOptions): Promise<EspServer> {
    const accept = (socket: Socket): void => started.#accept(socket);
    const server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
    const started = new EspServer(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return started;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The message number `index`, as soon as it has come. */
  message(index: number): Promise<Received> {
    const what = () => `message ${index} reaches the server; ${this.received.length} arrived`;
    return this.#changes.first(() => this.received[index], what);
  }

  write(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  send(message: EspMessage): void {
    this.write(encodeMessage(message, charset()));
  }

  /** Resets the connections, and keeps listening. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.drop();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    const reader = new FrameReader(
      { body: (bytes, start, end) => this.#body(bytes.subarray(start, end)), addp: () => undefined },
      64 << 20,
    );
    socket.on('data', (chunk: Buffer) => {
      this.stream.push(chunk);
      reader.push(chunk);
    });
  }

  #body(body: Buffer): void {
    const message = decodeBody(body, 0, body.length, charset());
    this.received.push({ body: Buffer.from(body), message });
    this.#changes.announce();
    if (this.answer !== undefined) this.send(this.answer(message));
  }
}
