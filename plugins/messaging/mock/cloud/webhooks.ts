import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MockContext, MockWebhookAnswer } from 'esp-host';

export interface WebhookSettings {
  /** A path of the host's `listeners.webhooks`, or a URL. */
  readonly to: string;
  readonly appSecret: string;
  /** Pauses before a webhook is posted again that got another status than 200, or none. After the last it is given up. */
  readonly retryMs: readonly number[];
}

/** How the webhooks of a message differ from the usual ones. */
export interface Behaviour {
  /** Holds them until they are released. */
  readonly hold?: boolean | undefined;
  readonly delayMs?: number | undefined;
  readonly twice?: boolean | undefined;
  /** In reverse order. */
  readonly reversed?: boolean | undefined;
  /** Leaves out `delivered`. */
  readonly noDelivered?: boolean | undefined;
  /** None at all. */
  readonly never?: boolean | undefined;
}

/**
 * Where a webhook is: `held` or `delayed` by a fault, `posting`, `accepted` (status 200), `handled` by the host, `waiting` to be
 * posted again, `given up`, or `withheld` for good.
 */
export type WebhookState =
  | 'held'
  | 'delayed'
  | 'posting'
  | 'accepted'
  | 'handled'
  | 'waiting'
  | 'given up'
  | 'withheld';

/** A webhook to post. */
export interface Webhook {
  readonly body: object;
  readonly about: {
    /** `sent`, `delivered`, `read`, `failed`, or `message` for one of a customer. */
    readonly event: string;
    /** A number, or a business-scoped user id. */
    readonly customer: string;
    readonly message: string;
  };
  /** Called when the host has accepted it. */
  readonly accepted?: (() => void) | undefined;
}

export interface ListedWebhook extends Webhook {
  /** Milliseconds since 1970. */
  readonly at: number;
  state: WebhookState;
  attempts: number;
  /** The last answer, or why there was none. */
  answer?: string | undefined;
  /** When it is posted again. */
  nextAt?: number | undefined;
  /** Whether the host has handled it; pending until then. */
  handled?: Promise<boolean>;
}

type Context = Pick<MockContext<unknown>, 'post' | 'now' | 'changed' | 'logger'>;

const LISTED = 1000;

/** Signs and posts webhooks as Meta does: in order per message, and again if they were not accepted. */
export class Webhooks {
  #listed: ListedWebhook[] = [];
  /** Timers of webhooks that are delayed or wait for another attempt. */
  readonly #timers = new Map<ListedWebhook, NodeJS.Timeout>();
  /** The webhooks of a message that are being posted. */
  readonly #running = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(
    private readonly settings: WebhookSettings,
    private readonly context: Context,
  ) {}

  /** Oldest first. */
  list(): readonly ListedWebhook[] {
    return this.#listed;
  }

  /** Posts webhooks of one message. */
  send(webhooks: readonly Webhook[], behaviour: Behaviour = {}): void {
    const { hold = false, delayMs, twice = false, reversed = false, noDelivered = false, never = false } = behaviour;
    const wanted = webhooks.filter(({ about: { event } }) => !(noDelivered && event === 'delivered'));
    const ordered = reversed ? wanted.toReversed() : wanted;
    const state: WebhookState = never ? 'withheld' : hold ? 'held' : delayMs === undefined ? 'posting' : 'delayed';
    const listed = ordered
      .flatMap((webhook) => (twice ? [webhook, webhook] : [webhook]))
      .map((webhook): ListedWebhook => ({ ...webhook, at: this.context.now(), state, attempts: 0 }));
    this.#listed.push(...listed);
    while (this.#listed.length > LISTED) this.#forget(this.#listed.shift());
    this.context.changed();
    if (state === 'posting') this.#postAll(listed);
    else if (state === 'delayed') for (const one of listed) this.#later(one, delayMs ?? 0, 'delayed');
  }

  /**
   * Waits until the host has handled what is being posted, `ms` at most.
   * @returns the last answer to one that was not accepted; undefined if all were
   */
  async handled(ms: number): Promise<string | undefined> {
    const posted = this.#listed.filter(({ state }) => state === 'posting');
    await Promise.all(this.#running.values());
    const handled = Promise.all(posted.map((one) => one.handled));
    await Promise.race([handled, sleep(ms, undefined, { ref: false })]);
    return posted.find(({ state }) => state !== 'accepted' && state !== 'handled')?.answer;
  }

  /** Posts the webhooks that are held or delayed now. */
  release(): void {
    this.#postNow(['held', 'delayed']);
  }

  /** Posts the webhooks that wait for another attempt now, and those that were given up. */
  retry(): void {
    this.#postNow(['waiting', 'given up']);
  }

  /** Forgets all. Those that are being posted are not posted again. */
  clear(): void {
    for (const one of this.#listed.splice(0)) this.#forget(one);
  }

  stop(): void {
    this.#isStopped = true;
    this.clear();
  }

  #postNow(states: readonly WebhookState[]): void {
    const due = this.#listed.filter(({ state }) => states.includes(state));
    for (const one of due) this.#cancel(one);
    this.#postAll(due);
  }

  #postAll(webhooks: readonly ListedWebhook[]): void {
    for (const one of webhooks) {
      const { message } = one.about;
      one.state = 'posting';
      const earlier = this.#running.get(message) ?? Promise.resolve();
      const running = earlier.then(() => this.#post(one));
      this.#running.set(message, running);
      void running.then(() => {
        if (this.#running.get(message) === running) this.#running.delete(message);
      });
    }
    if (webhooks.length > 0) this.context.changed();
  }

  /** One attempt. Never throws. */
  async #post(one: ListedWebhook): Promise<void> {
    if (!this.#isListed(one)) return;
    const { to, appSecret } = this.settings;
    const body = JSON.stringify(one.body);
    const signature = createHmac('sha256', appSecret).update(body).digest('hex');
    const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'user-agent': 'facebookexternalua' };
    one.attempts++;
    one.nextAt = undefined;
    try {
      this.#answered(one, await this.context.post({ to, headers, body, about: one.about }));
    } catch (error) {
      one.answer = (error as Error).message;
      this.#again(one);
    }
    this.context.changed();
  }

  #answered(one: ListedWebhook, { status, text, handled }: MockWebhookAnswer): void {
    one.answer = status === 200 ? '200' : `${status} ${text}`.trim();
    if (status !== 200) {
      this.#again(one);
      return;
    }
    one.state = 'accepted';
    one.accepted?.();
    one.handled = handled;
    void handled.then((isHandled) => {
      if (!isHandled) return;
      one.state = 'handled';
      this.context.changed();
    });
  }

  #again(one: ListedWebhook): void {
    const pauseMs = this.settings.retryMs[one.attempts - 1];
    if (pauseMs !== undefined) {
      this.#later(one, pauseMs, 'waiting');
      return;
    }
    one.state = 'given up';
    const { attempts, answer, about } = one;
    if (this.#isListed(one))
      this.context.logger.warn('a webhook was given up', { attempts, answer, event: about.event });
  }

  #later(one: ListedWebhook, ms: number, state: WebhookState): void {
    if (!this.#isListed(one)) return;
    one.state = state;
    one.nextAt = this.context.now() + ms;
    const timer = setTimeout(() => {
      this.#timers.delete(one);
      this.#postAll([one]);
    }, ms);
    timer.unref();
    this.#timers.set(one, timer);
  }

  #isListed(one: ListedWebhook): boolean {
    return !this.#isStopped && this.#listed.includes(one);
  }

  #forget(one: ListedWebhook | undefined): void {
    if (one !== undefined) this.#cancel(one);
  }

  #cancel(one: ListedWebhook): void {
    clearTimeout(this.#timers.get(one));
    this.#timers.delete(one);
  }
}
