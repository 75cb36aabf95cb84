import { z } from 'esp-host';
import { ApiError } from './api-error.js';

/** The validated body of POST /v1/messages. Only template messages are supported. */
export interface MessagesRequest {
  /** A wa_id: digits. */
  readonly to: string;
  readonly namespace: string;
  readonly name: string;
  /** A code such as `en_US`. */
  readonly language: string;
  /** Values of the placeholders {{1}}, {{2}}, ... in the template's body. */
  readonly parameters: readonly string[];
}

const text = z.string('must be a string').min(1, 'must not be empty');

const fallback = z.looseObject({ fallback_value: text });

const parameter = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('text'), text }),
    z.looseObject({ type: z.literal('currency'), currency: fallback }),
    z.looseObject({ type: z.literal('date_time'), date_time: fallback }),
  ],
  'must be "text", "currency" or "date_time"',
);

const component = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('body'), parameters: z.array(parameter, 'must be an array').default([]) }),
    z.looseObject({ type: z.enum(['header', 'footer', 'button']) }),
  ],
  'must be "header", "body", "footer" or "button"',
);

const schema = z.looseObject({
  to: z.string('must be a string').regex(/^\d+$/, 'must be a wa_id: digits only'),
  type: z.literal('template', 'must be "template": other types are not supported'),
  template: z.looseObject(
    {
      namespace: text,
      name: text,
      language: z.looseObject(
        {
          code: text,
          policy: z.enum(['deterministic', 'fallback'], 'must be "deterministic" or "fallback"'),
        },
        'must be an object with code and policy',
      ),
      components: z.array(component, 'must be an array').default([]),
    },
    'must be an object with namespace, name and language',
  ),
});

/** Parses and validates a body. Throws an ApiError that names the first problem. */
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
  new ApiError('parameterNotValid', `${field}: must be ${expected}, not ${kindOf(value)}`);

/** Parses a JSON object. An empty body is an empty object. Throws ApiError. */
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
    throw new ApiError('invalidRequest', `body: invalid JSON: ${(error as Error).message}`);
  }
}

/** The validated body of POST /v1/contacts. */
export interface ContactsRequest {
  readonly blocking: 'wait' | 'no_wait';
  readonly contacts: readonly string[];
  readonly forceCheck: boolean;
}

/** Parses and validates a body. Throws an ApiError that names the first problem. */
export function readContactsRequest(text: string): ContactsRequest {
  const { blocking = 'no_wait', contacts, force_check: forceCheck = false } = jsonObject(text);
  if (contacts === undefined) throw new ApiError('parameterMissing', 'contacts: must be an array of phone numbers');
  if (!Array.isArray(contacts)) throw notValid('contacts', 'an array of phone numbers', contacts);
  if (contacts.length === 0) throw new ApiError('parameterNotValid', 'contacts: must have at least one phone number');
  contacts.forEach((contact: unknown, index) => {
    if (typeof contact !== 'string') throw notValid(`contacts[${index}]`, 'a string', contact);
  });
  if (blocking !== 'wait' && blocking !== 'no_wait') {
    throw new ApiError('parameterNotValid', `blocking: must be "wait" or "no_wait", not ${JSON.stringify(blocking)}`);
  }
  if (typeof forceCheck !== 'boolean') throw notValid('force_check', 'true or false', forceCheck);
  return { blocking, contacts, forceCheck };
}

/** The contacts in a body for the list of calls; none if the body is invalid. */
export function contactsIn(text: string): string[] {
  try {
    const { contacts } = jsonObject(text);
    return Array.isArray(contacts) ? contacts.filter((contact) => typeof contact === 'string') : [];
  } catch {
    return [];
  }
}
