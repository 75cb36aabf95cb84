import { Change, isSameAddress, type Prepared, takePort } from '#server';
import { type Address, reachable } from '../configuration/index.js';
import { type Relay, type RelayOptions, type RelaySettings, relayOf, startRelay } from '../relay/index.js';
import type { Instruments } from '../runtime/index.js';

/** Any free port on the loopback. */
export const FREE_PORT: Address = { host: '127.0.0.1', port: 0 };

/** Relays ESP clients to the host. Listens at `listeners.esp` of config.yaml, and moves when that changes. */
export class HostRelay {
  #relay: Relay;
  /** A relay without TLS for the platform's own requests, if the main relay requires TLS. */
  #plain: Relay | undefined;
  /** Former relays with open connections. */
  readonly #previous: Relay[] = [];

  private constructor(
    prepared: Prepared,
    private readonly instruments: Instruments,
    private readonly to: Address,
    /** Overrides the port in config.yaml. */
    private readonly port: number | undefined,
    private listenAddress = addressOf(prepared, port),
  ) {
    this.#relay = relayOf(this.#options(prepared, listenAddress));
  }

  /** @throws ListenError */
  static async start(prepared: Prepared, instruments: Instruments, to: Address, port?: number): Promise<HostRelay> {
    const relay = new HostRelay(prepared, instruments, to, port);
    await takePort(relay.#relay, relay.listenAddress, 'listeners.esp', undefined, new Change());
    try {
      await relay.#openPlain(prepared);
    } catch (error) {
      await relay.close();
      throw error;
    }
    return relay;
  }

  get address(): Address {
    return { host: this.listenAddress.host, port: this.#relay.port };
  }

  /** The address without TLS. */
  get plain(): Address {
    const { host, port } = this.#plain ?? this.#relay;
    return { host: reachable(host), port };
  }

  /**
   * Switches to another configuration together with `change`, or not at all. Open connections are not affected.
   * @throws ListenError, or what `change` throws
   */
  async switchTo(prepared: Prepared, change: () => Promise<void>): Promise<void> {
    const steps = new Change();
    try {
      const address = addressOf(prepared, this.port);
      const relay = await this.#relayAt(address, prepared, steps);
      await this.#openPlain(prepared);
      await steps.finish();
      await change();
      if (relay !== this.#relay) {
        void this.#relay.stopListening();
        this.#previous.push(this.#relay);
      }
      this.#relay = relay;
      this.listenAddress = address;
      relay.use(this.#settings(prepared));
    } catch (error) {
      await steps.undo();
      throw error;
    }
  }

  /** Refuses new connections. Open connections are not affected. */
  async stopListening(): Promise<void> {
    await Promise.all([this.#relay.stopListening(), this.#plain?.stopListening()]);
  }

  /** Gives the connections a moment to end by themselves, then closes them. */
  async close(): Promise<void> {
    await Promise.all([this.#relay, this.#plain, ...this.#previous].map((relay) => relay?.close()));
  }

  async #relayAt(address: Address, prepared: Prepared, change: Change): Promise<Relay> {
    if (await isSameAddress(this.listenAddress, address)) return this.#relay;
    const relay = relayOf(this.#options(prepared, address));
    await takePort(relay, address, 'listeners.esp', this.#relay, change);
    change.onUndo(() => relay.close());
    return relay;
  }

  async #openPlain(prepared: Prepared): Promise<void> {
    if (prepared.tls === undefined || this.#plain !== undefined) return;
    this.#plain = await startRelay({ ...this.#options(prepared, FREE_PORT), tls: undefined });
  }

  #options(prepared: Prepared, listen: Address): RelayOptions {
    const { charset, logger } = this.instruments;
    return { ...this.#settings(prepared), listen, to: () => this.to, charset, logger };
  }

  #settings({ application, tls }: Prepared): RelaySettings {
    const { watch, connections, faults } = this.instruments;
    const observer = { ...watch.relay(application.name), ...connections.relay('host') };
    return { tls, observer, interference: faults.before(application.type) };
  }
}

function addressOf({ loaded }: Prepared, port: number | undefined): Address {
  const { esp } = loaded.config.listeners;
  return { host: esp.host, port: port ?? esp.port };
}
