import { createHash } from 'node:crypto';
import type { WebhookEvent } from 'esp-host';

/** The states of a message that WhatsApp reports. `delivered` may be missing where `read` comes. */
export const STATUSES = ['sent', 'delivered', 'read', 'failed'] as const;
export type MessageStatus = (typeof STATUSES)[number];

/** Why a message failed. */
export interface MessageError {
  readonly code: number;
  readonly text?: string | undefined;
}

/** A customer: by number, by business-scoped user id, or both. A customer with a username may have no number here. */
export interface Customer {
  /** Digits without a plus, as WhatsApp writes it. */
  readonly number?: string | undefined;
  readonly userId?: string | undefined;
}

/** What became of a message that a channel sent. */
export interface StatusEvent {
  readonly type: 'status';
  readonly phoneNumberId: string;
  readonly messageId: string;
  readonly status: MessageStatus;
  /** Seconds since 1970. */
  readonly at: number;
  readonly customer: Customer;
  /** `biz_opaque_callback_data`, as it was sent. */
  readonly reference?: string | undefined;
  readonly errors: readonly MessageError[];
}

/** A customer has written. The content is not kept. */
export interface InboundEvent {
  readonly type: 'message';
  readonly phoneNumberId: string;
  readonly messageId: string;
  readonly at: number;
  readonly customer: Customer;
  /** `text`, `image`, `button`, ... */
  readonly kind: string;
}

/** A customer has another number or user id. */
export interface CustomerChangedEvent {
  readonly type: 'customer-changed';
  readonly phoneNumberId: string;
  readonly messageId: string;
  readonly at: number;
  readonly before: Customer;
  readonly after: Customer;
}

/** Something about a template, the phone number or the account has changed. */
export interface AccountEvent {
  readonly type: 'template' | 'account';
  readonly businessAccountId: string;
  /** The webhook field: `message_template_status_update`, `account_update`, ... */
  readonly field: string;
  readonly at: number;
  /** What happened: `APPROVED`, `PAUSED`, `DISABLED_UPDATE`, ... */
  readonly event?: string | undefined;
  readonly template?: { readonly name: string; readonly language?: string | undefined } | undefined;
  readonly reason?: string | undefined;
}

export type WhatsAppEvent = StatusEvent | InboundEvent | CustomerChangedEvent | AccountEvent;

/** Why a part of a webhook is no event: an unknown field, an unknown status, or not in the documented form. */
export type Ignored = 'field' | 'status' | 'form';

export interface ParsedWebhook {
  readonly events: readonly WebhookEvent<WhatsAppEvent>[];
  readonly ignored: readonly Ignored[];
}

/** Fields about the account, and the type of their events. */
const ACCOUNT_FIELDS = new Map<string, AccountEvent['type']>([
  ['message_template_status_update', 'template'],
  ['message_template_quality_update', 'template'],
  ['message_template_components_update', 'template'],
  ['template_category_update', 'template'],
  ['account_update', 'account'],
  ['account_alerts', 'account'],
  ['account_review_update', 'account'],
  ['business_capability_update', 'account'],
  ['phone_number_name_update', 'account'],
  ['phone_number_quality_update', 'account'],
  ['security', 'account'],
]);

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);

const TEXT_MAX = 300;
const ID_MAX = 256;
/** Of `biz_opaque_callback_data`. */
const REFERENCE_MAX = 512;

const textOf = (value: unknown, max = TEXT_MAX): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, max) : undefined;

/** An id that is too long is none: cut, it would be another. */
function idOf(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= ID_MAX ? text : undefined;
}

function numberOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{5,20}$/.test(value) ? value : undefined;
}

function secondsOf(value: unknown): number {
  const seconds = Number(value);
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : 0;
}

/** The events of a webhook. It may hold several entries of several accounts, and fields that this version does not know. */
export function parseWebhook(json: unknown): ParsedWebhook {
  const events: WebhookEvent<WhatsAppEvent>[] = [];
  const ignored: Ignored[] = [];
  const { object, entry } = objectOf(json);
  if (object !== 'whatsapp_business_account' || !Array.isArray(entry)) return { events, ignored: ['form'] };
  for (const { id, time, changes } of listOf(entry)) {
    for (const { field, value } of listOf(changes)) {
      for (const found of changeOf(String(field), objectOf(value), idOf(id), secondsOf(time))) {
        if (typeof found === 'string') ignored.push(found);
        else events.push(found);
      }
    }
  }
  return { events, ignored };
}

type Found = WebhookEvent<WhatsAppEvent> | Ignored;

function changeOf(field: string, value: Json, accountId: string | undefined, time: number): Found[] {
  if (field === 'messages') return messagesOf(value);
  const type = ACCOUNT_FIELDS.get(field);
  if (type === undefined) return ['field'];
  return accountId === undefined ? ['form'] : [accountEvent(type, field, value, accountId, time)];
}

function messagesOf({ metadata, contacts, statuses, messages }: Json): Found[] {
  const phoneNumberId = idOf(objectOf(metadata).phone_number_id);
  if (phoneNumberId === undefined) return ['form'];
  const [sent, received, known] = [listOf(statuses), listOf(messages), new Contacts(listOf(contacts))];
  const isAlone = sent.length + received.length === 1;
  const customer = (number: unknown, userId: unknown) => known.customer(number, userId, isAlone);
  return [
    ...sent.map((status) => statusEvent(phoneNumberId, status, customer)),
    ...received.map((message) => inboundEvent(phoneNumberId, message, customer)),
  ];
}

/** The customer of a part of a webhook. */
type CustomerOf = (number: unknown, userId: unknown) => Customer;

const isStatus = (value: unknown): value is MessageStatus => (STATUSES as readonly unknown[]).includes(value);

function statusEvent(phoneNumberId: string, status: Json, customer: CustomerOf): Found {
  const messageId = idOf(status.id);
  if (messageId === undefined) return 'form';
  if (!isStatus(status.status)) return 'status';
  const data: StatusEvent = {
    type: 'status',
    phoneNumberId,
    messageId,
    status: status.status,
    at: secondsOf(status.timestamp),
    customer: customer(status.recipient_id, status.recipient_user_id),
    reference: textOf(status.biz_opaque_callback_data, REFERENCE_MAX),
    errors: listOf(status.errors).slice(0, 10).map(errorOf),
  };
  return { id: `${phoneNumberId} ${data.status} ${messageId}`, key: `${phoneNumberId} ${messageId}`, data };
}

function errorOf({ code, title, message, error_data: data }: Json): MessageError {
  return {
    code: Number.isSafeInteger(code) ? Number(code) : 0,
    text: textOf(objectOf(data).details ?? message ?? title),
  };
}

function inboundEvent(phoneNumberId: string, message: Json, customerOf: CustomerOf): Found {
  const messageId = idOf(message.id);
  if (messageId === undefined) return 'form';
  const customer = customerOf(message.from, message.from_user_id);
  const event = { phoneNumberId, messageId, at: secondsOf(message.timestamp) };
  const data: WhatsAppEvent =
    message.type === 'system'
      ? { type: 'customer-changed', ...event, before: before(customer, message), after: after(message) }
      : { type: 'message', ...event, customer, kind: textOf(message.type, 40) ?? 'unknown' };
  const key = `${phoneNumberId} ${customer.userId ?? customer.number ?? messageId}`;
  return { id: `${phoneNumberId} message ${messageId}`, key, data };
}

/** In a system message, `from` is the customer as before the change. */
const before = ({ number, userId }: Customer, { system }: Json): Customer => ({
  number,
  userId: idOf(objectOf(system).previous_user_id) ?? userId,
});

function after({ system }: Json): Customer {
  const { wa_id: number, new_wa_id: newer, user_id: userId } = objectOf(system);
  return { number: numberOf(newer) ?? numberOf(number), userId: idOf(userId) };
}

/** The contacts of a webhook. They have what its statuses and messages may omit. */
class Contacts {
  /** By number or user id. A webhook may have thousands. */
  readonly #byId = new Map<unknown, Json>();
  readonly #only: Json | undefined;

  constructor(contacts: readonly Json[]) {
    // The first one of an id counts.
    for (const contact of contacts.toReversed()) {
      for (const id of [contact.wa_id, contact.user_id]) if (id !== undefined) this.#byId.set(id, contact);
    }
    this.#only = contacts.length === 1 ? contacts[0] : undefined;
  }

  /** @param isAlone the webhook is about one customer */
  customer(number: unknown, userId: unknown, isAlone: boolean): Customer {
    const same = this.#byId.get(number) ?? this.#byId.get(userId);
    const { wa_id, user_id } = same ?? (isAlone ? this.#only : undefined) ?? {};
    return { number: numberOf(number) ?? numberOf(wa_id), userId: idOf(userId) ?? idOf(user_id) };
  }
}

function accountEvent(
  type: AccountEvent['type'],
  field: string,
  value: Json,
  businessAccountId: string,
  at: number,
): Found {
  const name = textOf(value.message_template_name);
  const language = textOf(value.message_template_language);
  const event = value.event ?? value.decision ?? value.new_quality_score ?? value.new_category ?? value.alert_type;
  const data: AccountEvent = {
    type,
    businessAccountId,
    field,
    at,
    event: textOf(event),
    template: name === undefined ? undefined : { name, language },
    reason: textOf(value.reason ?? value.alert_description),
  };
  const hash = hashOf(value);
  if (hash === undefined) return 'form';
  return { id: `${businessAccountId} ${field} ${at} ${hash}`, key: `${businessAccountId} ${field}`, data };
}

/** Such events have no id of their own: what is sent again is the same in every part. Undefined if it nests too deep. */
function hashOf(value: Json): string | undefined {
  try {
    return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
  } catch {
    return undefined;
  }
}
