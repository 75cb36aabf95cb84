import { jsonOf, type ReadyWebhook, type WebhookEvent, WebhookRefusedError } from '../host/index.js';
import { type StateStore, Transaction } from '../state/index.js';

/** A webhook of a test. */
export interface TestWebhook {
  /** @default 'POST' */
  readonly method?: 'POST' | 'GET';
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a string or bytes. */
  readonly body?: unknown;
}

/** What became of one event of a webhook. */
export interface TestedEvent extends WebhookEvent {
  /** `failed`: `handle` threw `error`, and its changes of the state were dropped. A host would try again. */
  readonly outcome: 'handled' | 'duplicate' | 'failed';
  readonly error?: unknown;
}

/** The answer to a webhook, and what became of its events. */
export interface WebhookOutcome {
  /** 200 if the events were accepted. */
  readonly status: number;
  /** The answer to a verification, or why the webhook is refused. */
  readonly text: string;
  /** In their order. */
  readonly events: readonly TestedEvent[];
}

/** What `post` of a plugin under test works with. */
interface Receiving {
  readonly webhook: ReadyWebhook;
  readonly state: StateStore;
}

export const bodyOf = (body: unknown): Buffer =>
  typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body ?? {}));

/** Receives a webhook and handles its events, as a host does, but at once. @throws what `receive` throws unexpectedly */
export async function receive(receiving: Receiving, given: TestWebhook): Promise<WebhookOutcome> {
  const { receiver } = receiving.webhook;
  const { method = 'POST', headers = {} } = given;
  const [body, query] = [bodyOf(given.body), new URLSearchParams(given.query)];
  try {
    if (method === 'GET') {
      if (receiver.verify === undefined) return { status: 405, text: 'use POST', events: [] };
      return { status: 200, text: receiver.verify({ headers, query }), events: [] };
    }
    const events = receiver.receive({ headers, query, body, json: () => jsonOf(body) });
    return { status: 200, text: '', events: await handleAll(receiving, events) };
  } catch (error) {
    if (!(error instanceof WebhookRefusedError)) throw error;
    return { status: error.status, text: error.message, events: [] };
  }
}

async function handleAll(receiving: Receiving, events: readonly WebhookEvent[]): Promise<TestedEvent[]> {
  const { state, webhook } = receiving;
  const stored = events.map(({ id, key, data }) => ({ id, key, data: JSON.stringify(data) ?? 'null' }));
  const seqs = await state.do('accept', { path: webhook.path, now: Date.now(), events: stored });
  const tested: TestedEvent[] = [];
  for (const [index, { id, key, data }] of stored.entries()) {
    const event = { id, key, data: JSON.parse(data) as unknown };
    const seq = seqs[index];
    if (typeof seq !== 'number') tested.push({ ...event, outcome: 'duplicate' });
    else tested.push({ ...event, ...(await handle(receiving, event, seq)) });
  }
  return tested;
}

/** How often an event is handled again because a record has changed meanwhile. */
const CONFLICTS = 100;

async function handle({ webhook, state }: Receiving, event: WebhookEvent, seq: number) {
  const { receiver, logger, plugin } = webhook;
  const { signal } = new AbortController();
  try {
    for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
      const transaction = new Transaction(state, plugin);
      const after: (() => void)[] = [];
      const onHandled = (run: () => void): void => void after.push(run);
      // Of its own for each run, which may change it.
      const own = { ...event, data: JSON.parse(JSON.stringify(event.data)) as unknown };
      await receiver.handle(own, { state: transaction, logger, signal, attempt: 1, onHandled });
      if ((await transaction.commit(seq)) === 'conflict') continue;
      for (const run of after) run();
      return { outcome: 'handled' } as const;
    }
    throw new Error(`its records changed during ${CONFLICTS} attempts`);
  } catch (error) {
    return { outcome: 'failed', error } as const;
  }
}
