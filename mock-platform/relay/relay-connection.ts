import { type Charset, type Frame, WireError } from '#wire';
import { type Exchange, Exchanges, type RelayedConnection } from './exchange.js';
import { Flow } from './flow.js';
import type { Action, Direction, Interference, RelayObserver } from './hooks.js';
import type { Peer } from './peer.js';

export interface Watch {
  readonly observer: RelayObserver;
  readonly interference: Interference | undefined;
  readonly charset: Charset;
}

/** Relays the messages between a client and the server. */
export class RelayConnection implements RelayedConnection {
  readonly client: string;
  readonly local: string;
  readonly #exchanges: Exchanges;
  readonly #toServer: Flow;
  readonly #toClient: Flow;
  /** Why it ended; the first reason is kept. */
  #why: string | undefined;
  #cutOff = false;
  #open = 2;

  constructor(
    readonly id: number,
    private readonly clientPeer: Peer,
    private readonly serverPeer: Peer,
    private readonly watch: Watch,
    private readonly closed: () => void,
  ) {
    this.client = clientPeer.address;
    this.local = serverPeer.local;
    this.#exchanges = new Exchanges(this, watch.charset);
    this.#toServer = this.#flow('toServer', clientPeer, serverPeer, 'the client');
    this.#toClient = this.#flow('toClient', serverPeer, clientPeer, 'the server');
  }

  /** Closes both sides immediately. */
  destroy(): void {
    this.#end('the relay was stopped');
    this.clientPeer.socket.destroy();
    this.serverPeer.socket.destroy();
  }

  #flow(direction: Direction, from: Peer, to: Peer, who: string): Flow {
    const { interference } = this.watch;
    from.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#end(`connection to ${who} failed: ${error.code ?? error.message}`);
      to.reset();
    });
    from.socket.on('close', () => {
      this.#stopped();
      to.close();
    });
    return new Flow(from, to, {
      holding: () => !this.#cutOff && interference?.active === true,
      passed: (frame) => this.#passed(frame, direction),
      held: (frame) => this.#held(frame, direction, interference),
      broken: (error) => this.#broken(error, direction),
      ended: () => {
        this.#why ??= `${who} closed the connection`;
        if (direction === 'toClient') this.#lose();
        to.end();
      },
    });
  }

  #passed(frame: Frame, direction: Direction): void {
    if (this.#cutOff) return;
    const exchange = this.#exchangeOf(frame, direction);
    if (direction === 'toClient' && exchange !== undefined) this.watch.observer.answered?.(exchange, frame.bytes);
  }

  #held(frame: Frame, direction: Direction, interference: Interference | undefined): void {
    if (this.#cutOff) return;
    const exchange = this.#exchangeOf(frame, direction);
    const action = interference?.decide(frame, direction, exchange);
    if (action === undefined) this.#send(frame.bytes, direction, exchange);
    else this.#act(action, frame, direction, exchange);
  }

  #send(bytes: Buffer, direction: Direction, exchange: Exchange | undefined): void {
    if (direction === 'toServer') {
      this.#toServer.write(bytes);
      return;
    }
    this.#toClient.write(bytes);
    if (exchange !== undefined) this.watch.observer.answered?.(exchange, bytes);
  }

  #act(action: Action, frame: Frame, direction: Direction, exchange: Exchange | undefined): void {
    switch (action.do) {
      case 'drop':
        if (exchange !== undefined) this.#unanswered(exchange, 'none', 'dropped on purpose');
        return;
      case 'replace':
        this.#send(action.bytes, direction, exchange);
        return;
      case 'delay': {
        const flow = direction === 'toServer' ? this.#toServer : this.#toClient;
        flow.delay(action.ms, action.atOnce, () => this.#send(frame.bytes, direction, exchange));
        return;
      }
      case 'answer':
        if (exchange !== undefined) this.#exchanges.forget(exchange);
        this.#send(action.bytes, 'toClient', exchange);
        return;
      case 'close':
      case 'reset':
        this.#cut(action, exchange);
    }
  }

  /** Closes both connections, the client's with a FIN or a reset. */
  #cut({ do: how, bytes }: Extract<Action, { do: 'close' | 'reset' }>, exchange: Exchange | undefined): void {
    this.#cutOff = true;
    const why = how === 'reset' ? 'reset on purpose' : 'closed on purpose';
    if (bytes !== undefined) this.clientPeer.write(bytes);
    if (exchange !== undefined) this.#unanswered(exchange, 'lost', why);
    this.#end(why);
    if (how === 'reset') this.clientPeer.reset();
    else this.clientPeer.close();
    this.serverPeer.socket.destroy();
  }

  /** Without an observer of requests, pending requests are not stored: the server may never answer them. */
  get #tracksExchanges(): boolean {
    return this.watch.observer.request !== undefined || this.watch.interference !== undefined;
  }

  /** Notifies the observer of a frame and returns the exchange that it starts or ends. */
  #exchangeOf(frame: Frame, direction: Direction): Exchange | undefined {
    const { observer } = this.watch;
    observer.frame?.(this, direction, frame);
    if (frame.kind === 'addp' || !this.#tracksExchanges) return undefined;
    if (direction === 'toClient') return this.#exchanges.close(frame);
    try {
      const exchange = this.#exchanges.open(frame);
      if (exchange === undefined) return undefined;
      observer.request?.(exchange);
      if (exchange.request.referenceId === undefined)
        this.#unanswered(exchange, 'none', 'the request has no ReferenceId');
      return exchange;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      observer.broken?.(this, direction, error);
      return undefined;
    }
  }

  #broken(error: WireError, direction: Direction): void {
    this.watch.observer.broken?.(this, direction, error);
  }

  #unanswered(exchange: Exchange, how: 'none' | 'lost', why: string): void {
    this.#exchanges.forget(exchange);
    this.watch.observer.unanswered?.(exchange, how, why);
  }

  /** Reports all pending exchanges as lost. */
  #lose(): void {
    const why = this.#why ?? 'the connection was closed';
    for (const exchange of this.#exchanges.forgetAll()) this.watch.observer.unanswered?.(exchange, 'lost', why);
  }

  #end(why: string): void {
    this.#why ??= why;
    this.#toServer.stop();
    this.#toClient.stop();
    this.#lose();
  }

  #stopped(): void {
    this.#open--;
    if (this.#open > 0) return;
    this.#end('the connection was closed');
    this.watch.observer.closed?.(this, this.#why ?? '');
    this.closed();
  }
}
