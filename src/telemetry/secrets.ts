import { errorText } from './error-text.js';

/** What a secret's name has in it. */
const SECRET = 'password|secret|token|api[-_]?key|authorization|credential';
const NAME = new RegExp(SECRET, 'i');

export const MASK = '***';

/** Whether the value under this key must not be kept. */
export const isSecretKey = (key: string): boolean => NAME.test(key);

/** How deep an object of a class is looked into: an answer of HTTP hangs together with everything. */
const CLASS_DEPTH = 2;

/**
 * Data as JSON says it, without the values of secret keys and without the secrets in its texts; an error is its text,
 * for libraries hang whole requests on theirs. What lies deeper than `depth` is left out.
 */
export function maskValues(data: unknown, depth = Number.POSITIVE_INFINITY): unknown {
  if (typeof data === 'string') return maskSecrets(data);
  if (typeof data !== 'object' || data === null) return data;
  if (depth === 0) return '[...]';
  if (Array.isArray(data)) return data.map((item) => maskValues(item, depth - 1));
  if (data instanceof Error) return maskSecrets(errorText(data));
  if ('toJSON' in data && typeof data.toJSON === 'function') return maskValues(data.toJSON(), depth - 1);
  if (![Object.prototype, null].includes(Object.getPrototypeOf(data)) && depth > CLASS_DEPTH) {
    return maskValues({ ...data }, CLASS_DEPTH);
  }
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, isSecretKey(key) ? MASK : maskValues(value, depth - 1)]),
  );
}

/** In text that is no whole JSON (it was cut off): the value behind a secret key. Of an object, all that follows. */
const JSON_MEMBER = new RegExp(
  String.raw`("(?:[^"\\]|\\.)*(?:${SECRET})(?:[^"\\]|\\.)*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s",{}[\]]+|[{[][^]*)`,
  'gi',
);

const FORM_FIELD = new RegExp(`((?:^|[?&])[^=&?#]*(?:${SECRET})[^=&?#]*=)[^&#]*`, 'gi');

const URL_USER = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s"'<>/?#@]*@/gi;

const URL_PARAMETER = new RegExp(String.raw`([?&][\w.%-]*(?:${SECRET})[\w.%-]*=)[^&#\s"'<>]*`, 'gi');

/** As the header Authorization has them; words that only follow `Basic` have no digit or capital letter within. */
const CREDENTIALS = /\b(Basic|Bearer) +(?=[\w.~+/-]*(?:\d|[a-z][A-Z]))[\w.~+/-]{8,}=*/g;

/** What every secret that is looked for has near it. Most lines of a log have none of these, and are done. */
const SIGNS = /[@="]|Basic|Bearer/;

/** Any text without the secrets that show by what stands before them: in URLs, in JSON, behind `Basic` and `Bearer`. */
export function maskSecrets(text: string): string {
  if (!SIGNS.test(text)) return text;
  return text
    .replaceAll(URL_USER, `$1${MASK}@`)
    .replaceAll(URL_PARAMETER, `$1${MASK}`)
    .replaceAll(CREDENTIALS, `$1 ${MASK}`)
    .replaceAll(JSON_MEMBER, `$1"${MASK}"`);
}

/** The body of an HTTP message, JSON or form, without the values of secret keys. */
export function maskText(text: string): string {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object') return JSON.stringify(maskValues(data));
  } catch {
    // No JSON, or its beginning alone.
  }
  return maskSecrets(text).replaceAll(FORM_FIELD, `$1${MASK}`);
}

/** A URL, or text with URLs, without a user's password, and without the values of secret parameters. */
export const maskUrl = (url: string): string =>
  url.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/gi, `$1${MASK}@`).replaceAll(FORM_FIELD, `$1${MASK}`);

/** Anything shorter would be found in every text, and is none. */
const SHORTEST = 4;

/**
 * A text that may repeat the credentials of a request, such as its answer, without them.
 * @param credentials header values (`Basic ...`, `Bearer ...`, a key), passwords
 */
export function maskCredentials(text: string, credentials: readonly string[]): string {
  const forms = credentials
    .flatMap(partsOf)
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((part) => [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)])
    .sort((a, b) => b.length - a.length);
  return forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/** What must not show of a header value: what stands behind its scheme, and of `Basic` the password. */
function partsOf(credential: string): string[] {
  const [, scheme, value = credential] = /^(Basic|Bearer) +(.*)$/i.exec(credential) ?? [];
  if (scheme?.toLowerCase() !== 'basic') return [value];
  const pair = Buffer.from(value, 'base64').toString();
  return [value, pair, pair.slice(pair.indexOf(':') + 1)];
}

/** What a request over HTTP proves itself with, to be masked in its answer; what is no URL has nothing to hide. */
export function credentialsOf(headers: Readonly<Record<string, unknown>>, url: string): string[] {
  const { password = '', searchParams = [] } = URL.parse(url) ?? {};
  const ofHeaders = Object.entries(headers).filter(([name]) => isSecretKey(name) || /cookie/i.test(name));
  const ofUrl = [...searchParams].filter(([name]) => isSecretKey(name));
  return [password, decoded(password), ...[...ofHeaders, ...ofUrl].map(([, value]) => String(value))];
}

/** A percent sign may stand for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
