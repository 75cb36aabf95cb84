import type { Operations } from './operations.js';

/** Where hosts keep what must survive them. */
export interface StateStore {
  /** How the hosts that share it take turns. Undefined: it is of one host. */
  readonly lease: Lease | undefined;
  /** @throws StateError */
  do<K extends keyof Operations>(kind: K, input: Operations[K]['input']): Promise<Operations[K]['result']>;
  /** Finishes what it was asked so far. */
  close(): Promise<void>;
}

/**
 * Makes one of several hosts the one that handles events. Each time that it takes its turn is a term, whose name is a fence:
 * operations of a term that has ended change nothing.
 */
export interface Lease {
  /**
   * Begins a term. It ends an earlier one of the same host.
   * @param host how the names of the terms of this host begin
   * @returns whether it has begun; false: another host has its turn
   * @throws StateError
   */
  take(term: string, host: string): Promise<boolean>;
  /** Lets a term last longer. @returns whether it still lasts @throws StateError */
  extend(term: string): Promise<boolean>;
  /** Ends a term, so that another host need not wait. @throws StateError */
  release(term: string): Promise<void>;
}
