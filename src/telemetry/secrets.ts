import { headOf } from '../esp/index.js';
import { errorText } from './error-text.js';

/** What a secret's name has in it. */
const NAME = /password|secret|token|api[-_]?key|authorization|credential/i;

export const MASK = '***';

/** Whether the value under this key must not be kept. */
export const isSecretKey = (key: string): boolean => NAME.test(key);

/** How deep an object of a class is looked into: an answer of HTTP hangs together with everything. */
const CLASS_DEPTH = 2;

/** Deeper than any body of a request or an answer; deeper data is cut before it could overflow the stack. */
const DEEPEST = 500;

const UNREADABLE = '[unreadable]';

/** How texts are shown, and how much of a value: what is shown is taken off `entries` and `characters`. */
export interface Showing {
  mask(text: string): string;
  /** The most characters of one text. */
  readonly text: number;
  entries: number;
  characters: number;
}

const WHOLE: Readonly<Showing> = {
  mask: maskSecrets,
  text: Number.POSITIVE_INFINITY,
  entries: Number.POSITIVE_INFINITY,
  characters: Number.POSITIVE_INFINITY,
};

/**
 * Data as JSON says it, without the values of secret keys and without the secrets in its texts; an error is its text,
 * for libraries hang whole requests on theirs. What lies deeper than `depth` is left out. It never throws: what can't be
 * read, such as a getter that throws, is `[unreadable]`.
 */
export function maskValues(data: unknown, depth = DEEPEST, showing: Showing = { ...WHOLE }): unknown {
  try {
    if (typeof data === 'string') return showText(data, showing);
    if (typeof data === 'object' && data !== null) return maskObject(data, depth, showing);
    if (typeof data === 'function') return showText(`[Function: ${data.name}]`, showing);
    if (typeof data === 'bigint') return showText(`${data}n`, showing);
    return typeof data === 'symbol' ? showText(String(data), showing) : data;
  } catch {
    return UNREADABLE;
  }
}

function maskObject(data: object, depth: number, showing: Showing): unknown {
  if (depth <= 0) return '[...]';
  if (data instanceof Error) return showText(errorText(data), showing);
  if (ArrayBuffer.isView(data)) return `[${data.byteLength} bytes]`;
  if (Array.isArray(data)) return maskItems(data, depth - 1, showing);
  if ('toJSON' in data && typeof data.toJSON === 'function') return maskValues(data.toJSON(), depth - 1, showing);
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(data));
  return maskMembers(data, (isPlain ? depth : Math.min(depth, CLASS_DEPTH)) - 1, showing);
}

function maskItems(data: readonly unknown[], depth: number, showing: Showing): unknown[] {
  const count = Math.min(data.length, showing.entries);
  showing.entries -= count;
  const items: unknown[] = [];
  for (let at = 0; at < count; at++) items.push(maskValues(data[at], depth, showing));
  if (count < data.length) items.push(`... (${data.length - count} more)`);
  return items;
}

function maskMembers(data: object, depth: number, showing: Showing): Record<string, unknown> {
  const keys = Object.keys(data);
  const shown = keys.slice(0, showing.entries);
  showing.entries -= shown.length;
  const members = shown.map((key): [string, unknown] => {
    const value: unknown = data[key as keyof typeof data];
    return [showText(key, showing), isSecretKey(key) ? MASK : maskValues(value, depth, showing)];
  });
  if (shown.length < keys.length) members.push(['...', `${keys.length - shown.length} more`]);
  return Object.fromEntries(members);
}

/** Of a text that is cut, so much more is masked than is shown: a secret that the cut parts shows none of it. */
const MARGIN = 256;

/** A text, masked and no longer than what is left for it. */
export function showText(text: string, showing: Showing): string {
  const most = Math.min(showing.text, showing.characters);
  if (text.length <= most) {
    showing.characters -= text.length;
    return showing.mask(text);
  }
  showing.characters -= most;
  const masked = showing.mask(text.slice(0, most + MARGIN));
  const shown = headOf(masked, Math.max(0, Math.min(most, masked.length - MARGIN)));
  return `${shown}... (${text.length - shown.length} more characters)`;
}

const URL_USER = /:\/\/[^\s"'<>/?#@]*@/g;

const URL_PARAMETER = /[?&][\w.%-]*=/g;
const URL_VALUE = /[^&#\s"'<>]*/y;

const FORM_FIELD = /(?:^|[?&])[^=&?#]*=/g;
const FORM_VALUE = /[^&#]*/y;

/** As the header Authorization has them; words that only follow `Basic` have no digit or capital letter within. */
const CREDENTIALS = /\b(Basic|Bearer) +(?=[\w.~+/-]*(?:\d|[a-z][A-Z]))[\w.~+/-]{8,}=*/g;

/** What every secret that is looked for has near it. Most lines of a log have none of these, and are done. */
const SIGNS = /[@="]|Basic|Bearer/;

/**
 * Any text without the secrets that show by what stands before them: in URLs, in JSON, behind `Basic` and `Bearer`. Its
 * time grows with the length of the text alone, whatever the text says.
 */
export function maskSecrets(text: string): string {
  if (!SIGNS.test(text)) return text;
  const outsideJson = maskBehind(text.replaceAll(URL_USER, `://${MASK}@`), URL_PARAMETER, URL_VALUE);
  return maskJsonText(outsideJson.replaceAll(CREDENTIALS, `$1 ${MASK}`));
}

/** The text with each value masked that stands behind a secret name. */
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
 * In text that is no whole JSON (it was cut off): the value behind a secret key. Of an object, all that follows. Each
 * quote may begin a key; those inside another one, escaped, end where that ends, and have no secret where it has none.
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

/** Where the string ends that begins here: at its closing quote, at a backslash before a line break, or with the text. */
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

/** The sign behind a backslash belongs to no name: `\token` has none. */
const hasSecretName = (key: string): boolean => isSecretKey(key) && isSecretKey(key.replaceAll(ESCAPES, '\\'));

const COLON = /\s*:\s*/y;

/** Where the value begins behind the closing quote of its key; -1 where no colon follows. */
function valueBehind(text: string, from: number): number {
  COLON.lastIndex = from;
  return COLON.test(text) ? COLON.lastIndex : -1;
}

const PLAIN_VALUE = /[^\s",{}[\]]+/y;

/** Where a value ends that begins here, which is where it begins if there is none. */
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

/** The body of an HTTP message, JSON or form, without the values of secret keys. */
export function maskText(text: string): string {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object') return JSON.stringify(maskValues(data));
  } catch {
    // No JSON, or its beginning alone.
  }
  return maskBehind(maskSecrets(text), FORM_FIELD, FORM_VALUE);
}

/** A URL, or text with URLs, without a user's password, and without the values of secret parameters. */
export const maskUrl = (url: string): string =>
  maskBehind(url.replaceAll(/:\/\/[^/?#@]*@/g, `://${MASK}@`), FORM_FIELD, FORM_VALUE);

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
    .flatMap((part) => [part, encodeURIComponent(part.toWellFormed()), JSON.stringify(part).slice(1, -1)])
    .sort((a, b) => b.length - a.length);
  return forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/** What must not show of a header value: what stands behind its scheme, and of `Basic` the password. */
function partsOf(credential: string): string[] {
  const [start = '', scheme] = /^(Basic|Bearer) +/i.exec(credential) ?? [];
  const value = credential.slice(start.length);
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
