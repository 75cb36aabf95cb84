import { createHash } from 'node:crypto';
import { type Customer, nameOf } from '../phones/customer.js';
import { titleOf } from './graph-error.js';

/** The business, as webhooks name it. */
export interface Business {
  readonly businessAccountId: string;
  readonly phoneNumberId: string;
  /** In E.164 format. */
  readonly registeredNumber: string;
}

/** A status of a message. */
export interface StatusReport {
  readonly id: string;
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly customer: Customer;
  /** Whether the message went to the user id, so that its webhooks have no number. */
  readonly isByUserId: boolean;
  /** `biz_opaque_callback_data`. */
  readonly reference: string | undefined;
  /** Of the template. */
  readonly category: string;
  /** Why it failed: a code of Meta. */
  readonly code?: number | undefined;
}

/** A message of a customer. */
export interface InboundReport {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly customer: Customer;
  readonly text: string;
  /** The message whose button was pressed, and what its button says to the business. */
  readonly answered?: { readonly id: string; readonly payload: string } | undefined;
}

const secondsOf = (ms: number): string => String(Math.floor(ms / 1000));
const digitsOf = (number: string): string => number.slice(1);

const waIdOf = ({ number }: Customer): string | undefined => (number === undefined ? undefined : digitsOf(number));

/** JSON leaves undefined members out. */
function bodyOf({ businessAccountId, phoneNumberId, registeredNumber }: Business, value: object): object {
  const metadata = { display_phone_number: digitsOf(registeredNumber), phone_number_id: phoneNumberId };
  const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
  return { object: 'whatsapp_business_account', entry: [{ id: businessAccountId, changes: [change] }] };
}

/** The webhook of a status. A failed message to a number says nothing about the customer but the number. */
export function statusBody(business: Business, report: StatusReport): object {
  const { id, status, at, customer, isByUserId, reference, code } = report;
  const isFailed = status === 'failed';
  const number = isByUserId ? undefined : waIdOf(customer);
  const contact = { profile: { name: nameOf(customer) }, wa_id: number, user_id: customer.userId };
  return bodyOf(business, {
    contacts: isFailed ? undefined : [contact],
    statuses: [
      {
        ...{ id, status, timestamp: secondsOf(at), recipient_id: number },
        recipient_user_id: isFailed && !isByUserId ? undefined : customer.userId,
        biz_opaque_callback_data: reference,
        ...(isFailed ? { errors: [errorOf(code ?? 131000)] } : priced(report)),
      },
    ],
  });
}

/** What a message costs is reported with `sent`, and with the first of `delivered` and `read`. */
function priced({ id, status, at, category: of }: StatusReport): object {
  if (status === 'read') return {};
  const category = of.toLowerCase();
  const expiry = status === 'sent' ? { expiration_timestamp: secondsOf(at + 24 * 3_600_000) } : {};
  const conversation = createHash('sha256').update(id).digest('hex').slice(0, 32);
  return {
    conversation: { id: conversation, ...expiry, origin: { type: category } },
    pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category },
  };
}

function errorOf(code: number): object {
  const title = titleOf(code);
  const href = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/';
  return { code, title, message: title, error_data: { details: `${title}: reported by the mock` }, href };
}

/** The webhook of a message of a customer: a text, or the reply of a button. */
export function inboundBody(business: Business, { id, at, customer, text, answered }: InboundReport): object {
  const number = waIdOf(customer);
  const content =
    answered === undefined
      ? { type: 'text', text: { body: text } }
      : {
          context: { from: digitsOf(business.registeredNumber), id: answered.id },
          ...{ type: 'button', button: { payload: answered.payload, text } },
        };
  return bodyOf(business, {
    contacts: [{ profile: { name: nameOf(customer) }, wa_id: number, user_id: customer.userId }],
    messages: [{ from: number, from_user_id: customer.userId, id, timestamp: secondsOf(at), ...content }],
  });
}
