import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { MockWebhook, MockWebhookAnswer } from 'esp-host';
import type { StoredWebhook, WebhookObserver } from '#server';
import { WebhookUnansweredError } from '../errors.js';

/** Tells the webhooks of mocks from others in what the host reports. */
const HEADER = 'x-esp-host-webhook';

const ANSWER_MS = 10_000;
const SHOWN_CHARACTERS = 1000;

type Post = Pick<MockWebhook, 'to' | 'headers' | 'body'>;

interface Posted {
  readonly resolve: (handled: boolean) => void;
  /** Its events that are not handled. */
  readonly open: Set<string>;
  isAnswered: boolean;
}

const keyOf = (path: string, id: string): string => `${path} ${id}`;

/** Posts webhooks to the host, and follows their events until they are handled. */
export class HostWebhooks implements WebhookObserver {
  #url: () => string | undefined = () => undefined;
  /** Events of all webhooks that are stored and not handled. */
  readonly #open = new Set<string>();
  readonly #posted = new Map<string, Posted>();
  #last = 0;

  /** @param url returns the URL of `listeners.webhooks`, without a path; undefined if there is none */
  use(url: () => string | undefined): void {
    this.#url = url;
  }

  /** Posts once. @throws WebhookUnansweredError */
  async post(webhook: Post, stopped: AbortSignal): Promise<MockWebhookAnswer> {
    const { to, headers, body } = webhook;
    if (!to.startsWith('/')) return { ...(await send(webhook, stopped)), handled: Promise.resolve(false) };
    const url = this.#url();
    if (url === undefined) throw new WebhookUnansweredError('config.yaml has no listeners.webhooks');
    const id = String(++this.#last);
    const { promise: handled, resolve } = Promise.withResolvers<boolean>();
    const posted: Posted = { resolve, open: new Set(), isAnswered: false };
    this.#posted.set(id, posted);
    try {
      const request = { to: `${url}${to}`, headers: { ...headers, [HEADER]: id }, body };
      // The certificate has the public name of the host.
      const answer = await send(request, stopped, { rejectUnauthorized: false });
      if (answer.status === 200) posted.isAnswered = true;
      else resolve(false);
      return { ...answer, handled };
    } finally {
      if (posted.isAnswered) this.#settle(id, posted);
      else this.#posted.delete(id);
    }
  }

  stored({ path, headers, ids, fresh }: StoredWebhook): void {
    for (const id of fresh) this.#open.add(keyOf(path, id));
    const posted = this.#posted.get(String(headers[HEADER]));
    // A duplicate may wait, too.
    for (const key of ids.map((id) => keyOf(path, id))) if (this.#open.has(key)) posted?.open.add(key);
  }

  handled(path: string, id: string): void {
    const key = keyOf(path, id);
    this.#open.delete(key);
    for (const [number, posted] of this.#posted) if (posted.open.delete(key)) this.#settle(number, posted);
  }

  #settle(id: string, { isAnswered, open, resolve }: Posted): void {
    if (!isAnswered || open.size > 0) return;
    this.#posted.delete(id);
    resolve(true);
  }
}

type Answer = Pick<MockWebhookAnswer, 'status' | 'text'>;

/** @throws WebhookUnansweredError */
async function send(post: Post, stopped: AbortSignal, tls: { rejectUnauthorized?: boolean } = {}): Promise<Answer> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    return await answerTo(post, AbortSignal.any([stopped, timeout]), tls);
  } catch (error) {
    const why = timeout.aborted ? `no answer within ${ANSWER_MS} ms` : (error as Error).message;
    throw new WebhookUnansweredError(stopped.aborted ? 'the platform stops' : why, { cause: error });
  }
}

function answerTo({ to, headers, body }: Post, signal: AbortSignal, tls: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const bytes = Buffer.from(body);
  const type = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  const options = { method: 'POST', headers: { ...type, ...headers }, signal, agent: false as const, ...tls };
  const request = to.startsWith('https:') ? httpsRequest(to, options) : httpRequest(to, options);
  request.on('error', reject);
  request.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      if (text.length < SHOWN_CHARACTERS) text += part;
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: text.slice(0, SHOWN_CHARACTERS) }));
  });
  request.end(bytes);
  return promise;
}
