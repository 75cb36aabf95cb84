import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConnectionFailedError,
  ExecutionFailedError,
  type LabelledCounter,
  type Logger,
  type Metrics,
  OutcomeUnknownError,
  withTimeout,
  z,
} from 'esp-host';
import { Breaker } from '../api/breaker.js';
import { type ApiDependencies, throwIfOver } from '../api/channel-api.js';
import { ApiHttp, type ApiResponse, apiJson, throwIfRefused } from '../api/http.js';
import type { CloudSettings, Template } from '../config/index.js';
import { CallError, type Outcome, outcomeOf } from '../errors.js';
import { newReference } from '../fate/index.js';
import type { TemplateApi } from '../invitations.js';
import { shownId } from '../phone-numbers.js';
import { type Refusal, readAnswer, type Sent } from './answer.js';
import { BLOCKED, meaningOf, UNDELIVERABLE } from './error-codes.js';
import { type ApprovedTemplate, approvedTemplate } from './template-check.js';
import { type Recipient, templateMessage } from './template-message.js';

/** How many pages of templates are read, of 100 each. */
const PAGES = 100;

/** Timeout of the whole list: the start of the host waits for it. */
const LIST_MS = 10_000;

/** Pause before a page is asked for again, once a list. */
const AGAIN_MS = 100;

/** Outcomes after which another attempt may succeed. */
const TEMPORARY: readonly unknown[] = ['unreachable', 'broken', 'timeout', 'server_error'];

const pageSchema = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({ cursors: z.object({ after: z.string().max(4096) }).optional(), next: z.string().optional() })
    .optional(),
});

/** Cloud API of one phone number: sends templates, and lists those of the business account. (Meta, Cloud API) */
export class CloudApi implements TemplateApi {
  /** By name and language, as far as they are known. */
  readonly #categories = new Map<string, string>();

  constructor(
    private readonly http: ApiHttp,
    private readonly settings: CloudSettings,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
    /** Learns of recipients to whom a message cannot be delivered. */
    private readonly undeliverable: (to: Recipient) => void = () => undefined,
  ) {
    this.#errors(undefined);
    // An alert needs their first increase.
    for (const code of BLOCKED) this.#errors(code);
  }

  async send(
    to: Recipient,
    template: Template,
    unless: AbortSignal,
    callbackData: string = newReference(),
  ): Promise<string> {
    throwIfOver(this.http.channel, unless);
    const { version, phoneNumberId } = this.settings;
    const edge = this.#categoryOf(template) === 'MARKETING' ? 'marketing_messages' : 'messages';
    try {
      const json = templateMessage(to, template, callbackData);
      const path = `/${version}/${phoneNumberId}/${edge}`;
      const response = await this.http.post(path, { headers: this.#headers, json, repeatable: false });
      return this.#idOf(response, to, callbackData);
    } catch (error) {
      if (error instanceof OutcomeUnknownError) this.#logUnknown(callbackData);
      throw error;
    }
  }

  /**
   * All templates of the business account. From then on, the category of each decides how it is sent.
   * @throws ConnectionFailedError if the API is unreachable or refuses the token; TimeoutError after 10 s; else
   * ExecutionFailedError
   */
  async listTemplates(): Promise<ApprovedTemplate[]> {
    const isOver = new AbortController();
    try {
      const templates = await withTimeout(this.#list(isOver.signal), LIST_MS);
      for (const { name, language, category } of templates) this.#categories.set(keyOf(name, language), category);
      return templates;
    } finally {
      isOver.abort();
    }
  }

  async #list(isOver: AbortSignal): Promise<ApprovedTemplate[]> {
    const templates: ApprovedTemplate[] = [];
    let retries = 1;
    let after: string | undefined;
    for (let page = 0; page < PAGES && !isOver.aborted; page++) {
      const { data, paging } = await this.#page(after).catch(async (error: unknown) => {
        if (retries-- === 0 || !TEMPORARY.includes(outcomeOf(error))) throw error;
        await sleep(AGAIN_MS);
        return this.#page(after);
      });
      for (const one of data) {
        const template = approvedTemplate.safeParse(one).data;
        if (template !== undefined) templates.push(template);
      }
      after = paging?.next === undefined ? undefined : paging.cursors?.after;
      if (after === undefined) break;
    }
    return templates;
  }

  async #page(after: string | undefined): Promise<z.output<typeof pageSchema>> {
    const { version, businessAccountId } = this.settings;
    const query = new URLSearchParams({ fields: 'name,language,status,category,components', limit: '100' });
    if (after !== undefined) query.set('after', after);
    const path = `/${version}/${businessAccountId}/message_templates?${query}`;
    const response = await this.http.get(path, { headers: this.#headers });
    throwIfRefused(this.http, response, 'templates refused: ');
    const page = pageSchema.safeParse(apiJson(this.http.channel, response));
    if (page.success) return page.data;
    throw new ExecutionFailedError(this.http.channel, 'the answer is not a list of templates');
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.settings.token.reveal()}` };
  }

  #categoryOf({ name, language, category }: Template): string | undefined {
    return category ?? this.#categories.get(keyOf(name, language.code));
  }

  #idOf(response: ApiResponse, to: Recipient, callbackData: string): string {
    const answer = readAnswer(response, Date.now());
    if ('id' in answer) return this.#accepted(answer, callbackData);
    this.#errors(answer.code).inc();
    if (answer.code === UNDELIVERABLE) this.undeliverable(to);
    throw this.#fault(answer, response);
  }

  #accepted({ id, state }: Sent, callbackData: string): string {
    const { channel } = this.http;
    if (state !== undefined && state !== 'accepted') {
      const text = `message ${shownId(id)} is ${state}: it may never arrive`;
      this.logger.warn(`channel ${channel}: ${text}`, { channel, callbackData });
    }
    return id;
  }

  #fault(refusal: Refusal, response: ApiResponse): Error {
    const { channel, url } = this.http;
    const { effect, text } = refusal;
    const cause = new CallError(outcomeOfRefusal(refusal), `${text}${response.quoted(refusal.details)}`);
    if (effect === 'access') return new ConnectionFailedError(channel, url, { cause });
    if (effect === 'unknown') return new OutcomeUnknownError(channel, text, { cause });
    return new ExecutionFailedError(channel, `${text}${nextAttempt(refusal)}`, { cause });
  }

  /** The webhooks of the message carry its callback data: by them, one can find out what became of it. */
  #logUnknown(callbackData: string): void {
    const { channel } = this.http;
    const text = `a message may have been sent: its webhooks have biz_opaque_callback_data ${callbackData}`;
    this.logger.warn(`channel ${channel}: ${text}`, { channel, callbackData });
  }

  #errors(code: number | undefined): LabelledCounter {
    const { channel } = this.http;
    const known = code !== undefined && meaningOf(code) !== undefined;
    const help = 'Messages that Cloud API did not accept, by the error code of Meta; other: not in the table';
    return this.metrics.counter('esp_messages_errors_total', help, { channel, code: known ? String(code) : 'other' });
  }
}

const keyOf = (name: string, language: string): string => `${language} ${name}`;

/** When another attempt may succeed. Nothing for a refusal that repeats itself. */
export function nextAttempt({ effect, retryAfterS }: Pick<Refusal, 'effect' | 'retryAfterS'>): string {
  if (effect === 'not-soon') return '; do not try again soon';
  if (effect !== 'later') return '';
  return retryAfterS === undefined ? '; try again later' : `; try again in ${retryAfterS} s`;
}

/** Too many messages to one customer say nothing about the API. */
const PAIR_RATE = 131056;

function outcomeOfRefusal({ effect, code }: Refusal): Outcome {
  if (effect === 'access') return 'refused';
  if (effect === 'unknown') return 'server_error';
  return effect === 'later' && code !== PAIR_RATE ? 'throttled' : 'client_error';
}

export interface OpenCloudApi {
  readonly api: CloudApi;
  readonly breaker: Breaker;
  close(): void;
}

/** @param undeliverable learns of recipients to whom a message cannot be delivered */
export function openCloudApi(
  settings: CloudSettings,
  dependencies: ApiDependencies,
  undeliverable?: (to: Recipient) => void,
): OpenCloudApi {
  const { channel, logger, metrics } = dependencies;
  const http = new ApiHttp(channel, settings, dependencies.http, metrics);
  return {
    api: new CloudApi(http, settings, logger, metrics, undeliverable),
    breaker: new Breaker(channel, settings.url, settings.breaker, logger, metrics),
    close: () => http.close(),
  };
}
