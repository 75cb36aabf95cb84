import { startWhatsAppApi, type WhatsAppApi, type WhatsAppApiOptions } from '../whatsapp-api.js';

/** The numbers that are on WhatsApp in the documented examples. */
export const NUMBERS = ['+16315551002', '+15162837151', '+5491156121008'];

export const DAY_MS = 24 * 3_600_000;

/** A manual clock. */
export class Clock {
  constructor(public ms = Date.parse('2026-11-23T10:00:00.250Z')) {}
  readonly now = (): number => this.ms;
}

const running: WhatsAppApi[] = [];

/** Starts a mock registered in India that knows NUMBERS; closeAll() ends it. */
export async function start(options: Partial<WhatsAppApiOptions> = {}): Promise<WhatsAppApi> {
  const api = await startWhatsAppApi({ registeredNumber: '+919876543210', numbers: NUMBERS, ...options });
  running.push(api);
  return api;
}

export async function closeAll(): Promise<void> {
  await Promise.all(running.splice(0).map((api) => api.close()));
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export async function ask(
  api: WhatsAppApi,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const response = await fetch(api.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text), headers: response.headers };
}

export const basic = (username: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Asks the contacts endpoint with a fresh token. */
export const askContacts = (api: WhatsAppApi, body: unknown): Promise<Answer> =>
  ask(
    api,
    'POST',
    '/v1/contacts',
    { ...bearer(api.tokens.issue().token), 'content-type': 'application/json' },
    typeof body === 'string' ? body : JSON.stringify(body),
  );

/** The body of an error, as far as a test looks at it. */
export const errorOf = ({ body }: Answer): { code: number; title: string; details: string } | undefined =>
  (body as { errors: { code: number; title: string; details: string }[] }).errors[0];
