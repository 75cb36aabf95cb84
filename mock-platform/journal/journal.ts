import type { MockRequest } from 'esp-host';
import {
  errorText,
  FIELDS_DEPTH,
  isSecretKey,
  type LogLevel,
  maskSecrets,
  maskText,
  maskUrl,
  maskValues,
  type UpstreamCall,
} from '#server';
import { type Charset, charset, cutText, type EspFault, maskFrame } from '#wire';
import { isExpectedCount, type Times } from '../matching.js';
import { type Beginning, type CallMarks, Entry, type JournalEntry, type Marks } from './entry.js';
import { type Expected, type JournalFilter, matcher } from './filter.js';
import { placeOf } from './place.js';
import { Searches } from './search.js';

/** The result of `verify`. */
export interface Verification {
  readonly count: number;
  /** Whether `count` is as expected. */
  readonly ok: boolean;
  /** Ids of the matching entries, newest first. */
  readonly entries: number[];
}

/** Counts matching exchanges and compares the count with the expected one. @throws PatternError */
export function verify(journal: Journal, { times, atLeast, atMost, ...expected }: Expected & Times): Verification {
  const entries = journal.find({ ...expected, limit: Number.POSITIVE_INFINITY }).map(({ id }) => id);
  const count = entries.length;
  return { count, ok: isExpectedCount(count, { times, atLeast, atMost }), entries };
}

/** Options of {@link Journal}. */
export interface JournalOptions {
  /** Maximum number of entries. @default 10000 */
  readonly entries?: number;
  /** Maximum size of all entries, in bytes. @default 67108864 */
  readonly bytes?: number;
  /** Charset of type 0 strings and keys. @default UTF-8 */
  readonly charset?: Charset;
}

/** A log line with its fields. */
export interface LogRecord {
  /** In ms since 1970. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A change to the journal. */
export type JournalChange =
  | { readonly kind: 'new' | 'changed'; readonly entry: JournalEntry }
  | { readonly kind: 'cleared' };

const DEFAULT_LIMIT = 100;
const ERROR_CHARACTERS = 1000;

/** The key of an exchange: the client's address as the application sees it, and the ReferenceId. */
export const journalKey = (client: string, referenceId: unknown): string => `${client}#${referenceId}`;

/**
 * Stores the latest exchanges and evicts the oldest first. Values of keys such as `password` or `token` are masked
 * before they are stored.
 */
export class Journal {
  readonly #limit: { readonly entries: number; readonly bytes: number };
  readonly #charset: Charset;
  /** In ascending order of id. */
  readonly #entries = new Map<number, Entry>();
  readonly #byKey = new Map<string, Entry>();
  readonly #searches = new Searches();
  readonly #listeners = new Set<(change: JournalChange) => void>();
  #bytes = 0;
  #last = 0;

  /** @internal */
  constructor(options: JournalOptions = {}) {
    this.#limit = { entries: options.entries ?? 10_000, bytes: options.bytes ?? 64 << 20 };
    this.#charset = options.charset ?? charset();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds an entry for a request. @returns its id @internal */
  begin(beginning: Beginning): number {
    const id = ++this.#last;
    const frame = maskFrame(beginning.frame, this.#charset, isSecretKey);
    const entry = new Entry(id, Date.now(), { ...beginning, frame }, this.#charset);
    this.#entries.set(id, entry);
    this.#byKey.set(entry.key, entry);
    this.#bytes += entry.bytes;
    this.#trim();
    this.#notify({ kind: 'new', entry });
    return id;
  }

  /** Records the answer. `application` is given if another server answered. @internal */
  answer(id: number, frame: Buffer, application?: string): void {
    this.#change(this.#entries.get(id), (entry) => {
      entry.answer(maskFrame(frame, this.#charset, isSecretKey));
      if (application !== undefined) entry.application = application;
    });
  }

  /** Ends an entry without an answer. @internal */
  end(id: number, outcome: 'none' | 'lost', why: string): void {
    this.#change(this.#entries.get(id), (entry) => entry.end(outcome, why));
  }

  /** @internal */
  mark(id: number, marks: Marks): void {
    this.#change(this.#entries.get(id), (entry) => Object.assign(entry, marks));
  }

  /** Marks the entry with this client address and ReferenceId. @internal */
  markOf(client: string, referenceId: unknown, marks: Marks): void {
    this.#change(this.#byKey.get(journalKey(client, referenceId)), (entry) => Object.assign(entry, marks));
  }

  /** Records why the host answered with a fault. @internal */
  faulted(client: string, referenceId: unknown, { reason, cause }: EspFault): void {
    const place = reason === 'unexpected' ? placeOf(cause) : undefined;
    const origin = {
      reason,
      ...(cause === undefined ? {} : { error: cutText(maskSecrets(errorText(cause)), ERROR_CHARACTERS) }),
      ...(place === undefined ? {} : { place }),
    };
    this.markOf(client, referenceId, { origin });
  }

  /** Records how a mock answers a call that was made for an exchange. @internal */
  markCall(client: string, referenceId: unknown, call: MockRequest, marks: CallMarks): void {
    this.#byKey.get(journalKey(client, referenceId))?.markCall(call, marks);
  }

  /** Adds a log line to the exchange named by its fields `client` and `referenceId`. @internal */
  log({ at, level, message, fields }: LogRecord): void {
    const { client, referenceId, ...rest } = fields;
    if (typeof client !== 'string' || referenceId === undefined) return;
    this.#change(this.#byKey.get(journalKey(client, referenceId)), (entry) =>
      entry.log({
        at,
        level,
        message: maskSecrets(message),
        fields: maskValues(rest, FIELDS_DEPTH) as Record<string, unknown>,
      }),
    );
  }

  /** @internal */
  upstream({
    referenceId,
    client,
    startedAt,
    url,
    error,
    requestBody,
    responseHeaders,
    responseBody,
    ...rest
  }: UpstreamCall): void {
    this.#change(this.#byKey.get(journalKey(client, referenceId)), (entry) =>
      entry.called({
        ...rest,
        at: startedAt,
        url: maskUrl(url),
        ...(error === undefined ? {} : { error: maskSecrets(error) }),
        ...(requestBody === undefined ? {} : { requestBody: maskText(requestBody) }),
        ...(responseHeaders === undefined
          ? {}
          : { responseHeaders: maskValues(responseHeaders) as Record<string, string> }),
        ...(responseBody === undefined ? {} : { responseBody: maskText(responseBody) }),
      }),
    );
  }

  /** The id of the entry with this client address and ReferenceId. @internal */
  idOf(client: string, referenceId: unknown): number | undefined {
    return this.#byKey.get(journalKey(client, referenceId))?.id;
  }

  get(id: number): JournalEntry | undefined {
    return this.#entries.get(id);
  }

  /** Newest first. @throws PatternError */
  find({ limit = DEFAULT_LIMIT, before = Number.POSITIVE_INFINITY, ...expected }: JournalFilter = {}): JournalEntry[] {
    const matches = matcher(expected);
    const found: JournalEntry[] = [];
    for (const entry of [...this.#entries.values()].reverse()) {
      if (found.length >= limit) break;
      if (entry.id < before && matches(entry)) found.push(entry);
    }
    return found;
  }

  /**
   * What matches of all entries, or of some, newest first. Works in slices of time, so that exchanges go on meanwhile.
   * @throws what `signal` was aborted with @internal
   */
  search(
    matches: (entry: JournalEntry) => boolean,
    signal?: AbortSignal,
    among: readonly JournalEntry[] = [...this.#entries.values()].reverse(),
  ): Promise<JournalEntry[]> {
    return this.#searches.search(among, matches, signal);
  }

  /** Counts matching exchanges. @throws PatternError */
  verify(expected: Expected): number {
    return this.find({ ...expected, limit: Number.POSITIVE_INFINITY }).length;
  }

  clear(): void {
    this.#entries.clear();
    this.#byKey.clear();
    this.#bytes = 0;
    this.#notify({ kind: 'cleared' });
  }

  /** Calls `listener` on every change. @returns a function that unsubscribes */
  subscribe(listener: (change: JournalChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ignores entries that were evicted. */
  #change(entry: Entry | undefined, change: (entry: Entry) => void): void {
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    change(entry);
    this.#bytes += entry.bytes;
    this.#trim();
    this.#notify({ kind: 'changed', entry });
  }

  #trim(): void {
    for (const entry of this.#entries.values()) {
      if (this.#entries.size <= this.#limit.entries && this.#bytes <= this.#limit.bytes) return;
      this.#entries.delete(entry.id);
      if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
      this.#bytes -= entry.bytes;
    }
  }

  #notify(change: JournalChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
