import { createHash } from 'node:crypto';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** A business-scoped user id. */
export const USER_ID = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;

/** A customer with a phone. */
export interface Customer {
  /** In E.164 format; undefined if only the user id is known. */
  readonly number: string | undefined;
  /** Business-scoped. */
  readonly userId: string;
}

/** A user id as WhatsApp gives it to the customer with this number, which may be impossible: the region, and digits. */
export function userIdOf(number: string): string {
  const country = parsePhoneNumberFromString(number)?.country ?? 'US';
  const hash = createHash('sha256').update(number).digest('hex').slice(0, 16);
  return `${country}.${BigInt(`0x${hash}`).toString().padStart(20, '1')}`;
}

/** The key of a customer's phone: the number, or the user id. */
export const keyOf = ({ number, userId }: Customer): string => number ?? userId;

/** The name in the customer's profile. */
export const nameOf = (customer: Customer): string => `Customer ${keyOf(customer).slice(-4)}`;
