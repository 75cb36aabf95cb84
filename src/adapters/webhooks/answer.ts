import type { IncomingMessage } from 'node:http';
import { hasCode } from '../../esp/index.js';
import { jsonOf, type ReadyWebhook, type WebhookRefusedError, withTimeout } from '../../host/index.js';
import { errorText } from '../../telemetry/index.js';
import type { Inbox } from './inbox.js';
import type { Outcome } from './metrics.js';
import type { Outbox } from './outbox.js';
import { readBody } from './read-body.js';

/** The sender expects its answer within 250 ms. A commit that takes longer counts as failed for it: it sends again. */
const STORE_MS = 200;

export interface Answer {
  readonly status: number;
  readonly outcome: Outcome;
  /** The receiver's answer to a verification, as plain text; otherwise why the webhook is refused. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why, for the log: the sender does not learn it. */
  readonly cause?: unknown;
}

/** Where webhooks go. */
export interface Boxes {
  /** Their events. */
  readonly inbox: Inbox;
  /** Themselves, to be forwarded. */
  readonly outbox: Outbox;
}

const NOT_FOUND: Answer = { status: 404, outcome: 'not_found', text: 'no plugin receives webhooks at this path' };
const STARTING: Answer = {
  status: 503,
  outcome: 'unstored',
  text: 'the host is starting',
  headers: { 'retry-after': '5' },
};
const FULL: Answer = { status: 503, outcome: 'full', text: 'too many events wait', headers: { 'retry-after': '60' } };
const UNSTORED: Answer = {
  status: 503,
  outcome: 'unstored',
  text: 'the webhook could not be stored in time',
  headers: { 'retry-after': '5' },
};
const FAILED: Answer = { status: 500, outcome: 'failed', text: 'the receiver failed; the log of the host says why' };
const ACCEPTED: Answer = { status: 200, outcome: 'accepted', text: '' };
const REFUSED = { 400: 'invalid', 401: 'unauthorized', 403: 'forbidden' } as const;

/** The path of a request, without its query. */
export const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

/**
 * Answers a webhook.
 * @param buffered reports the bytes of the body in memory
 * @param complete called when the body is there, or not needed
 */
export async function answerOf(
  request: IncomingMessage,
  boxes: Boxes,
  bodyBytes: number,
  buffered: (bytes: number) => void,
  complete: () => void,
): Promise<Answer> {
  const { webhooks } = boxes.inbox;
  const webhook = webhooks.get(pathOf(request));
  const { method = '' } = request;
  if (webhook === undefined) return webhooks.size === 0 ? STARTING : NOT_FOUND;
  try {
    if (method === 'GET' && webhook.receiver.verify !== undefined) return verified(webhook, request);
    if (method !== 'POST') return notAllowed(webhook);
    const body = await readBody(request, bodyBytes, buffered);
    if (typeof body === 'string') return unread(body, bodyBytes);
    complete();
    return await received(webhook, request, body, boxes);
  } catch (error) {
    return failed(error);
  } finally {
    buffered(0);
  }
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams => new URLSearchParams(url.split('?')[1] ?? '');

function verified({ receiver }: ReadyWebhook, request: IncomingMessage): Answer {
  const text: unknown = receiver.verify?.({ headers: request.headers, query: queryOf(request) });
  if (typeof text !== 'string') throw new TypeError('verify() returned no text');
  return { status: 200, outcome: 'verified', text };
}

function notAllowed({ receiver }: ReadyWebhook): Answer {
  const allow = receiver.verify === undefined ? 'POST' : 'GET, POST';
  return { status: 405, outcome: 'method', text: `use ${allow}`, headers: { allow } };
}

function unread(why: 'too_large' | 'incomplete', bodyBytes: number): Answer {
  const headers = { connection: 'close' };
  if (why === 'incomplete') return { status: 400, outcome: why, text: 'the body is incomplete', headers };
  const text = `the body exceeds ${bodyBytes} bytes (listeners.webhooks.bodyBytes)`;
  return { status: 413, outcome: why, text, headers };
}

async function received(webhook: ReadyWebhook, request: IncomingMessage, body: Buffer, boxes: Boxes): Promise<Answer> {
  const { headers } = request;
  const events = webhook.receiver.receive({ headers, query: queryOf(request), body, json: () => jsonOf(body) });
  if (!Array.isArray(events)) throw new TypeError('receive() returned no list of events');
  const { inbox, outbox } = boxes;
  // Asked for at once, so that both wait for the same commit.
  const stored = Promise.all([
    events.length === 0 || inbox.accept(webhook.path, events, headers),
    outbox.accept(webhook.path, headers, body),
  ]);
  try {
    const [hasRoom] = await withTimeout(stored, STORE_MS);
    return hasRoom ? ACCEPTED : FULL;
  } catch (cause) {
    if (!hasCode(cause, 'ESP_STATE_FAILED', 'ESP_HOST_TIMEOUT')) throw cause;
    stored.catch(() => undefined);
    return { ...UNSTORED, cause };
  }
}

function failed(error: unknown): Answer {
  // Plugins throw anything: even the check of a class may throw.
  if (!hasCode(error, 'ESP_HOST_WEBHOOK_REFUSED')) return { ...FAILED, cause: error };
  const { status } = error as WebhookRefusedError;
  return { status, outcome: REFUSED[status], text: errorText(error), cause: error };
}
