import { createLogger, type Prepared, type RootLogger } from 'esp-host/server';
import { type Charset, charset } from 'esp-host/wire';
import { Charts } from '../charts/index.js';
import { Faults } from '../faults/index.js';
import { Journal, JournalWatch, TappedLogger } from '../journal/index.js';
import { Connections } from './connections.js';

/** A charset that can become another one. */
export class CurrentCharset implements Charset {
  #now: Charset;

  constructor(name: string) {
    this.#now = charset(name);
  }

  use(name: string): void {
    this.#now = charset(name);
  }

  get name(): string {
    return this.#now.name;
  }

  get ascii(): boolean {
    return this.#now.ascii;
  }

  decode(bytes: Buffer, start: number, end: number): string | undefined {
    return this.#now.decode(bytes, start, end);
  }

  encode(text: string): Buffer | undefined {
    return this.#now.encode(text);
  }
}

/** What the platform of a platform share: who is told of what passes, and what goes wrong on purpose. */
export interface Instruments {
  readonly journal: Journal;
  /** Tells the journal of what relays and Interaction Server see. */
  readonly watch: JournalWatch;
  readonly charts: Charts;
  readonly connections: Connections;
  readonly faults: Faults;
  /** Its lines go to the journal, too. */
  readonly logger: RootLogger;
  /** Of the host's listener. */
  readonly charset: Charset;
  /** Reads and logs as another configuration says. */
  use(prepared: Prepared): void;
}

/** @param given in place of the logger that config.yaml asks for */
export function createInstruments(prepared: Prepared, given: RootLogger | undefined): Instruments {
  const { listeners, logging } = prepared.loaded.config;
  const set = new CurrentCharset(listeners.esp.charset);
  const journal = new Journal({ charset: set });
  const watch = new JournalWatch(journal);
  const faults = new Faults({
    charset: set,
    struck: (exchange, { id, kind }) => journal.mark(watch.entryOf(exchange) ?? 0, { injectedFault: { id, kind } }),
  });
  const logger = new TappedLogger(given ?? createLogger(logging), (record) => journal.log(record));
  const charts = new Charts();
  journal.subscribe(charts.take);
  const use = ({ loaded: { config } }: Prepared): void => {
    set.use(config.listeners.esp.charset);
    if (given === undefined) logger.configure(config.logging);
  };
  return { journal, watch, charts, connections: new Connections(), faults, logger, charset: set, use };
}
