/** What a secret's name has in it. */
const SECRET = 'password|secret|token|api[-_]?key|authorization|credential';
const NAME = new RegExp(SECRET, 'i');

export const MASK = '***';

/** Whether the value under this key must not be kept. */
export const isSecretKey = (key: string): boolean => NAME.test(key);

/** A copy of JSON-like data without the values of secret keys. */
export function maskValues(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(maskValues);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, isSecretKey(key) ? MASK : maskValues(value)]),
  );
}

/** In text that is no whole JSON (it was cut off): the value behind a secret key. Of an object, all that follows. */
const JSON_MEMBER = new RegExp(
  String.raw`("(?:[^"\\]|\\.)*(?:${SECRET})(?:[^"\\]|\\.)*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s",{}[\]]+|[{[][^]*)`,
  'gi',
);

const FORM_FIELD = new RegExp(`((?:^|[?&])[^=&?#]*(?:${SECRET})[^=&?#]*=)[^&#]*`, 'gi');

/** The body of an HTTP message, JSON or form, without the values of secret keys. */
export function maskText(text: string): string {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object') return JSON.stringify(maskValues(data));
  } catch {
    // No JSON, or its beginning alone.
  }
  return text.replaceAll(JSON_MEMBER, `$1"${MASK}"`).replaceAll(FORM_FIELD, `$1${MASK}`);
}

/** A URL, or text with URLs, without a user's password, and without the values of secret parameters. */
export const maskUrl = (url: string): string =>
  url.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/gi, `$1${MASK}@`).replaceAll(FORM_FIELD, `$1${MASK}`);

/** Headers that may hold URLs. */
export const maskHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, maskUrl(value)]));
