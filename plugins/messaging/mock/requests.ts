import { z } from 'esp-host';
import { ApiError } from './api-error.js';

/** The body of POST /v1/messages, checked: of the types of messages, templates alone are understood here. */
export interface MessagesRequest {
  /** A wa_id: digits. */
  readonly to: string;
  readonly namespace: string;
  readonly name: string;
  /** A code such as `en_US`. */
  readonly language: string;
  /** What stands in for {{1}}, {{2}}, ... of the template's body. */
  readonly parameters: readonly string[];
}

const text = z.string('a string is expected').min(1, 'must not be empty');

const fallback = z.looseObject({ fallback_value: text });

const parameter = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('text'), text }),
    z.looseObject({ type: z.literal('currency'), currency: fallback }),
    z.looseObject({ type: z.literal('date_time'), date_time: fallback }),
  ],
  '"text", "currency" or "date_time" is expected',
);

const component = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('body'), parameters: z.array(parameter, 'an array is expected').default([]) }),
    z.looseObject({ type: z.enum(['header', 'footer', 'button']) }),
  ],
  '"header", "body", "footer" or "button" is expected',
);

const schema = z.looseObject({
  to: z.string('a string is expected').regex(/^\d+$/, 'a wa_id is expected: digits alone'),
  type: z.literal('template', '"template" is expected: no other type is understood here'),
  template: z.looseObject(
    {
      namespace: text,
      name: text,
      language: z.looseObject(
        {
          code: text,
          policy: z.enum(['deterministic', 'fallback'], '"deterministic" or "fallback" is expected'),
        },
        'an object with code and policy is expected',
      ),
      components: z.array(component, 'an array is expected').default([]),
    },
    'an object with namespace, name and language is expected',
  ),
});

/** Reads a body; throws the ApiError that names what is missing or wrong. */
export function readMessagesRequest(body: string): MessagesRequest {
  const given = jsonObject(body);
  const result = schema.safeParse(given);
  if (!result.success) throw wrong(given, result.error.issues[0] as z.core.$ZodIssue);
  const { to, template } = result.data;
  const { namespace, name, language, components } = template;
  const parameters = components.flatMap((one) => (one.type === 'body' ? one.parameters.map(textOf) : []));
  return { to, namespace, name, language: language.code, parameters };
}

function textOf(one: z.output<typeof parameter>): string {
  if (one.type === 'text') return one.text;
  return one.type === 'currency' ? one.currency.fallback_value : one.date_time.fallback_value;
}

function wrong(given: unknown, { path, message }: z.core.$ZodIssue): ApiError {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], given);
  const kind = value === undefined ? 'parameterMissing' : 'parameterNotValid';
  return new ApiError(kind, `${name.slice(1)}: ${message}`);
}

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value);

export const notValid = (field: string, expected: string, value: unknown): ApiError =>
  new ApiError('parameterNotValid', `${field}: ${expected} is expected, not ${kindOf(value)}`);

/** A body that is a JSON object; an empty one is one without members. Throws ApiError. */
export function jsonObject(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notValid('body', 'a JSON object', value);
  }
  return value as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError('invalidRequest', `body: not JSON: ${(error as Error).message}`);
  }
}

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
