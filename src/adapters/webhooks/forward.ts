import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Got, Request } from 'got';
import type { Secret } from '../../config/index.js';
import { withTimeout } from '../../host/index.js';
import type { StateStore, StoredEvent } from '../../state/index.js';
import { type Clock, errorText, type RationedLog } from '../../telemetry/index.js';
import type { ForwardMetrics } from './metrics.js';
import { Queue } from './queue.js';

export interface ForwardSettings {
  /** The path of the webhooks. */
  readonly path: string;
  readonly url: string;
  /** Signs what is forwarded. Without it, the sender's signature is passed on. */
  readonly secret?: Secret | undefined;
  /** Certificate authorities (PEM). */
  readonly ca?: string | undefined;
  /** Timeout of an attempt. */
  readonly timeoutMs: number;
}

/** A webhook that waits in the state file. */
interface Entry {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Attempts that failed. */
  attempts: number;
}

/** The stored data of a webhook. */
export interface ForwardedBody {
  /** The bytes as they came, in base64. */
  readonly body: string;
  readonly type?: string | undefined;
  readonly signature?: string | undefined;
}

export interface ForwardParts {
  readonly state: StateStore;
  /** That of the lease, if several hosts share the state. */
  term(): string | undefined;
  readonly http: Got;
  readonly metrics: ForwardMetrics;
  readonly log: RationedLog;
  readonly clock: Clock;
}

/** Attempts at a time. */
const AT_ONCE = 16;

/** Failures in a row after which the URL is left alone for a while. */
const FAILURES = 5;

/** Webhooks that are dropped at a time. */
const DROPPED = 1000;

/** Pauses after a failure: of one webhook, and of the URL. They double with each further failure, up to the longest. */
const PAUSE_MS = { first: 1000, longest: 300_000, longestOfUrl: 60_000 };

const pauseMs = (failures: number, longest: number): number => Math.min(longest, PAUSE_MS.first * 2 ** (failures - 1));

/** The connection broke. */
const BROKEN: readonly unknown[] = ['ECONNRESET', 'EPIPE'];

/** Bytes of an answer that are read. They have no effect. */
const ANSWER_BYTES = 65_536;

/** Passes the webhooks of one path on to a URL, in any order, until it answers each with a status of 2xx. */
export class Forward {
  #settings: ForwardSettings | undefined;
  #fresh = new Queue<Entry>();
  /** Those that failed and can be tried again. */
  #again = new Queue<Entry>();
  /** Those that are being tried, or pause. */
  readonly #apart = new Set<Entry>();
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Set<unknown>();
  readonly #agent = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  readonly #stopping = new AbortController();
  /** In a row, of the URL. */
  #failures = 0;
  #pausing = false;
  /** Webhooks that are about to be stored. */
  #storing = 0;

  constructor(
    private readonly name: string,
    private readonly parts: ForwardParts,
  ) {}

  get metrics(): ForwardMetrics {
    return this.parts.metrics;
  }

  get waiting(): number {
    return this.#fresh.length + this.#again.length + this.#apart.size + this.#storing;
  }

  /** When the oldest webhook came. */
  oldest(now: number): number {
    const all = [this.#fresh.first, this.#again.first, ...this.#apart];
    return all.reduce((oldest, entry) => Math.min(oldest, entry?.receivedAt ?? now), now);
  }

  /** @param settings undefined: it is not configured, and its webhooks wait */
  use(settings: ForwardSettings | undefined): void {
    this.#settings = settings;
    this.#pump();
  }

  /** Holds room for a webhook that is being stored; negative: gives it back. */
  reserve(webhooks: number): void {
    this.#storing += webhooks;
  }

  add(seq: number, receivedAt: number): void {
    this.#fresh.push({ seq, receivedAt, attempts: 0 });
    this.#pump();
  }

  /** Forgets all that waits: another host forwards it. */
  forget(): void {
    this.#fresh = new Queue();
    this.#again = new Queue();
    this.#apart.clear();
  }

  /** Drops webhooks that came before then, a limited number at a time. @returns how many */
  async expire(before: number): Promise<number> {
    let dropped = 0;
    const again = this.#again;
    for (const queue of [this.#fresh, again]) {
      const old = queue.firstWhile(({ receivedAt }) => receivedAt < before).slice(0, DROPPED);
      for (let left = old.length; left > 0; left--) queue.shift();
      const isDropped = await this.#remove(old).then(
        () => true,
        () => false,
      );
      if (isDropped) dropped += old.length;
      else for (const entry of old) again.push(entry);
    }
    return dropped;
  }

  /** Begins no more attempts, and waits up to `ms` for those that are running. */
  async stop(ms: number): Promise<void> {
    this.#settings = undefined;
    await withTimeout(Promise.all(this.#running), ms, this.parts.clock).catch(() => undefined);
    this.#stopping.abort();
    await Promise.all(this.#running);
    // Those of attempts that have just failed, too.
    for (const timer of this.#timers) this.parts.clock.clearTimeout(timer);
    this.#agent.http.destroy();
    this.#agent.https.destroy();
  }

  /** Begins as many attempts as there is room for. A URL that was left alone gets a single one. */
  #pump(): void {
    const atOnce = this.#failures < FAILURES ? AT_ONCE : 1;
    while (this.#settings !== undefined && !this.#pausing && this.#running.size < atOnce) {
      const entry = this.#again.shift() ?? this.#fresh.shift();
      if (entry === undefined) return;
      this.#apart.add(entry);
      const work = this.#attempt(entry, this.#settings).finally(() => {
        this.#running.delete(work);
        this.#pump();
      });
      this.#running.add(work);
    }
  }

  async #attempt(entry: Entry, settings: ForwardSettings): Promise<void> {
    const { state, metrics } = this.parts;
    try {
      const [stored] = await state.do('load', { term: this.parts.term(), seqs: [entry.seq] });
      if (stored !== undefined) {
        const status = await this.#send(settings, stored);
        if (status < 200 || status > 299) return this.#failed(entry, `status ${status}`);
        this.#worked();
        await this.#remove([entry]);
        metrics.count('forwarded').inc();
      }
      this.#apart.delete(entry);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#failed(entry, errorText(error));
    }
  }

  async #remove(entries: readonly Entry[]): Promise<void> {
    if (entries.length > 0)
      await this.parts.state.do('drop', { term: this.parts.term(), seqs: entries.map(({ seq }) => seq) });
  }

  #worked(): void {
    if (this.#failures >= FAILURES) this.#write('info', 'webhooks are forwarded again');
    this.#failures = 0;
  }

  #failed(entry: Entry, why: string): void {
    if (!this.#apart.has(entry)) return;
    entry.attempts++;
    const ms = pauseMs(entry.attempts, PAUSE_MS.longest);
    this.parts.metrics.count('failed').inc();
    this.#write('warn', `webhook not forwarded, next attempt in ${ms / 1000} s: ${why}`);
    this.#later(ms, () => {
      if (this.#apart.delete(entry)) this.#again.push(entry);
    });
    // Those that were tried at the same time say nothing more.
    if (!this.#pausing) this.#pauseUrl(++this.#failures);
  }

  #pauseUrl(failures: number): void {
    if (failures < FAILURES) return;
    this.#pausing = true;
    this.#later(pauseMs(failures - FAILURES + 1, PAUSE_MS.longestOfUrl), () => {
      this.#pausing = false;
    });
  }

  #later(ms: number, run: () => void): void {
    const { clock } = this.parts;
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      run();
      this.#pump();
    }, ms);
    this.#timers.add(timer);
  }

  #write(level: 'info' | 'warn', text: string): void {
    const { name } = this;
    this.parts.log.write(
      level,
      `webhook forward ${level}`,
      name,
      () => text,
      () => ({ forward: name }),
    );
  }

  /** A kept connection may close just as a webhook is sent. @throws as `#post` */
  async #send(settings: ForwardSettings, stored: StoredEvent): Promise<number> {
    try {
      return await this.#post(settings, stored);
    } catch (error) {
      if (!BROKEN.includes((error as NodeJS.ErrnoException).code)) throw error;
      return this.#post(settings, stored);
    }
  }

  /** Returns the status of the answer, and ignores the rest. @throws Error if there is no answer */
  #post({ url, secret, ca, timeoutMs }: ForwardSettings, { id, data }: StoredEvent): Promise<number> {
    const { body, type, signature }: ForwardedBody = JSON.parse(data);
    const bytes = Buffer.from(body, 'base64');
    const signed = secret === undefined ? signature : signatureOf(bytes, secret);
    const answer = this.parts.http.stream.post(url, {
      body: bytes,
      headers: { 'x-webhook-id': id, 'content-type': type, 'x-hub-signature-256': signed },
      throwHttpErrors: false,
      decompress: false,
      timeout: { request: timeoutMs },
      signal: this.#stopping.signal,
      agent: this.#agent,
      context: { answerBytes: ANSWER_BYTES },
      https: { certificateAuthority: ca },
    });
    return statusOf(answer);
  }
}

/** The status of an answer once it has ended, in whatever way. @throws the error of a call without an answer */
function statusOf(answer: Request): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let status: number | undefined;
  answer.once('response', ({ statusCode }: { readonly statusCode: number }) => {
    status = statusCode;
  });
  answer.once('end', () => resolve(status ?? 0));
  answer.on('error', (error: Error) => (status === undefined ? reject(error) : resolve(status)));
  answer.resume();
  return promise;
}

const signatureOf = (body: Buffer, secret: Secret): string =>
  `sha256=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`;
