import { createHash, timingSafeEqual } from 'node:crypto';
import {
  Channels,
  inject,
  isSignedWith,
  type LabelledCounter,
  Metrics,
  type Secret,
  Webhook,
  type WebhookCall,
  type WebhookEvent,
  type WebhookReceiver,
  WebhookRefusedError,
  type WebhookRequest,
} from 'esp-host';
import { type CloudSettings, whatsAppChannel } from '../config/index.js';
import { shownId } from '../phone-numbers.js';
import { WhatsAppChannels } from '../whatsapp-channels.js';
import { type AccountEvent, parseWebhook, STATUSES, type StatusEvent, type WhatsAppEvent } from './events.js';
import { sightingsOf } from './sightings.js';

/** A channel that WhatsApp sends webhooks about. */
interface CloudChannel {
  readonly name: string;
  readonly api: CloudSettings;
}

/** The channels of one app: they have the same secret. */
interface CloudApp {
  readonly secret: Secret;
  readonly channels: CloudChannel[];
}

/** What an event is counted as: the status of a message, or the type of the event. */
const COUNTED = [...STATUSES, 'message', 'customer-changed', 'template', 'account'] as const;
type Counted = (typeof COUNTED)[number];

const IGNORED = ['field', 'status', 'form', 'channel'] as const;

/** Characters of `hub.challenge` that are repeated at most. */
const CHALLENGE_MAX = 200;

const NO_SECRET = 'no channel has api.appSecret, which checks the signature of webhooks';

/** The webhooks of Cloud API, of every channel and app. */
@Webhook('/webhooks/whatsapp')
export class WhatsAppWebhooks implements WebhookReceiver<WhatsAppEvent> {
  readonly #channels: readonly CloudChannel[];
  readonly #apps: readonly CloudApp[];

  constructor(
    @inject(Channels) channels: Channels,
    @inject(Metrics) private readonly metrics: Metrics,
    @inject(WhatsAppChannels) private readonly open: WhatsAppChannels,
  ) {
    this.#channels = channels
      .list(whatsAppChannel)
      .flatMap(({ name, settings: { api } }) => (api.driver === 'cloud' ? [{ name, api }] : []));
    this.#apps = appsOf(this.#channels);
    for (const { name } of this.#channels) for (const event of COUNTED) this.#count(name, event);
    if (this.#channels.length > 0) for (const reason of IGNORED) this.#ignored(reason);
  }

  verify({ query }: Pick<WebhookRequest, 'query'>): string {
    const token = query.get('hub.verify_token') ?? '';
    const isKnown = this.#channels.filter(({ api }) => isSame(api.verifyToken, token)).length > 0;
    if (query.get('hub.mode') !== 'subscribe' || !isKnown) {
      throw new WebhookRefusedError(403, 'hub.verify_token is not the api.verifyToken of a channel');
    }
    return (query.get('hub.challenge') ?? '').slice(0, CHALLENGE_MAX);
  }

  receive({ headers, body, json }: WebhookRequest): readonly WebhookEvent<WhatsAppEvent>[] {
    const signature = headers['x-hub-signature-256'];
    const app = this.#apps.find(({ secret }) => isSignedWith(secret, body, signature));
    if (app === undefined) {
      const why = this.#apps.length > 0 ? 'X-Hub-Signature-256 is missing or wrong' : NO_SECRET;
      throw new WebhookRefusedError(401, why);
    }
    const { events, ignored } = parseWebhook(json());
    for (const reason of ignored) this.#ignored(reason).inc();
    // The secret of one app says nothing about the channels of another.
    const own = events.filter(({ data }) => app.channels.some((channel) => concerns(data, channel)));
    this.#ignored('channel').inc(events.length - own.length);
    return own;
  }

  async handle({ data }: WebhookEvent<WhatsAppEvent>, call: WebhookCall): Promise<void> {
    const channel = this.#channels.find((one) => concerns(data, one))?.name;
    // The configuration has changed since the event came.
    if (channel === undefined) {
      this.#ignored('channel').inc();
      return;
    }
    call.onHandled(() => {
      this.#count(channel, data.type === 'status' ? data.status : data.type).inc();
      report(channel, data, call);
    });
    await this.#recordFate(data, call);
    await this.#recordEvidence(channel, data, call);
  }

  async #recordFate(data: WhatsAppEvent, call: WebhookCall): Promise<void> {
    if (data.type !== 'status') return;
    const { status, messageId, reference, errors } = data;
    const now = Date.now();
    // A status without a usable time counts from now.
    const at = data.at > 0 ? Math.min(data.at * 1000, now) : now;
    await this.open.fates?.report(reference, { status, at, messageId, errors }, call);
  }

  async #recordEvidence(channel: string, data: WhatsAppEvent, call: WebhookCall): Promise<void> {
    const { evidence } = this.open;
    if (evidence === undefined) return;
    for (const sighting of sightingsOf(data, Date.now())) await evidence.record(channel, sighting, call);
  }

  #count(channel: string, event: Counted): LabelledCounter {
    const help = 'What WhatsApp reports by webhook: the status of a message that was sent, or what else happened';
    return this.metrics.counter('esp_whatsapp_events_total', help, { channel, event });
  }

  #ignored(reason: (typeof IGNORED)[number]): LabelledCounter {
    const help =
      'Parts of WhatsApp webhooks that are ignored: unknown field, status or form, or a channel that is not configured';
    return this.metrics.counter('esp_whatsapp_events_ignored_total', help, { reason });
  }
}

function appsOf(channels: readonly CloudChannel[]): CloudApp[] {
  const apps = new Map<string, CloudApp>();
  for (const channel of channels) {
    const secret = channel.api.appSecret;
    if (secret === undefined) continue;
    const app = apps.get(secret.reveal()) ?? { secret, channels: [] };
    app.channels.push(channel);
    apps.set(secret.reveal(), app);
  }
  return [...apps.values()];
}

function concerns(data: WhatsAppEvent, { api }: CloudChannel): boolean {
  return 'phoneNumberId' in data
    ? data.phoneNumberId === api.phoneNumberId
    : data.businessAccountId === api.businessAccountId;
}

/** Takes the same time for every text. Nothing is the same as an empty secret. */
function isSame(secret: Secret | undefined, text: string): boolean {
  const digest = (of: string): Buffer => createHash('sha256').update(of).digest();
  const expected = secret?.reveal();
  if (expected === undefined || expected === '') return false;
  return timingSafeEqual(digest(expected), digest(text));
}

type Line = [message: string, fields: Record<string, unknown>];

function failureLine(channel: string, { messageId, reference, errors }: StatusEvent): Line {
  const [{ code, text } = { code: 0, text: undefined }] = errors;
  const fields = { channel, code, reason: text, callbackData: reference, messageId: shownId(messageId) };
  return ['whatsapp did not deliver a message', fields];
}

function accountLine(channel: string, { field, event, template, reason }: AccountEvent): Line {
  const fields = { channel, event, template: template?.name, language: template?.language, reason };
  return [`whatsapp reports ${field}`, fields];
}

/** Logs an event without the number of the customer. */
function report(channel: string, data: WhatsAppEvent, { logger }: WebhookCall): void {
  if ('businessAccountId' in data) logger.warn(...accountLine(channel, data));
  else if (data.type === 'status' && data.status === 'failed') logger.warn(...failureLine(channel, data));
  else logger.debug(`whatsapp ${data.type}`, { channel, messageId: shownId(data.messageId) });
}
