import { randomBytes } from 'node:crypto';
import type { MockRequest, MockResponse } from 'esp-host';
import { LRUCache } from 'lru-cache';
import { RateLimit } from '../business-api-client.js';
import { type ApprovedTemplate, filled, parameterCount } from '../messages.js';
import type { Outbox } from '../outbox.js';
import { GraphError } from './graph-error.js';
import { type MessageRequest, readMessageRequest, type SentComponent } from './message-request.js';

export interface CloudSettings {
  readonly phoneNumberId: string;
  readonly businessAccountId: string;
  readonly token: string;
  readonly templates: readonly ApprovedTemplate[];
  readonly messagesPerSecond: number;
  /** A number, or a business-scoped user id -> the code that a message to it fails with. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Messages to one customer at once; each counts for 6 s. */
const BURST = 45;
const INTERVAL_MS = 6000;

/** Counts the messages to each customer: they fill a bucket that empties at a steady rate. */
class PairLimit {
  readonly #buckets = new LRUCache<string, { level: number; at: number }>({ max: 10_000 });

  constructor(private readonly now: () => number) {}

  /** Returns false if the message exceeds the limit. Such messages are not counted. */
  take(customer: string): boolean {
    const now = this.now();
    const { level, at } = this.#buckets.get(customer) ?? { level: 0, at: now };
    const left = Math.max(0, level - (now - at) / INTERVAL_MS);
    const isAllowed = left + 1 <= BURST;
    this.#buckets.set(customer, { level: isAllowed ? left + 1 : left, at: now });
    return isAllowed;
  }

  clear(): void {
    this.#buckets.clear();
  }
}

const PATH = /^\/v\d{1,3}\.\d\/([^/]{1,64})\/([a-z_]{1,64})$/;

/** Cloud API of one phone number and its business account. */
export class CloudApi {
  #forced: number[] = [];
  readonly #rate: RateLimit;
  readonly #pairs: PairLimit;

  constructor(
    private readonly settings: CloudSettings,
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {
    this.#rate = new RateLimit(settings.messagesPerSecond, now);
    this.#pairs = new PairLimit(now);
  }

  /** Whether a path is of Cloud API: its first part is a version of the Graph API. */
  static has(path: string): boolean {
    return /^\/v\d{1,3}\.\d\//.test(path);
  }

  /** Lets the next messages fail, each with one of these codes. */
  failNext(...codes: readonly number[]): void {
    this.#forced.push(...codes);
  }

  reset(): void {
    this.#forced = [];
    this.#pairs.clear();
  }

  respond(request: MockRequest): MockResponse {
    try {
      return { status: 200, body: this.#answer(request) };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return error.response();
    }
  }

  #answer({ method, path, headers, query, body }: MockRequest): object {
    this.#admit(headers.authorization);
    const [, id, edge] = PATH.exec(path) ?? [];
    const { phoneNumberId, businessAccountId } = this.settings;
    if (id === businessAccountId && edge === 'message_templates' && method === 'GET') return this.#page(query);
    if (id === phoneNumberId && method === 'POST') {
      if (edge === 'messages' || edge === 'marketing_messages') return this.#send(edge, readMessageRequest(body));
    }
    if (id !== phoneNumberId && id !== businessAccountId) throw new GraphError(33, `object ${id} does not exist`);
    throw new GraphError(100, `${method} ${path}: unsupported request`);
  }

  #admit(authorization: string | undefined): void {
    if (authorization === undefined) throw new GraphError(0, 'no Authorization header');
    if (authorization !== `Bearer ${this.settings.token}`) throw new GraphError(190, 'the token is not valid');
  }

  #send(edge: 'messages' | 'marketing_messages', request: MessageRequest): object {
    const { input, to, name, language } = request;
    const forced = this.#forced.shift() ?? this.settings.errors[to];
    if (forced !== undefined) throw new GraphError(forced, 'forced by the mock');
    if (!this.#rate.take()) {
      throw new GraphError(130429, `more than ${this.settings.messagesPerSecond} messages in one second`, 1);
    }
    const text = this.#text(edge, request);
    if (!this.#pairs.take(to)) throw new GraphError(131056, 'too many messages to this customer', INTERVAL_MS / 1000);
    const id = `wamid.${randomBytes(24).toString('base64')}`;
    const parameters = textsOf(request.components, 'body');
    this.outbox.add({ id, at: this.now(), to, namespace: '', template: name, language, parameters, text });
    const contact = to.startsWith('+') ? { input, wa_id: to.slice(1) } : { input, user_id: to };
    return {
      messaging_product: 'whatsapp',
      contacts: [contact],
      messages: [{ id, message_status: 'accepted' }],
    };
  }

  /** The text of a message. @throws GraphError if no approved template fits */
  #text(edge: 'messages' | 'marketing_messages', { name, language, components }: MessageRequest): string {
    const template = this.settings.templates.find((one) => one.name === name && one.language === language);
    if (template === undefined) throw new GraphError(132001, `template name (${name}) does not exist in ${language}`);
    const { body, status = 'APPROVED', category = 'UTILITY' } = template;
    if (status === 'PAUSED') throw new GraphError(132015, `template ${name} is paused`);
    if (status === 'DISABLED') throw new GraphError(132016, `template ${name} is disabled`);
    if (status !== 'APPROVED') throw new GraphError(132001, `template ${name} is ${status}`);
    if (edge === 'marketing_messages' && category !== 'MARKETING') {
      throw new GraphError(134100, `template ${name} is ${category}: only MARKETING can be sent here`);
    }
    const texts = textsOf(components, 'body');
    if (texts.length !== parameterCount(body)) {
      const details = `number of localizable_params (${texts.length}) does not match the expected number of params`;
      throw new GraphError(132000, `body: ${details} (${parameterCount(body)})`);
    }
    checkOthers(template, components);
    return filled(body, texts);
  }

  #page(query: URLSearchParams): object {
    const limit = Math.min(100, Number(query.get('limit')) || 25);
    const after = query.get('after');
    const start = after === null ? 0 : Number(Buffer.from(after, 'base64url').toString());
    if (!Number.isInteger(start) || start < 0) throw new GraphError(100, 'after: no such cursor');
    const fields = (query.get('fields') ?? 'name,language,status,category,components').split(',');
    const { templates } = this.settings;
    const data = templates.slice(start, start + limit).map((template, index) => ({
      ...Object.fromEntries(Object.entries(listed(template)).filter(([name]) => fields.includes(name))),
      id: String(start + index + 1),
    }));
    const end = start + data.length;
    const cursor = (place: number): string => Buffer.from(String(place)).toString('base64url');
    const cursors = { before: cursor(start), after: cursor(end) };
    return { data, paging: { cursors, ...(end < templates.length ? { next: `after=${cursors.after}` } : {}) } };
  }
}

/** A template, as the business account lists it. */
const listed = ({
  name,
  language,
  body,
  category = 'UTILITY',
  status = 'APPROVED',
  components = [],
}: ApprovedTemplate) => ({
  name,
  language,
  status,
  category,
  components: [...components, { type: 'BODY', text: body }],
});

const textsOf = (components: readonly SentComponent[], type: SentComponent['type']): string[] =>
  components.filter((one) => one.type === type).flatMap(({ parameters }) => parameters.map(({ text }) => text ?? ''));

/** The header and the buttons that a template needs. @throws GraphError */
function checkOthers({ name, components = [] }: ApprovedTemplate, sent: readonly SentComponent[]): void {
  const header = components.find(({ type }) => type === 'HEADER');
  const format = (header?.format ?? 'TEXT').toLowerCase();
  const needed = format === 'text' && parameterCount(header?.text ?? '') === 0 ? undefined : format;
  const given = sent.find(({ type }) => type === 'header')?.parameters[0]?.type;
  if (given !== needed) {
    throw new GraphError(132012, `header of ${name}: expected ${needed ?? 'none'}, received ${given ?? 'none'}`);
  }
  const buttons = components.find(({ type }) => type === 'BUTTONS')?.buttons ?? [];
  for (const { type, sub_type: kind, index = 0 } of sent) {
    if (type === 'button' && buttons[index]?.type.toLowerCase() !== kind) {
      throw new GraphError(132012, `button ${index} of ${name}: is not ${kind}`);
    }
  }
  for (const [index, { url = '' }] of buttons.entries()) {
    const isGiven = sent.some((one) => one.type === 'button' && one.index === index);
    if (parameterCount(url) > 0 && !isGiven) throw new GraphError(132012, `button ${index} of ${name}: no parameter`);
  }
}
