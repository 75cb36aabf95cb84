import { randomBytes } from 'node:crypto';
import { PhoneError } from '../errors.js';
import type { SentMessage } from '../outbox.js';
import type { Directory } from '../phone-number.js';
import { type Customer, keyOf, userIdOf } from './customer.js';
import { Phone, type PhoneMessage } from './phone.js';

/** WhatsApp cannot deliver: not on WhatsApp, or blocked by the customer. */
export const UNDELIVERABLE = 131026;

/** What happens on phones, for webhooks. */
export interface PhoneListener {
  /** A message of the business reached a state. */
  status(phone: Phone, message: PhoneMessage): void;
  /** The customer wrote. @param answered the message whose button was pressed */
  wrote(phone: Phone, message: PhoneMessage, answered: PhoneMessage | undefined): void;
}

const PHONES = 1000;

/** The phones of customers: the last 1,000 that got a message, and those of the directory. */
export class Phones {
  readonly #phones = new Map<string, Phone>();
  #listener: PhoneListener | undefined;

  constructor(
    private readonly directory: Directory,
    private readonly now: () => number,
  ) {}

  listen(listener: PhoneListener): void {
    this.#listener = listener;
  }

  /** Those with messages, and those that are off or block the business; the last that got one first. */
  list(): Phone[] {
    return [...this.#phones.values()].reverse();
  }

  /** The customer with this number, or business-scoped user id. */
  customer(to: string): Customer {
    if (to.startsWith('+')) return { number: to, userId: userIdOf(to) };
    const number = this.directory.list().find((one) => userIdOf(one) === to);
    return { number, userId: to };
  }

  /** The phone of the customer with this number or user id. */
  of(to: string): Phone {
    const customer = this.customer(to);
    const key = keyOf(customer);
    const phone = this.#phones.get(key) ?? new Phone(customer);
    this.#phones.delete(key);
    this.#phones.set(key, phone);
    const [oldest] = this.#phones.keys();
    if (this.#phones.size > PHONES && oldest !== undefined) this.#phones.delete(oldest);
    return phone;
  }

  /** Why a message to this phone fails: a code of Meta; undefined if it does not. */
  failureOf({ customer: { number }, isBlocking }: Phone): number | undefined {
    const isKnown = number === undefined || this.directory.has(number);
    return isBlocking || !isKnown ? UNDELIVERABLE : undefined;
  }

  /** A message of the business arrives, or fails. */
  receive(message: SentMessage, code?: number): PhoneMessage {
    const phone = this.of(message.to);
    return phone.receive(message, code ?? this.failureOf(phone));
  }

  /** The customer reads everything. @throws PhoneError */
  read(to: string): void {
    const phone = this.of(to);
    if (phone.isOff) throw new PhoneError('the phone is off');
    this.#report(phone, phone.advance(['delivered'], 'read'));
  }

  /** Switches the phone off, or on: then it gets the messages that waited. */
  setOff(to: string, isOff: boolean): void {
    const phone = this.of(to);
    phone.isOff = isOff;
    if (!isOff) this.#report(phone, phone.advance(['sent'], 'delivered'));
  }

  setBlocking(to: string, isBlocking: boolean): void {
    this.of(to).isBlocking = isBlocking;
  }

  /** The customer reads the conversation and writes. @throws PhoneError */
  write(to: string, text: string): PhoneMessage {
    return this.#write(to, text, undefined);
  }

  /** The customer wrote before the mock started, even if the business is blocked now. */
  wroteBefore(to: string, text: string, at: number): PhoneMessage {
    return this.#add(this.of(to), { at, text }, undefined);
  }

  /** The customer presses a quick-reply button. @throws PhoneError */
  press(to: string, id: string, button: string): PhoneMessage {
    const answered = this.of(to).messages.find((message) => message.id === id && message.state !== 'failed');
    const isThere = answered?.buttons?.some(({ type, text }) => type === 'QUICK_REPLY' && text === button) ?? false;
    if (!isThere) throw new PhoneError(`message ${id} has no button '${button}' for a reply`);
    return this.#write(to, button, answered);
  }

  clear(): void {
    this.#phones.clear();
  }

  #write(to: string, text: string, answered: PhoneMessage | undefined): PhoneMessage {
    const phone = this.of(to);
    if (phone.isBlocking) throw new PhoneError('the customer has blocked the business: unblock it first');
    this.read(to);
    return this.#add(phone, { at: this.now(), text }, answered);
  }

  #add(phone: Phone, { at, text }: { at: number; text: string }, answered: PhoneMessage | undefined): PhoneMessage {
    const id = `wamid.${randomBytes(24).toString('base64')}`;
    const message = phone.add({ id, at, from: 'customer', text, state: 'received' });
    this.#listener?.wrote(phone, message, answered);
    return message;
  }

  #report(phone: Phone, messages: readonly PhoneMessage[]): void {
    for (const message of messages) this.#listener?.status(phone, message);
  }
}
