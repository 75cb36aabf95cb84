import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { errorText } from '../telemetry/index.js';
import { Database, type Reply } from './database.js';
import { StateError } from './errors.js';
import type { Operation, Operations } from './operations.js';
import type { StateStore } from './store.js';

/** Operations of one transaction at most: their commit must not keep those behind it waiting. */
const BATCH = 500;

interface Asked {
  readonly operation: Operation;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Runs batches of operations, in order. */
interface Runner {
  run(operations: readonly Operation[]): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/**
 * The file in which a host keeps what must survive it. Operations that arrive while a transaction is being committed go into
 * the next one together, so that the disk is waited for once.
 */
export class StateFile implements StateStore {
  readonly lease = undefined;
  readonly #asked: Asked[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  private constructor(
    /** Absolute. */
    readonly file: string,
    private readonly runner: Runner,
  ) {}

  /**
   * Creates the file if it does not exist.
   * @param isShared for a command beside a host. Otherwise the file must have no other host
   * @throws StateError
   */
  static async open(file: string, { isShared = false } = {}): Promise<StateFile> {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // It holds personal data. SQLite gives its other files the same mode.
      closeSync(openSync(file, 'a', 0o600));
      return new StateFile(file, await startWorker(file, isShared));
    } catch (error) {
      throw new StateError('ESP_STATE_UNUSABLE', `${file} cannot be used: ${errorText(error)}`);
    }
  }

  /** A state that lasts as long as the process, for tests. */
  static inMemory(): StateFile {
    let database: Database | undefined;
    return new StateFile(':memory:', {
      run: async (operations) => {
        database ??= new Database(':memory:');
        return database.run(operations);
      },
      close: async () => database?.close(),
    });
  }

  /** @throws StateError */
  do<K extends keyof Operations>(kind: K, input: Operations[K]['input']): Promise<Operations[K]['result']> {
    if (this.#closed) return Promise.reject(new StateError('ESP_STATE_FAILED', 'the state file is closed'));
    const { promise, resolve, reject } = Promise.withResolvers<Operations[K]['result']>();
    // The database gives each operation the result of its kind.
    const done = resolve as (result: unknown) => void;
    this.#asked.push({ operation: { kind, input } as Operation, resolve: done, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Finishes what it was asked so far. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.runner.close();
  }

  async #run(): Promise<void> {
    // What the current turn of the event loop asks for belongs to the same batch.
    await Promise.resolve();
    while (this.#asked.length > 0) {
      const batch = this.#asked.splice(0, BATCH);
      try {
        const results = await this.runner.run(batch.map(({ operation }) => operation));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index]);
      } catch (error) {
        const failed = new StateError('ESP_STATE_FAILED', `${this.file}: ${errorText(error)}`);
        for (const { reject } of batch) reject(failed);
      }
    }
    this.#running = undefined;
  }
}

/** The built file is beside this folder's bundle, as the source is beside this source. */
const workerUrl = (): URL =>
  new URL(`../state/database.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Opens the file in a worker thread. @throws Error */
async function startWorker(file: string, isShared: boolean): Promise<Runner> {
  const worker = new Worker(workerUrl(), { workerData: { espHostState: file, isShared } });
  let waiting = Promise.withResolvers<readonly unknown[]>();
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    waiting.reject(ended);
  };
  worker.on('message', (reply: Reply) => {
    if ('error' in reply) waiting.reject(new Error(reply.error));
    else waiting.resolve(reply.results);
  });
  worker.on('error', end);
  worker.on('exit', () => end(new Error('its thread has ended')));
  const closed = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const run = (operations: readonly Operation[]): Promise<readonly unknown[]> => {
    if (ended !== undefined) return Promise.reject(ended);
    waiting = Promise.withResolvers();
    worker.postMessage(operations);
    return waiting.promise;
  };
  const close = (): Promise<void> => {
    waiting.promise.catch(() => undefined);
    worker.postMessage(undefined);
    return closed;
  };
  // Its first message says that the file is open. Without it, nothing keeps the thread from ending.
  await waiting.promise;
  return { run, close };
}
