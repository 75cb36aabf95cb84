import type { MockWebhook } from 'esp-host';
import { WebhookTimeoutError } from '../errors.js';
import { textPattern } from '../matching.js';

/**
 * What became of a posted webhook: `accepted` (status 200), `handled` (the host has handled its events as well), `refused`
 * (another status), or `failed` (no answer). Undefined while its answer is pending.
 */
export type WebhookOutcome = 'accepted' | 'handled' | 'refused' | 'failed';

/** A webhook that a mock posted. */
export interface PostedWebhook {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly to: string;
  /** What it is about, in the mock's words. */
  readonly about: Readonly<Record<string, string>>;
  readonly outcome?: WebhookOutcome | undefined;
  /** The status of the answer. */
  readonly status?: number | undefined;
  /** Why there was no answer. */
  readonly error?: string | undefined;
}

/** The webhook to wait for. */
export interface ExpectedWebhook {
  /** Texts are exact, or a `/pattern/`. @default any */
  readonly about?: Readonly<Record<string, string>> | undefined;
  /** @default `handled`; `accepted` also matches webhooks that were handled */
  readonly outcome?: WebhookOutcome | undefined;
}

/** Options of waiting for a webhook. */
export interface WaitOptions {
  /** @default 10000 */
  readonly timeoutMs?: number | undefined;
}

type Recorded = { -readonly [Key in keyof PostedWebhook]: PostedWebhook[Key] };

const WEBHOOKS = 1000;
const WAIT_MS = 10_000;
/** Webhooks in the text of an error. */
const SHOWN = 20;

/** The last 1,000 webhooks that a mock posted. */
export class WebhookLog {
  #webhooks: Recorded[] = [];
  readonly #listeners = new Set<() => void>();

  /** @internal */
  posted(webhook: MockWebhook, at: number): (outcome: Omit<PostedWebhook, 'at' | 'to' | 'about'>) => void {
    const recorded: Recorded = { at, to: webhook.to, about: { ...webhook.about } };
    this.#webhooks.push(recorded);
    if (this.#webhooks.length > WEBHOOKS) this.#webhooks.shift();
    return (outcome) => {
      Object.assign(recorded, outcome);
      for (const listener of this.#listeners) listener();
    };
  }

  /** Oldest first. */
  list(): readonly PostedWebhook[] {
    return this.#webhooks.map((webhook) => ({ ...webhook }));
  }

  /**
   * Resolves with the first webhook that matches, which may have been posted before.
   * @throws WebhookTimeoutError that lists the webhooks that came instead, PatternError
   */
  async until(expected: ExpectedWebhook, { timeoutMs = WAIT_MS }: WaitOptions = {}): Promise<PostedWebhook> {
    const matches = matcher(expected);
    const { promise, resolve, reject } = Promise.withResolvers<PostedWebhook>();
    const check = (): void => {
      const found = this.#webhooks.find(matches);
      if (found !== undefined) resolve({ ...found });
    };
    const expire = (): void => reject(new WebhookTimeoutError(timeoutMs, expected.about ?? {}, this.#shown()));
    this.#listeners.add(check);
    const timer = setTimeout(expire, timeoutMs);
    try {
      check();
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(check);
    }
  }

  clear(): void {
    this.#webhooks = [];
  }

  #shown(): string[] {
    return this.#webhooks
      .slice(-SHOWN)
      .map(({ about, outcome = 'pending', status }) =>
        [JSON.stringify(about), outcome, ...(status === undefined ? [] : [status])].join(' '),
      );
  }
}

function matcher({ about = {}, outcome = 'handled' }: ExpectedWebhook): (webhook: PostedWebhook) => boolean {
  const patterns = Object.entries(about).map(([key, text]) => [key, textPattern(text)] as const);
  const outcomes = outcome === 'accepted' ? ['accepted', 'handled'] : [outcome];
  return (webhook) =>
    outcomes.includes(webhook.outcome ?? '') && patterns.every(([key, matches]) => matches(webhook.about[key] ?? ''));
}
