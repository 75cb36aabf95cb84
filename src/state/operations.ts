/** An event that waits in the inbox, without its data. */
export interface WaitingEvent {
  readonly seq: number;
  readonly path: string;
  readonly key: string | null;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly attempts: number;
}

export interface StoredEvent {
  readonly seq: number;
  readonly id: string;
  /** JSON. */
  readonly data: string;
}

/** A change of a record. Null deletes it. */
export interface RecordWrite {
  readonly id: string;
  /** JSON. */
  readonly value: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The keys by which it can be found, each once. */
  readonly keys: readonly string[];
}

export interface FoundRow {
  readonly id: string;
  /** JSON. */
  readonly value: string;
  /** Greater for a record that was created later. */
  readonly seq: number;
}

/** What only the host whose turn it is may do. The others fail with ESP_STATE_FAILED. */
export interface Fenced {
  term?: string | undefined;
}

/** What a state does, by name: input and result. `term` is that of the lease, if several hosts share the state. */
export interface Operations {
  /**
   * Adds events to the inbox. Gives the `seq` of each, or null for a duplicate. If the path would have more than `most`, it
   * stores nothing, and gives none. The file leaves that bound to its only host.
   */
  accept: {
    input: {
      path: string;
      now: number;
      most?: number;
      events: readonly { readonly id: string; readonly key: string | undefined; readonly data: string }[];
    };
    result: (number | null)[];
  };
  /** The events in the inbox that are not parked, oldest first: `most` of those after the seq `after`. */
  waiting: { input: Fenced & { after?: number; most?: number }; result: WaitingEvent[] };
  /** Gives events that were parked up to then further attempts, `most` at a time. */
  unpark: { input: Fenced & { until: number; most: number }; result: WaitingEvent[] };
  load: { input: Fenced & { seqs: readonly number[] }; result: StoredEvent[] };
  /** Counts a failed attempt. */
  fail: { input: Fenced & { seq: number; attempts: number; parked: boolean }; result: undefined };
  read: {
    input: { owner: string; id: string; now: number };
    result: { value: string | null; version: number };
  };
  /** The records with a key, newest first: those created before the record with the seq `before`. */
  find: { input: { owner: string; key: string; now: number; limit: number; before: number }; result: FoundRow[] };
  /** The ids of all records with a key, expired ones too. */
  keyed: { input: { owner: string; key: string }; result: string[] };
  /** Deletes all records with a key. Gives their number. */
  forget: { input: { owner: string; key: string }; result: number };
  /**
   * Writes records, and removes the event that caused it from the inbox. `conflict`: a record has changed since it was
   * read, and nothing was written. `gone`: the event is no longer there, or the term has ended, and nothing was written.
   */
  commit: {
    input: Fenced & {
      owner: string;
      seq: number | undefined;
      reads: readonly (readonly [id: string, version: number])[];
      writes: readonly RecordWrite[];
    };
    result: 'done' | 'conflict' | 'gone';
  };
  /** Removes events from the inbox that nothing handles. */
  drop: { input: Fenced & { seqs: readonly number[] }; result: undefined };
  /** Forgets what is too old, a limited number of rows at a time. Gives the path of each parked event that was dropped. */
  purge: { input: Fenced & { now: number; before: number; remembered: number }; result: string[] };
}

export type Operation = { [K in keyof Operations]: { kind: K; input: Operations[K]['input'] } }[keyof Operations];
