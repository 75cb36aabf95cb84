import { Change, isSameAddress, type Prepared, takePort } from 'esp-host/server';
import { type Address, reachable } from '../configuration/index.js';
import { type Relay, type RelayOptions, type RelaySettings, relayOf, startRelay } from '../relay/index.js';
import type { Instruments } from '../runtime/index.js';

/** Any free port of this machine. */
export const UNSEEN: Address = { host: '127.0.0.1', port: 0 };

/** Where ESP clients reach the host: a relay at `listeners.esp` of config.yaml, wherever that moves to. */
export class HostRelay {
  #relay: Relay;
  /** A way without TLS for the platform's own requests, where the relay has none. */
  #plain: Relay | undefined;
  /** Those that it had before, whose connections are still open. */
  readonly #before: Relay[] = [];

  private constructor(
    prepared: Prepared,
    private readonly instruments: Instruments,
    private readonly to: Address,
    /** In place of the one in config.yaml. */
    private readonly port: number | undefined,
    private asked = addressOf(prepared, port),
  ) {
    this.#relay = relayOf(this.#options(prepared, asked));
  }

  /** @throws ListenError */
  static async start(prepared: Prepared, instruments: Instruments, to: Address, port?: number): Promise<HostRelay> {
    const relay = new HostRelay(prepared, instruments, to, port);
    await takePort(relay.#relay, relay.asked, 'listeners.esp', undefined, new Change());
    try {
      await relay.#openPlain(prepared);
    } catch (error) {
      await relay.close();
      throw error;
    }
    return relay;
  }

  get address(): Address {
    return { host: this.asked.host, port: this.#relay.port };
  }

  /** Without TLS. */
  get plain(): Address {
    const { host, port } = this.#plain ?? this.#relay;
    return { host: reachable(host), port };
  }

  /**
   * Goes over to another configuration together with `change`, or not at all. Connections that are open stay, and those
   * that come from now on are taken as it says. @throws ListenError, or what `change` throws
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
        this.#before.push(this.#relay);
      }
      this.#relay = relay;
      this.asked = address;
      relay.use(this.#settings(prepared));
    } catch (error) {
      await steps.undo();
      throw error;
    }
  }

  /** From now on it takes no new connections; those that are open stay. */
  async stopListening(): Promise<void> {
    await Promise.all([this.#relay.stopListening(), this.#plain?.stopListening()]);
  }

  /** Waits a moment for the connections to end by themselves, and breaks the others off. */
  async close(): Promise<void> {
    await Promise.all([this.#relay, this.#plain, ...this.#before].map((relay) => relay?.close()));
  }

  async #relayAt(address: Address, prepared: Prepared, change: Change): Promise<Relay> {
    if (await isSameAddress(this.asked, address)) return this.#relay;
    const relay = relayOf(this.#options(prepared, address));
    await takePort(relay, address, 'listeners.esp', this.#relay, change);
    change.onUndo(() => relay.close());
    return relay;
  }

  async #openPlain(prepared: Prepared): Promise<void> {
    if (prepared.tls === undefined || this.#plain !== undefined) return;
    this.#plain = await startRelay({ ...this.#options(prepared, UNSEEN), tls: undefined });
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
