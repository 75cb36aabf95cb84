import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Platform } from '../../../mock-platform/platform/platform.js';
import { Changes } from '../../support/eventually.js';
import type { PlatformSetting } from '../platform-setting.js';

/** A client of /api/events, which can stop reading. */
export class EventsClient {
  text = '';
  readonly closed: Promise<unknown>;
  readonly #changes = new Changes();
  #over = false;

  private constructor(readonly socket: Socket) {
    this.closed = once(socket, 'close');
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.#changes.announce();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#over = true;
      this.#changes.announce();
    });
  }

  static async open({ admin }: Platform, setting: PlatformSetting): Promise<EventsClient> {
    const { port } = new URL(admin.url);
    const socket = connect(Number(port), '127.0.0.1');
    const client = new EventsClient(socket);
    setting.onEnd(() => socket.destroy());
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await client.until(/retry: 1000/);
    return client;
  }

  until(pattern: RegExp): Promise<RegExpExecArray> {
    const received = () => `${pattern}; received last:\n${this.text.slice(-2000)}`;
    return this.#changes.first(() => {
      const found = pattern.exec(this.text);
      if (found === null && this.#over) throw new Error(`the connection closed before ${pattern} arrived`);
      return found ?? undefined;
    }, received);
  }
}
