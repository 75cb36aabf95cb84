import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type RelayOptions, startRelay } from '../../../mock-platform/relay/index.js';
import { Changes } from '../../support/eventually.js';
import { LogLines } from '../../support/log-lines.js';
import { RawClient } from '../../support/raw-client.js';
import { EspServer } from '../interaction-server/esp-server.js';

/** What a test hears of a relay, a line an event. */
export class Told {
  readonly lines: string[] = [];
  readonly #changes = new Changes();

  say(line: string): void {
    this.lines.push(line);
    this.#changes.announce();
  }

  line(pattern: RegExp): Promise<string> {
    const what = () => `line that matches ${pattern}, in:\n${this.lines.join('\n')}`;
    return this.#changes.first(() => this.lines.find((line) => pattern.test(line)), what);
  }
}

/** An ESP server by hand with a relay before it, and clients before that; `end` closes them all. */
export class RelaySetting {
  readonly log = new LogLines();
  readonly told = new Told();
  readonly #ends: (() => unknown)[] = [];

  async server(...options: Parameters<typeof EspServer.start>): Promise<EspServer> {
    const server = await EspServer.start(...options);
    this.#ends.push(() => server.stop());
    return server;
  }

  async relay(port: number, options: Partial<RelayOptions> = {}) {
    const relay = await startRelay({
      listen: { host: '127.0.0.1', port: 0 },
      to: () => ({ host: '127.0.0.1', port }),
      logger: this.log.logger,
      observer: {
        broken: ({ id }, direction, { message }) => this.told.say(`broken ${id} ${direction} ${message}`),
        request: ({ request }) => this.told.say(`request ${request.referenceId} ${request.name}`),
        answered: ({ request }, bytes) => this.told.say(`answered ${request.referenceId} ${bytes.readInt32BE(5)}`),
        unanswered: ({ request }, how, why) => this.told.say(`unanswered ${request.referenceId} ${how}: ${why}`),
        closed: ({ id }, why) => this.told.say(`closed ${id} ${why}`),
      },
      ...options,
    });
    this.#ends.push(() => relay.close());
    return relay;
  }

  async client({ port }: { readonly port: number }): Promise<RawClient> {
    const client = await RawClient.open(port);
    this.#ends.push(() => client.socket.destroy());
    return client;
  }

  /** A client that may stay half open. */
  async socket({ port }: { readonly port: number }): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#ends.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  /** Something else to close at the end. */
  onEnd(end: () => unknown): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
