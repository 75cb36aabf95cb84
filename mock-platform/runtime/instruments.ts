import { createLogger, type Prepared, type RootLogger } from '#server';
import { type Charset, charset } from '#wire';
import { Charts } from '../charts/index.js';
import type { PlatformConfig } from '../configuration/index.js';
import { Causes, Faults } from '../faults/index.js';
import { Journal, JournalWatch, TappedLogger } from '../journal/index.js';
import type { Upstream } from '../upstreams/index.js';
import { Connections } from './connections.js';

/** A charset that can be switched. */
export class CurrentCharset implements Charset {
  #current: Charset;

  constructor(name: string) {
    this.#current = charset(name);
  }

  use(name: string): void {
    this.#current = charset(name);
  }

  get name(): string {
    return this.#current.name;
  }

  get ascii(): boolean {
    return this.#current.ascii;
  }

  decode(bytes: Buffer, start: number, end: number): string | undefined {
    return this.#current.decode(bytes, start, end);
  }

  encode(text: string): Buffer | undefined {
    return this.#current.encode(text);
  }
}

/** What the parts of a platform share: journal, charts, connections, faults and log. */
export interface Instruments {
  readonly journal: Journal;
  /** Observers that add the traffic of relays and Interaction Server to the journal. */
  readonly watch: JournalWatch;
  readonly charts: Charts;
  readonly connections: Connections;
  readonly faults: Faults;
  readonly causes: Causes;
  /** Also adds log lines to the journal. */
  readonly logger: RootLogger;
  /** The charset of the host's listener. */
  readonly charset: Charset;
  /** Switches the charset and the logging to another configuration. */
  use(prepared: Prepared): void;
}

/** @param kept how much the journal keeps @param override the logger to use instead of that of config.yaml */
export function createInstruments(
  prepared: Prepared,
  upstreams: readonly Upstream[],
  kept: PlatformConfig['journal'],
  override: RootLogger | undefined,
): Instruments {
  const { listeners, logging } = prepared.loaded.config;
  const currentCharset = new CurrentCharset(listeners.esp.charset);
  const { entries, megabytes } = kept;
  const journal = new Journal({ charset: currentCharset, entries, bytes: megabytes * 2 ** 20 });
  const watch = new JournalWatch(journal);
  const causes = new Causes(() => upstreams.map(({ url }) => url));
  const faults = new Faults({
    charset: currentCharset,
    brought: upstreams.map(({ name, mock: { faults = {} } }) => ({ name, faults })),
    causeOf: (call) => causes.of(call),
    onMatch: (exchange, injectedFault) => journal.mark(watch.entryOf(exchange) ?? 0, { injectedFault }),
    onMatchCall: ({ request, client }, call, injectedFault) =>
      journal.markCall(client, request.referenceId, call, { injectedFault }),
  });
  const logger = new TappedLogger(override ?? createLogger(logging), (record) => journal.log(record));
  const charts = new Charts();
  journal.subscribe(charts.take);
  const use = ({ loaded: { config } }: Prepared): void => {
    currentCharset.use(config.listeners.esp.charset);
    if (override === undefined) logger.configure(config.logging);
  };
  return {
    journal,
    watch,
    charts,
    connections: new Connections(),
    faults,
    causes,
    logger,
    charset: currentCharset,
    use,
  };
}
