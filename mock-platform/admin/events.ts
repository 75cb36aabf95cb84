import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Outcome } from '../hot-reload/index.js';
import type { JournalChange, JournalEntry } from '../journal/index.js';
import type { RunningPlatform } from '../runtime/index.js';
import type { Upstream } from '../upstreams/index.js';
import { summaryOf } from './summary.js';

/** What has changed: one of these, or the name of an upstream. */
export type Changed = 'faults' | 'stubs' | 'files' | 'notices' | 'configuration' | 'journal' | 'reload' | (string & {});

/** Batches changes for this long, so that an entry that changes several times is sent once. */
const BATCH_MS = 50;
const HEARTBEAT_MS = 15_000;

/** The maximum number of unsent bytes for a client. */
const BACKLOG_BYTES = 1 << 20;

/** How long a dropped client may take to read the reason. */
const CLOSE_GRACE_MS = 2000;

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** No notices, as text. */
const NONE = '[]';

/** Sends changes to clients as server-sent events. */
export class Events {
  readonly #clients = new Set<ServerResponse>();
  readonly #entries = new Map<number, JournalEntry>();
  readonly #changed = new Set<Changed>();
  /** Titles and effects of the last notices of each upstream. */
  readonly #notices = new Map<Upstream, string>();
  readonly #unsubscribe: (() => void)[];
  readonly #heartbeat: NodeJS.Timeout;
  #batchTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ journal, connections, faults, stubFiles, upstreams, reloads }: RunningPlatform) {
    this.#unsubscribe = [
      journal.subscribe((change) => this.#journal(change)),
      connections.subscribe(() => this.changed('configuration')),
      faults.subscribe(() => this.changed('faults')),
      stubFiles.subscribe(() => {
        this.changed('stubs');
        this.changed('files');
      }),
      ...upstreams.map((upstream) => upstream.subscribe(() => this.#upstream(upstream))),
      ...(reloads === undefined ? [] : [reloads.subscribe((outcome) => this.#reload(outcome))]),
    ];
    this.#heartbeat = setInterval(() => this.#write(': heartbeat\n\n'), HEARTBEAT_MS).unref();
  }

  /** Adds a client. */
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
    this.#scheduleFlush();
  }

  close(): void {
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#batchTimer);
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  /** A mock changes with each call, its notices seldom. They are compared without clients too, which may come later. */
  #upstream(upstream: Upstream): void {
    this.changed(upstream.name);
    const notices = JSON.stringify(upstream.notices().map(({ title, effect }) => [title, effect]));
    if ((this.#notices.get(upstream) ?? NONE) !== notices) this.changed('notices');
    this.#notices.set(upstream, notices);
  }

  /** A reload can also change methods, channels and addresses. */
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
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    this.#batchTimer ??= setTimeout(() => this.#flush(), BATCH_MS).unref();
  }

  #flush(): void {
    this.#batchTimer = undefined;
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

  /** Disconnects a slow client. A browser reconnects by itself. */
  #drop(client: ServerResponse): void {
    this.#clients.delete(client);
    client.end(': client too slow; reconnect and load the missed changes\n\n');
    setTimeout(() => client.destroy(), CLOSE_GRACE_MS).unref();
  }
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
