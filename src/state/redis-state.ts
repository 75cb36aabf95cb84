import { createHash } from 'node:crypto';
import { Redis, type RedisClient, type RedisSettings, redisAddress } from '../redis/index.js';
import { errorText, type Logger, type Metrics } from '../telemetry/index.js';
import { StateError } from './errors.js';
import type { FoundRow, Operations, StoredEvent, WaitingEvent } from './operations.js';
import { AT_ONCE, FENCED, FORMAT, SCRIPTS, type Script } from './scripts.js';
import type { Lease, StateStore } from './store.js';

export interface RedisStateOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Metrics;
  /** Whether the server must be up. @default false, it may come later */
  readonly mustBeUp?: boolean;
}

/** What can be told about a server. */
export interface RedisExamination {
  readonly losses: readonly string[];
  readonly version: string | undefined;
}

/** How long a term lasts unless it is extended: a host that was killed is missed for that time. */
const TERM_MS = 10_000;

/** Scripts of one purge at most. */
const PURGES = 10;

/** Greater than any seq. */
const BEYOND = Number.MAX_SAFE_INTEGER;

const UP = 'Whether the Redis or Valkey server that keeps the state is up (1) or down (0)';

const SAYS = {
  inUse: 'it keeps the state',
  back: 'it keeps the state again',
  down: 'until it is back, webhooks get status 503, and records are neither read nor written',
  rejects: 'what needs it fails',
};

type Run<K extends keyof Operations> = (input: Operations[K]['input']) => Promise<Operations[K]['result']>;

/**
 * The state of several hosts, in a Redis or Valkey server. Operations that are asked for in one turn of the event loop go to the
 * server together.
 */
export class RedisState implements StateStore {
  readonly lease: Lease = {
    take: async (term, host) => (await this.#run(SCRIPTS.take, term, host, TERM_MS)) === 1,
    extend: async (term) => (await this.#run(SCRIPTS.extend, term, TERM_MS)) === 1,
    release: async (term) => void (await this.#run(SCRIPTS.release, term)),
  };
  readonly #redis: Redis;
  readonly #hashes = new Map<Script, string>();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;
  /** Why this host must not use the data. */
  #unusable: StateError | undefined;

  private constructor(
    private readonly settings: RedisSettings,
    { logger, metrics }: RedisStateOptions,
  ) {
    const up = metrics.gauge('esp_state_up', UP);
    const probe = (client: RedisClient) => this.#probe(client);
    this.#redis = new Redis(settings, { logger, up, says: SAYS, probe });
  }

  /**
   * Connects.
   * @throws StateError if a later version has written the data, or the server is down although it must be up
   */
  static async open(settings: RedisSettings, options: RedisStateOptions): Promise<RedisState> {
    const state = new RedisState(settings, options);
    await state.#redis.start();
    if (!options.mustBeUp) await state.#warn(options.logger);
    const why = state.#unusable ?? (options.mustBeUp ? state.#redis.problem : undefined);
    if (why === undefined) return state;
    await state.#redis.close();
    throw new StateError('ESP_STATE_UNUSABLE', `redis ${redisAddress(settings)} cannot be used: ${why.message}`);
  }

  /** Why the server may lose what it keeps, and its version. The server may deny both. */
  async examine(): Promise<RedisExamination> {
    const info = (await this.#redis.run((client) => client.info().catch(() => ''))) ?? '';
    const lines = info.split('\r\n');
    const of = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1);
    const losses: string[] = [];
    const policy = of('maxmemory_policy') ?? 'noeviction';
    if (policy !== 'noeviction')
      losses.push(`it may evict the state: its maxmemory-policy is ${policy}, not noeviction`);
    if (of('aof_enabled') === '0') losses.push('it loses webhooks when it restarts: it has no AOF (appendonly no)');
    const version = of('valkey_version') ?? of('redis_version');
    return {
      losses,
      version: version === undefined ? undefined : `${of('valkey_version') ? 'valkey' : 'redis'} ${version}`,
    };
  }

  async #warn(logger: RedisStateOptions['logger']): Promise<void> {
    const { losses } = await this.examine();
    for (const loss of losses) logger.warn(`redis ${redisAddress(this.settings)}: ${loss}`);
  }

  do<K extends keyof Operations>(kind: K, input: Operations[K]['input']): Promise<Operations[K]['result']> {
    if (this.#closed) return Promise.reject(new StateError('ESP_STATE_FAILED', 'the state is closed'));
    const run: Run<K> = this.#operations[kind];
    const work = run(input);
    const done = (): void => void this.#running.delete(work);
    this.#running.add(work);
    work.then(done, done);
    return work;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#redis.close();
  }

  readonly #operations: { readonly [K in keyof Operations]: Run<K> } = {
    accept: async ({ path, now, most, events }) => {
      const words = events.flatMap(({ id, key, data }) => [
        hashOf(path, id),
        headOf(path, [key ?? null, now, id]),
        data,
      ]);
      const seqs = await this.#run(SCRIPTS.accept, path, now, most ?? '', ...words);
      return (seqs as number[]).map((seq) => (seq === 0 ? null : seq));
    },
    waiting: async ({ term = '', after = 0, most = BEYOND }) =>
      waitingOf(await this.#list(SCRIPTS.waiting, term, after, most)),
    unpark: async ({ term = '', until, most }) => waitingOf(await this.#list(SCRIPTS.unpark, term, until, most)),
    load: async ({ term = '', seqs }) =>
      triples(await this.#list(SCRIPTS.load, term, ...seqs)).map(([seq, head, data]): StoredEvent => {
        return { seq: Number(seq), id: partsOf(head)[3], data };
      }),
    fail: async ({ term = '', seq, attempts, parked }) => {
      await this.#run(SCRIPTS.fail, term, seq, attempts, parked ? Date.now() : '');
      return undefined;
    },
    drop: async ({ term = '', seqs }) => {
      await this.#run(SCRIPTS.drop, term, ...seqs);
      return undefined;
    },
    read: async ({ owner, id, now }) => {
      const [version = '', expiresAt, value = ''] = await this.#list(SCRIPTS.read, `${owner}\n${id}`);
      return { value: Number(expiresAt) > now ? value : null, version: Number(version) };
    },
    find: async ({ owner, key, now, limit, before }) => {
      const found: FoundRow[] = [];
      for (let after = before, most = limit; after > 0 && found.length < limit; most = AT_ONCE) {
        const [last, ...rows] = await this.#list(SCRIPTS.find, `${owner}\n`, hashOf(owner, key), after, now, most);
        for (const [id, value, seq] of triples(rows)) found.push({ id, value, seq: Number(seq) });
        after = Number(last);
      }
      return found.slice(0, limit);
    },
    keyed: async ({ owner, key }) => {
      const found: string[] = [];
      for (let after = -1; after !== 0; ) {
        const [last, ...ids] = await this.#list(SCRIPTS.keyed, hashOf(owner, key), after);
        for (const id of ids) found.push(id);
        after = Number(last);
      }
      return found;
    },
    forget: async ({ owner, key }) => {
      let forgotten = 0;
      for (let records = AT_ONCE; records === AT_ONCE; ) {
        records = Number(await this.#run(SCRIPTS.forget, `${owner}\n`, hashOf(owner, key)));
        forgotten += records;
      }
      return forgotten;
    },
    commit: async ({ term = '', owner, seq, reads, writes }) => {
      const changes = writes.flatMap(({ id, value, expiresAt, keys }) => {
        const hashes = keys.map((key) => hashOf(owner, key)).join(' ');
        return [id, value === null ? '' : 1, value ?? '', expiresAt, hashes];
      });
      const words = [term, seq ?? '', `${owner}\n`, Date.now(), reads.length, ...reads.flat(), ...changes];
      const result = await this.#run(SCRIPTS.commit, ...words);
      return result as Operations['commit']['result'];
    },
    purge: async ({ term = '', now, before, remembered }) => {
      const dropped: string[] = [];
      for (let scripts = 0; scripts < PURGES; scripts++) {
        const [hasMore, ...paths] = await this.#list(SCRIPTS.purge, term, now, before, remembered);
        dropped.push(...paths);
        if (hasMore === '') break;
      }
      return dropped;
    },
  };

  /** Runs a script that gives a list of texts. */
  async #list(script: Script, ...words: readonly Word[]): Promise<string[]> {
    return (await this.#run(script, ...words)) as string[];
  }

  /** @throws StateError */
  async #run(script: Script, ...words: readonly Word[]): Promise<unknown> {
    const given = { keys: [...script.keys], arguments: words.map(String) };
    let result: unknown;
    try {
      result = await this.#redis.call(async (client) => {
        try {
          return await client.evalSha(this.#hashOf(script), given);
        } catch (error) {
          if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
          return client.eval(script.text, given);
        }
      });
    } catch (error) {
      throw new StateError('ESP_STATE_FAILED', `redis ${redisAddress(this.settings)}: ${errorText(error)}`);
    }
    if (result === FENCED) throw new StateError('ESP_STATE_FAILED', 'another host handles the events');
    return result;
  }

  #hashOf(script: Script): string {
    const known = this.#hashes.get(script);
    if (known !== undefined) return known;
    const hash = createHash('sha1').update(script.text).digest('hex');
    this.#hashes.set(script, hash);
    return hash;
  }

  /** @throws Error if the server cannot run scripts, or has data of a later version */
  async #probe(client: RedisClient): Promise<void> {
    const { keys, text } = SCRIPTS.open;
    const format = Number(await client.eval(text, { keys: [...keys], arguments: [String(FORMAT)] }));
    this.#unusable = undefined;
    if (format <= FORMAT) return;
    const why = `its data has version ${format}, and this host reads version ${FORMAT}`;
    this.#unusable = new StateError('ESP_STATE_UNUSABLE', why);
    throw this.#unusable;
  }
}

type Word = string | number;

/** What is stored about an event beside its path and data. */
type EventHead = readonly [key: string | null, receivedAt: number, id: string];

/** Scripts read the path, but no JSON: theirs accepts fewer texts. */
const headOf = (path: string, head: EventHead): string => `${path}\n${JSON.stringify(head)}`;

function partsOf(text: string): readonly [path: string, ...EventHead] {
  const end = text.indexOf('\n');
  const head: EventHead = JSON.parse(text.slice(end));
  return [text.slice(0, end), ...head];
}

const waitingOf = (rows: readonly string[]): WaitingEvent[] =>
  triples(rows).map(([seq, head, attempts]) => {
    const [path, key, receivedAt] = partsOf(head);
    return { seq: Number(seq), path, key, receivedAt, attempts: Number(attempts) };
  });

function triples(flat: readonly string[]): [string, string, string][] {
  const found: [string, string, string][] = [];
  for (let at = 0; at + 2 < flat.length; at += 3) found.push([flat[at] ?? '', flat[at + 1] ?? '', flat[at + 2] ?? '']);
  return found;
}

/** The same for the same texts. It does not reveal them. */
const hashOf = (one: string, other: string): string =>
  createHash('sha256').update(`${one}\n${other}`).digest().subarray(0, 16).toString('base64url');
