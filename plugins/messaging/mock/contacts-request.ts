import { ApiError } from './api-error.js';
import { jsonObject, notValid } from './json-body.js';

/** The body of POST /v1/contacts, checked. */
export interface ContactsRequest {
  readonly blocking: 'wait' | 'no_wait';
  readonly contacts: readonly string[];
  readonly forceCheck: boolean;
}

/** Reads a body; throws the ApiError that names what is missing or wrong. */
export function readContactsRequest(text: string): ContactsRequest {
  const { blocking = 'no_wait', contacts, force_check: forceCheck = false } = jsonObject(text);
  if (contacts === undefined) throw new ApiError('parameterMissing', 'contacts: an array of phone numbers is required');
  if (!Array.isArray(contacts)) throw notValid('contacts', 'an array of phone numbers', contacts);
  if (contacts.length === 0) throw new ApiError('parameterNotValid', 'contacts: at least one phone number is expected');
  contacts.forEach((contact: unknown, index) => {
    if (typeof contact !== 'string') throw notValid(`contacts[${index}]`, 'a string', contact);
  });
  if (blocking !== 'wait' && blocking !== 'no_wait') {
    throw new ApiError(
      'parameterNotValid',
      `blocking: "wait" or "no_wait" is expected, not ${JSON.stringify(blocking)}`,
    );
  }
  if (typeof forceCheck !== 'boolean') throw notValid('force_check', 'true or false', forceCheck);
  return { blocking, contacts, forceCheck };
}

/** The contacts that a body asks for, as far as it can be read: for the record of calls. */
export function contactsAsked(text: string): string[] {
  try {
    const { contacts } = jsonObject(text);
    return Array.isArray(contacts) ? contacts.filter((contact) => typeof contact === 'string') : [];
  } catch {
    return [];
  }
}
