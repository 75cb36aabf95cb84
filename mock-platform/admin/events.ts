import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Outcome } from '../hot-reload/index.js';
import type { JournalChange, JournalEntry } from '../journal/index.js';
import type { RunningPlatform } from '../runtime/index.js';
import { summaryOf } from './summary.js';

/** What there is something new of: one of these, or an upstream, by its name. */
export type Changed = 'faults' | 'stubs' | 'configuration' | 'journal' | 'reload' | (string & {});

/** How long changes are gathered: an entry that changes several times meanwhile is told of once. */
const GATHER_MS = 50;
const HEARTBEAT_MS = 15_000;

/** How much may wait for a client that reads slowly. */
const BACKLOG_BYTES = 1 << 20;

/** How long a client that is dropped may take to read why. */
const LAST_WORDS_MS = 2000;

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Tells clients of what happens, as server-sent events. */
export class Events {
  readonly #clients = new Set<ServerResponse>();
  readonly #entries = new Map<number, JournalEntry>();
  readonly #changed = new Set<Changed>();
  readonly #ends: (() => void)[];
  readonly #heartbeat: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ journal, connections, upstreams, reloads }: RunningPlatform) {
    this.#ends = [
      journal.subscribe((change) => this.#journal(change)),
      connections.subscribe(() => this.changed('configuration')),
      ...upstreams.map((upstream) => upstream.subscribe(() => this.changed(upstream.name))),
      ...(reloads === undefined ? [] : [reloads.subscribe((outcome) => this.#reload(outcome))]),
    ];
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS).unref();
  }

  /** From now on this client is told. */
  open(request: IncomingMessage, response: ServerResponse): void {
    if (this.#closed) {
      response.destroy();
      return;
    }
    request.socket.setNoDelay(true);
    response.on('close', () => this.#clients.delete(response));
    response.on('error', () => undefined);
    response.writeHead(200, HEAD);
    response.write('retry: 1000\n\n');
    this.#clients.add(response);
  }

  changed(what: Changed): void {
    if (this.#clients.size === 0) return;
    this.#changed.add(what);
    this.#gather();
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#gathering);
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  /** Methods, channels and addresses are others, too. */
  #reload({ kind }: Outcome): void {
    this.changed('reload');
    if (kind === 'applied') this.changed('configuration');
  }

  #journal(change: JournalChange): void {
    if (this.#clients.size === 0) return;
    if (change.kind === 'cleared') {
      this.#entries.clear();
      this.changed('journal');
      return;
    }
    this.#entries.set(change.entry.id, change.entry);
    this.#gather();
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
  }

  #flush(): void {
    this.#gathering = undefined;
    const events = [
      ...[...this.#changed].map((what) => event('changed', { what })),
      ...[...this.#entries.values()].map((entry) => event('journal', summaryOf(entry))),
    ];
    this.#changed.clear();
    this.#entries.clear();
    this.#write(events.join(''));
  }

  #write(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > BACKLOG_BYTES) this.#drop(client);
      else client.write(text);
    }
  }

  /** Its browser connects again by itself, and loads what it missed. */
  #drop(client: ServerResponse): void {
    this.#clients.delete(client);
    client.end(': you read too slowly: connect again, and load what you missed\n\n');
    setTimeout(() => client.destroy(), LAST_WORDS_MS).unref();
  }
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
