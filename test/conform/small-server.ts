import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  type EspFault,
  type EspMessage,
  EspRequest,
  faults,
  faultTo,
  KeyValueList,
  MessageId,
  responseTo,
} from '../../src/esp/index.js';
import { Addp, charset, decodeBody, encodeAddp, encodeMessage, FrameReader } from '../../src/wire/index.js';

export const UTF8 = charset();
const TYPE = 171;

/** One connection of a small ESP server, written from the description of the protocol. Each method may be broken. */
export class SmallConnection {
  readonly reader = new FrameReader(
    {
      body: (bytes, start, end) => this.message(bytes, start, end),
      addp: (letter, value) => this.addp(letter, value),
    },
    16 << 20,
  );
  #pollTimer: NodeJS.Timeout | undefined;

  constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('close', () => clearTimeout(this.#pollTimer));
    socket.on('data', (chunk: Buffer) => {
      try {
        this.data(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.on('end', () => this.end());
  }

  data(chunk: Buffer): void {
    this.reader.push(chunk);
  }

  message(bytes: Buffer, start: number, end: number): void {
    const message = decodeBody(bytes, start, end, UTF8);
    if (message.messageId === MessageId.Request3rdServer) this.request(message);
  }

  request(message: EspMessage): void {
    if (message.referenceId !== undefined) this.reply(this.answer(new EspRequest(message)));
  }

  answer(request: EspRequest): EspMessage {
    return request.service === 'Small' && request.method === 'Ask'
      ? responseTo(request, TYPE, new KeyValueList())
      : faultTo(request, TYPE, this.fault(request));
  }

  fault({ service, method, name }: EspRequest): EspFault {
    if (service === '' || method === '') return faults.invalidRequest();
    return service === 'Small' ? faults.unknownMethod(name) : faults.unknownService(service);
  }

  reply(message: EspMessage): void {
    this.socket.write(encodeMessage(message, UTF8));
  }

  addp(letter: number, value: number): void {
    if (letter === Addp.Init) {
      this.socket.write(encodeAddp(Addp.InitAck, 1));
      this.pollAfter(value);
    } else if (letter === Addp.Poll) {
      this.socket.write(encodeAddp(Addp.PollAck, value));
    } else {
      clearTimeout(this.#pollTimer);
    }
  }

  pollAfter(ms: number): void {
    if (ms === 0) return;
    this.#pollTimer = setTimeout(() => {
      this.socket.write(encodeAddp(Addp.Poll, 0));
      this.#pollTimer = setTimeout(() => this.socket.destroy(), ms);
    }, ms);
  }

  end(): void {
    this.socket.end();
  }
}

export interface SmallServer {
  readonly port: number;
  close(): void;
}

/** A small server with connections of this class. */
export async function startSmallServer(Connection: typeof SmallConnection = SmallConnection): Promise<SmallServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    new Connection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
