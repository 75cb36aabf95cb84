import { LRUCache } from 'lru-cache';
import { keyOf } from '../phones/customer.js';
import type { Phone, PhoneMessage } from '../phones/phone.js';
import type { PhoneListener } from '../phones/phones.js';
import type { MessageBehaviour } from './behaviour.js';
import { type Business, inboundBody, statusBody } from './webhook-body.js';
import type { Webhook, Webhooks } from './webhooks.js';

/** What the webhooks of a message need to know of its request. */
export interface SentRequest {
  /** `biz_opaque_callback_data`. */
  readonly reference: string | undefined;
  /** Of the template. */
  readonly category: string;
  /** Whether it was sent to a user id: then its webhooks have no number. */
  readonly isByUserId: boolean;
  readonly behaviour: MessageBehaviour;
}

/** Messages whose webhooks may still come. */
const REMEMBERED = 10_000;

/** Reports by webhook what happens on phones, for messages of Cloud API. */
export class Reports implements PhoneListener {
  readonly #requests = new LRUCache<string, SentRequest>({ max: REMEMBERED });

  constructor(
    private readonly business: Business,
    private readonly webhooks: Webhooks,
    private readonly now: () => number,
  ) {}

  /** A message was sent: reports where it is now. */
  sent(phone: Phone, message: PhoneMessage, request: SentRequest): void {
    this.#requests.set(message.id, request);
    message.told = [];
    const { state } = message;
    const events = state === 'delivered' ? ['sent', 'delivered'] : [state];
    this.#report(phone, message, request, events);
  }

  status(phone: Phone, message: PhoneMessage): void {
    const request = this.#requests.get(message.id);
    // Messages of the On-Premises API have no webhooks here.
    if (request !== undefined) this.#report(phone, message, request, [message.state]);
  }

  wrote(phone: Phone, message: PhoneMessage, answered: PhoneMessage | undefined): void {
    const { id, at, text } = message;
    const { customer } = phone;
    const payload = answered?.buttons?.find((button) => button.text === text)?.payload ?? text;
    const report = { id, at, customer, text, answered: answered && { id: answered.id, payload } };
    const webhook = { body: inboundBody(this.business, report), ...aboutOf(phone, message, 'message') };
    this.webhooks.send([webhook]);
  }

  clear(): void {
    this.#requests.clear();
  }

  #report(phone: Phone, message: PhoneMessage, request: SentRequest, events: readonly string[]): void {
    const { id, code } = message;
    const { customer } = phone;
    const webhooks = events.map((status) => ({
      body: statusBody(this.business, { id, code, status, customer, at: this.now(), ...request }),
      ...aboutOf(phone, message, status),
    }));
    this.webhooks.send(webhooks, request.behaviour);
  }
}

function aboutOf({ customer }: Phone, message: PhoneMessage, event: string): Omit<Webhook, 'body'> {
  const accepted = (): void => {
    if (message.told?.includes(event) === false) message.told = [...message.told, event];
  };
  return { about: { event, customer: keyOf(customer), message: message.id }, accepted };
}
