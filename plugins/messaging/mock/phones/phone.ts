import type { MessageButton, SentMessage } from '../outbox.js';
import type { Customer } from './customer.js';

/**
 * Where a message of the business is: `sent` (the phone is off), `delivered`, `read`, or `failed`, which the customer does
 * not see. A customer's own message is `received`.
 */
export type MessageState = 'sent' | 'delivered' | 'read' | 'failed' | 'received';

/** A message on a phone. */
export interface PhoneMessage {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: 'business' | 'customer';
  readonly text: string;
  readonly header?: string | undefined;
  readonly buttons?: readonly MessageButton[] | undefined;
  state: MessageState;
  /** Why it failed: a code of Meta. */
  readonly code?: number | undefined;
  /** What the host has been told; undefined if it is told nothing about this message. */
  told?: readonly string[];
}

const MESSAGES = 200;

/** The phone of a customer: its last 200 messages, oldest first. */
export class Phone {
  readonly messages: PhoneMessage[] = [];
  isOff = false;
  /** The customer has blocked the business. */
  isBlocking = false;

  constructor(readonly customer: Customer) {}

  add(message: PhoneMessage): PhoneMessage {
    this.messages.push(message);
    if (this.messages.length > MESSAGES) this.messages.shift();
    return message;
  }

  /** Adds a message of the business. @param code why it failed; undefined if it did not */
  receive({ id, at, text, header, buttons }: SentMessage, code: number | undefined): PhoneMessage {
    const state = code !== undefined ? 'failed' : this.isOff ? 'sent' : 'delivered';
    return this.add({ ...{ id, at, text, header, buttons, state, code }, from: 'business' });
  }

  /** Changes the state of messages. @returns those that changed */
  advance(from: readonly MessageState[], to: MessageState): PhoneMessage[] {
    const changed = this.messages.filter((message) => message.from === 'business' && from.includes(message.state));
    for (const message of changed) message.state = to;
    return changed;
  }

  /** When the customer last wrote; undefined if never. */
  get wroteAt(): number | undefined {
    return this.messages.findLast(({ from }) => from === 'customer')?.at;
  }
}
