import { headOf } from '../esp/index.js';
import { errorText } from './error-text.js';

/** Matches the name of a secret. */
const NAME = /password|secret|token|api[-_]?key|authorization|credential/i;

export const MASK = '***';

/** Whether the value of this key is a secret. */
export const isSecretKey = (key: string): boolean => NAME.test(key);

/** The depth for instances of classes: an HTTP response refers to everything around it. */
const CLASS_DEPTH = 2;

/** Deeper than any body. Data below it is cut before it could overflow the stack. */
const DEEPEST = 500;

const UNREADABLE = '[unreadable]';

/** How to mask texts, and how much of a value to keep. `entries` and `characters` count down. */
export interface Limits {
  mask(text: string): string;
  /** Maximum characters of a single text. */
  readonly text: number;
  entries: number;
  characters: number;
}

const UNLIMITED: Readonly<Limits> = {
  mask: maskSecrets,
  text: Number.POSITIVE_INFINITY,
  entries: Number.POSITIVE_INFINITY,
  characters: Number.POSITIVE_INFINITY,
};

/**
 * Data for JSON, with secrets masked: the values of secret keys, and secrets in texts. An error becomes its text, as
 * libraries attach whole requests to theirs. Data deeper than `depth` is omitted. Never throws: data that cannot be read,
 * such as a getter that throws, becomes `[unreadable]`.
 */
export function maskValues(data: unknown, depth = DEEPEST, left: Limits = { ...UNLIMITED }): unknown {
  try {
    if (typeof data === 'string') return showText(data, left);
    if (typeof data === 'object' && data !== null) return maskObject(data, depth, left);
    if (typeof data === 'function') return showText(`[Function: ${data.name}]`, left);
    if (typeof data === 'bigint') return showText(`${data}n`, left);
    return typeof data === 'symbol' ? showText(String(data), left) : data;
  } catch {
    return UNREADABLE;
  }
}

function maskObject(data: object, depth: number, left: Limits): unknown {
  if (depth <= 0) return '[...]';
  if (data instanceof Error) return showText(errorText(data), left);
  if (ArrayBuffer.isView(data)) return `[${data.byteLength} bytes]`;
  if (Array.isArray(data)) return maskItems(data, depth - 1, left);
  if ('toJSON' in data && typeof data.toJSON === 'function') return maskValues(data.toJSON(), depth - 1, left);
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(data));
  return maskMembers(data, (isPlain ? depth : Math.min(depth, CLASS_DEPTH)) - 1, left);
}

function maskItems(data: readonly unknown[], depth: number, left: Limits): unknown[] {
  const count = Math.min(data.length, left.entries);
  left.entries -= count;
  const items: unknown[] = [];
  for (let at = 0; at < count; at++) items.push(maskValues(data[at], depth, left));
  if (count < data.length) items.push(`... (${data.length - count} more)`);
  return items;
}

function maskMembers(data: object, depth: number, left: Limits): Record<string, unknown> {
  const keys = Object.keys(data);
  const shown = keys.slice(0, left.entries);
  left.entries -= shown.length;
  const members = shown.map((key): [string, unknown] => {
    const value: unknown = data[key as keyof typeof data];
    return [showText(key, left), isSecretKey(key) ? MASK : maskValues(value, depth, left)];
  });
  if (shown.length < keys.length) members.push(['...', `${keys.length - shown.length} more`]);
  return Object.fromEntries(members);
}

/** A text is masked this far beyond its cut, so that a secret at the cut is recognised as a whole. */
const MARGIN = 256;

/** The text, masked and cut to the limits. */
export function showText(text: string, left: Limits): string {
  const max = Math.min(left.text, left.characters);
  if (text.length <= max) {
    left.characters -= text.length;
    return left.mask(text);
  }
  left.characters -= max;
  const masked = left.mask(text.slice(0, max + MARGIN));
  const shown = headOf(masked, Math.max(0, Math.min(max, masked.length - MARGIN)));
  return `${shown}... (${text.length - shown.length} more characters)`;
}

const URL_USER = /:\/\/[^\s"'<>/?#@]*@/g;

const URL_PARAMETER = /[?&][\w.%-]*=/g;
const URL_VALUE = /[^&#\s"'<>]*/y;

const FORM_FIELD = /(?:^|[?&])[^=&?#]*=/g;
const FORM_VALUE = /[^&#]*/y;

/** As in an Authorization header. An ordinary word after `Basic` has no digit, and no capital letter inside. */
const CREDENTIALS = /\b(Basic|Bearer) +(?=[\w.~+/-]*(?:\d|[a-z][A-Z]))[\w.~+/-]{8,}=*/g;

/** Every secret in a text is next to one of these. Most log lines have none, and need no closer look. */
const SIGNS = /[@="]|Basic|Bearer/;

/**
 * Masks the secrets that a text announces: in URLs, in JSON, after `Basic` and `Bearer`. Takes linear time, whatever the
 * text contains.
 */
export function maskSecrets(text: string): string {
  if (!SIGNS.test(text)) return text;
  const outsideJson = maskBehind(text.replaceAll(URL_USER, `://${MASK}@`), URL_PARAMETER, URL_VALUE);
  return maskJsonText(outsideJson.replaceAll(CREDENTIALS, `$1 ${MASK}`));
}

/** Masks each value that follows the name of a secret. */
function maskBehind(text: string, names: RegExp, value: RegExp): string {
  let masked = '';
  let done = 0;
  names.lastIndex = 0;
  for (let name = names.exec(text); name !== null; name = names.exec(text)) {
    if (!isSecretKey(name[0])) continue;
    masked += text.slice(done, names.lastIndex) + MASK;
    value.lastIndex = names.lastIndex;
    value.test(text);
    done = value.lastIndex;
    names.lastIndex = done;
  }
  return masked + text.slice(done);
}

/**
 * Masks the values of secret keys in text that contains JSON, whole or cut off. If the value is an object or array, masks
 * the rest of the text. Any quote may begin a key. Escaped JSON within a string ends with that string, and contains the
 * name of a secret only if the string does.
 */
function maskJsonText(text: string): string {
  let masked = '';
  let done = 0;
  let quote = text.indexOf('"');
  while (quote !== -1) {
    const end = stringEnd(text, quote + 1);
    const value = text[end] === '"' && hasSecretName(text.slice(quote + 1, end)) ? valueBehind(text, end + 1) : -1;
    const past = value === -1 ? -1 : valueEnd(text, value);
    if (past > value) {
      masked += `${text.slice(done, value)}"${MASK}"`;
      done = past;
    }
    quote = text.indexOf('"', Math.max(end, done));
  }
  return masked + text.slice(done);
}

/** The end of the string that begins at `start`: its closing quote, a backslash before a line break, or the end of the text. */
function stringEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') return at;
    if (sign !== '\\') continue;
    if (at + 1 === text.length || LINE_BREAKS.includes(text[at + 1] as string)) return at;
    at++;
  }
  return text.length;
}

const LINE_BREAKS = '\n\r\u2028\u2029';

const ESCAPES = /\\./gs;

/** An escaped character is not part of a name: `\token` is not `token`. */
const hasSecretName = (key: string): boolean => isSecretKey(key) && isSecretKey(key.replaceAll(ESCAPES, '\\'));

const COLON = /\s*:\s*/y;

/** The start of the value after the closing quote of its key; -1 if no colon follows. */
function valueBehind(text: string, from: number): number {
  COLON.lastIndex = from;
  return COLON.test(text) ? COLON.lastIndex : -1;
}

const PLAIN_VALUE = /[^\s",{}[\]]+/y;

/** The end of the value that begins at `start`; `start` if there is none. */
function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '{' || first === '[') return text.length;
  if (first === '"') {
    const end = stringEnd(text, start + 1);
    return text[end] === '"' ? end + 1 : end;
  }
  PLAIN_VALUE.lastIndex = start;
  return PLAIN_VALUE.test(text) ? PLAIN_VALUE.lastIndex : start;
}

/** Masks the values of secret keys in the body of an HTTP message, JSON or form. JSON without secrets keeps its form. */
export function maskText(text: string): string {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object') {
      const masked = JSON.stringify(maskValues(data));
      // The parsed data has only the last of values with the same key.
      return masked === JSON.stringify(data) ? maskSecrets(text) : masked;
    }
  } catch {
    // Not JSON, or cut off.
  }
  return maskBehind(maskSecrets(text), FORM_FIELD, FORM_VALUE);
}

/** Masks the user, the password, and secret parameters in a URL or a text with URLs. */
export const maskUrl = (url: string): string =>
  maskBehind(url.replaceAll(/:\/\/[^/?#@]*@/g, `://${MASK}@`), FORM_FIELD, FORM_VALUE);

/** A shorter credential is no secret, and would be found in every text. */
const MIN_LENGTH = 4;

/**
 * Masks credentials in a text that may repeat them, such as the answer of an upstream.
 * @param credentials header values (`Basic ...`, `Bearer ...`, a key) and passwords
 */
export function maskCredentials(text: string, credentials: readonly string[]): string {
  const forms = credentials
    .flatMap(partsOf)
    .filter(({ length }) => length >= MIN_LENGTH)
    .flatMap((part) => [part, encodeURIComponent(part.toWellFormed()), JSON.stringify(part).slice(1, -1)])
    .sort((a, b) => b.length - a.length);
  return forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/** The secret parts of a header value: what follows its scheme, and for `Basic` also the decoded password. */
function partsOf(credential: string): string[] {
  const [start = '', scheme] = /^(Basic|Bearer) +/i.exec(credential) ?? [];
  const value = credential.slice(start.length);
  if (scheme?.toLowerCase() !== 'basic') return [value];
  const pair = Buffer.from(value, 'base64').toString();
  return [value, pair, pair.slice(pair.indexOf(':') + 1)];
}

/** The credentials of an HTTP request, from its headers and URL, to be masked in its answer. */
export function credentialsOf(headers: Readonly<Record<string, unknown>>, url: string): string[] {
  const { password = '', searchParams = [] } = URL.parse(url) ?? {};
  const ofHeaders = Object.entries(headers).filter(([name]) => isSecretKey(name) || /cookie/i.test(name));
  const ofUrl = [...searchParams].filter(([name]) => isSecretKey(name));
  return [password, decoded(password), ...[...ofHeaders, ...ofUrl].map(([, value]) => String(value))];
}

/** The text as it is, if it is not valid percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
