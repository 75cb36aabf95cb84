import { randomBytes } from 'node:crypto';
import type { MockRequest, MockResponse } from 'esp-host';
import { RateLimit } from '../business-api-client.js';
import { type ApprovedTemplate, filled, parameterCount } from '../messages.js';
import type { Outbox, SentMessage } from '../outbox.js';
import { keyOf } from '../phones/customer.js';
import type { Phones } from '../phones/phones.js';
import type { MessageBehaviour } from './behaviour.js';
import { GraphError } from './graph-error.js';
import { INTERVAL_MS, PairLimit, UserLimit } from './limits.js';
import { type MessageRequest, readMessageRequest, type SentComponent } from './message-request.js';
import { buttonsOf, headerOf, textsOf } from './rendered.js';
import type { Reports } from './reports.js';

export interface CloudSettings {
  readonly phoneNumberId: string;
  readonly businessAccountId: string;
  readonly token: string;
  readonly templates: readonly ApprovedTemplate[];
  readonly messagesPerSecond: number;
  /** A number, or a business-scoped user id -> the code that a message to it fails with. */
  readonly errors: Readonly<Record<string, number>>;
  /** Different customers in 24 hours, the limit of the business portfolio. Undefined: no limit. */
  readonly usersPerDay: number | undefined;
}

type Edge = 'messages' | 'marketing_messages';

const PATH = /^\/v\d{1,3}\.\d\/([^/]{1,64})\/([a-z_]{1,64})$/;

/** Where messages go, and who reports what becomes of them. */
export interface CloudParts {
  readonly outbox: Outbox;
  readonly phones: Phones;
  readonly reports: Reports;
}

/** Cloud API of one phone number and its business account. */
export class CloudApi {
  #forced: number[] = [];
  readonly #rate: RateLimit;
  readonly #pairs: PairLimit;
  readonly #users: UserLimit;

  constructor(
    private readonly settings: CloudSettings,
    private readonly parts: CloudParts,
    private readonly now: () => number,
  ) {
    this.#rate = new RateLimit(settings.messagesPerSecond, now);
    this.#pairs = new PairLimit(now);
    this.#users = new UserLimit(settings.usersPerDay, now);
  }

  /** Whether a path is of Cloud API: its first part is a version of the Graph API. */
  static has(path: string): boolean {
    return /^\/v\d{1,3}\.\d\//.test(path);
  }

  /** Whether a request sends a message of Cloud API. */
  static sends({ method, path }: MockRequest): boolean {
    return method === 'POST' && CloudApi.has(path) && /\/(?:marketing_)?messages$/.test(path);
  }

  /** Lets the next messages fail, each with one of these codes. */
  failNext(...codes: readonly number[]): void {
    this.#forced.push(...codes);
  }

  reset(): void {
    this.#forced = [];
    this.#pairs.clear();
    this.#users.clear();
    this.parts.reports.clear();
  }

  respond(request: MockRequest, behaviour: MessageBehaviour = {}): MockResponse {
    try {
      return { status: 200, body: this.#answer(request, behaviour) };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return error.response();
    }
  }

  #answer({ method, path, headers, query, body }: MockRequest, behaviour: MessageBehaviour): object {
    this.#admit(headers.authorization);
    const [, id, edge] = PATH.exec(path) ?? [];
    const { phoneNumberId, businessAccountId } = this.settings;
    if (id === businessAccountId && edge === 'message_templates' && method === 'GET') return this.#page(query);
    if (id === phoneNumberId && method === 'POST') {
      if (edge === 'messages' || edge === 'marketing_messages')
        return this.#send(edge, readMessageRequest(body), behaviour);
    }
    if (id !== phoneNumberId && id !== businessAccountId) throw new GraphError(33, `object ${id} does not exist`);
    throw new GraphError(100, `${method} ${path}: unsupported request`);
  }

  #admit(authorization: string | undefined): void {
    if (authorization === undefined) throw new GraphError(0, 'no Authorization header');
    if (authorization !== `Bearer ${this.settings.token}`) throw new GraphError(190, 'the token is not valid');
  }

  #send(edge: Edge, request: MessageRequest, behaviour: MessageBehaviour): object {
    const { input, to } = request;
    const { outbox, phones, reports } = this.parts;
    const forced = this.#forced.shift() ?? this.settings.errors[to];
    if (forced !== undefined) throw new GraphError(forced, 'forced by the mock');
    if (!this.#rate.take()) {
      throw new GraphError(130429, `more than ${this.settings.messagesPerSecond} messages in one second`, 1);
    }
    const template = this.#template(edge, request);
    if (!this.#pairs.take(to)) throw new GraphError(131056, 'too many messages to this customer', INTERVAL_MS / 1000);
    const phone = phones.of(to);
    if (!this.#users.take(keyOf(phone.customer), phone.wroteAt)) {
      throw new GraphError(131048, `more than ${this.settings.usersPerDay} customers in 24 hours`);
    }
    const message = messageOf(template, request, this.now());
    outbox.add(message);
    const { reference } = request;
    const isByUserId = !to.startsWith('+');
    const { category = 'UTILITY' } = template;
    reports.sent(phone, phones.receive(message, behaviour.failed), { reference, category, isByUserId, behaviour });
    return {
      messaging_product: 'whatsapp',
      contacts: [isByUserId ? { input, user_id: to } : { input, wa_id: to.slice(1) }],
      messages: [{ id: message.id, message_status: 'accepted' }],
    };
  }

  /** The template of a message. @throws GraphError if no approved one fits */
  #template(edge: Edge, { name, language, components }: MessageRequest): ApprovedTemplate {
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
    return template;
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

function messageOf(template: ApprovedTemplate, { to, components }: MessageRequest, at: number): SentMessage {
  const { name, language, body } = template;
  const parameters = textsOf(components, 'body');
  return {
    ...{
      id: `wamid.${randomBytes(24).toString('base64')}`,
      at,
      to,
      namespace: '',
      template: name,
      language,
      parameters,
    },
    text: filled(body, parameters),
    header: headerOf(template, components),
    buttons: buttonsOf(template, components),
  };
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
