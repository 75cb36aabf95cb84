import { isSecretKey, MASK } from '#server';
import { ExportError } from '../errors.js';
import type { JournalCall } from '../journal/index.js';
import { JSON_DEPTH_MAX } from '../stubs/index.js';
import { escapedTemplates, MASKED, yamlText } from './exchange.js';

/** An upstream call with its place in the journal, such as `call 1 of entry 12`. */
export interface PlacedCall {
  readonly call: JournalCall;
  readonly place: string;
}

type Json = Record<string, unknown>;

interface Recorded {
  readonly name: string;
  readonly match: Json;
  readonly answers: Json[];
}

/**
 * Exports upstream calls as a file of HTTP stubs: a stub per request, with its answers in sequence. Stubs with more
 * conditions come first. @param what names the source in errors @throws ExportError
 */
export function httpStubFile(calls: readonly PlacedCall[], what: string): string {
  if (calls.length === 0) throw new ExportError(`${what} has no upstream calls to export as HTTP stubs`);
  const recorded = new Map<string, Recorded>();
  const notes: string[] = [];
  for (const { call, place } of calls) {
    const match = matchOf(call);
    const answer = answerOf(call);
    if (match === undefined || typeof answer === 'string') {
      notes.push(`${place} ${typeof answer === 'string' ? answer : 'has an invalid URL'}`);
      continue;
    }
    if (call.responseCut === true) notes.push(`The response body of ${place} is incomplete.`);
    const key = JSON.stringify(match);
    const known = recorded.get(key);
    if (known === undefined) recorded.set(key, { name: `${nameOf(match)}, ${place}`, match, answers: [answer] });
    else known.answers.push(answer);
  }
  if (recorded.size === 0) throw new ExportError(`no upstream call of ${what} got a response: inject faults instead`);
  const stubs = [...recorded.values()].toSorted((a, b) => conditionsOf(b.match) - conditionsOf(a.match)).map(stubOf);
  const text = yamlText({ stubs });
  const comments = notes.map((note) => `# ${note}\n`).join('');
  return (text.includes(MASK) ? MASKED : '') + comments + text;
}

/** A stub that always gets the same answer needs no sequence. */
function stubOf({ name, match, answers }: Recorded): Json {
  const [first] = answers;
  const isSame = answers.every((answer) => JSON.stringify(answer) === JSON.stringify(first));
  return { name, match, ...(isSame ? { answer: first } : { answers }) };
}

const nameOf = ({ method, path }: Json): string => `${method} ${path}`;

const conditionsOf = ({ query = {}, json = {}, body }: Json): number =>
  Object.keys(query as Json).length + Object.keys(json as Json).length + (body === undefined ? 0 : 1);

function matchOf({ method, url, requestBody }: JournalCall): Json | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  const query = new Map<string, unknown>();
  for (const [name, value] of parsed.searchParams) {
    if (!query.has(name)) query.set(name, conditionOn(name, value));
  }
  return {
    method,
    path: parsed.pathname,
    ...(query.size === 0 ? {} : { query: Object.fromEntries(query) }),
    ...(requestBody === undefined || requestBody === '' ? {} : bodyConditions(requestBody)),
  };
}

/** The value itself, unless it is a secret. */
const conditionOn = (name: string, value: unknown): unknown =>
  isSecretKey(name) || (typeof value === 'string' && value.includes(MASK)) ? { present: true } : value;

/** The journal keeps this many bytes of a request body. */
const KEPT_BYTES = 4096;

/** Conditions on the values of a JSON body, or on the text of any other. None for a body that the journal changed. */
function bodyConditions(body: string): Json {
  const json = parsed(body);
  const conditions = new Map<string, unknown>();
  if (typeof json === 'object' && json !== null && addConditions(json, '', conditions)) {
    return conditions.size === 0 ? {} : { json: Object.fromEntries(conditions) };
  }
  const isWhole = Buffer.byteLength(body) < KEPT_BYTES && !body.includes(MASK);
  return isWhole ? { body } : {};
}

/** Adds the scalars by path. @returns false if a key contains a dot, which would make paths ambiguous */
function addConditions(value: object, prefix: string, conditions: Map<string, unknown>): boolean {
  return Object.entries(value).every(([key, member]: [string, unknown]) => {
    if (key.includes('.')) return false;
    const path = `${prefix}${key}`;
    const isContainer = typeof member === 'object' && member !== null;
    if (isContainer && !isSecretKey(key)) return addConditions(member, `${path}.`, conditions);
    conditions.set(path, isContainer ? { present: true } : conditionOn(key, member));
    return true;
  });
}

/** Or why a stub cannot give the answer. */
function answerOf({ status, failure, responseHeaders = {}, responseBody }: JournalCall): Json | string {
  if (failure === 'timeout' || failure === 'abandoned') return { none: true };
  if (failure !== undefined || status === undefined) {
    const got = status === undefined ? 'no response' : 'no complete response';
    return `got ${got} (${failure ?? 'no status'}): inject a fault of the upstream instead`;
  }
  if (status < 200 || status > 599) return `got status ${status}, which stubs cannot send`;
  const body = status === 204 || status === 304 ? {} : responseBodyOf(responseHeaders['content-type'], responseBody);
  const isUsual = (name: string, value: string): boolean =>
    name === 'content-type' && 'json' in body && /^application\/json(; *charset=utf-8)?$/i.test(value);
  const headers = Object.entries(responseHeaders).filter(([name, value]) => !isUsual(name, value));
  return {
    ...(status === 200 ? {} : { status }),
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map(([name, value]) => [name, escapedTemplates(value)])) }),
    ...body,
  };
}

/** As `json` if that sends the same JSON. */
function responseBodyOf(type: string | undefined, text: string | undefined): Json {
  if (text === undefined || text === '') return {};
  const json = type !== undefined && /\bjson\b/i.test(type) ? parsed(text) : undefined;
  const isSame =
    json !== undefined && !isDeeper(json, JSON_DEPTH_MAX) && withoutSpace(JSON.stringify(json)) === withoutSpace(text);
  return isSame ? { json: escapedJson(json) } : { body: escapedTemplates(text) };
}

/** Whether a value in JSON is nested deeper than `max`. */
const isDeeper = (value: unknown, max: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (max < 0 || Object.values(value).some((one) => isDeeper(one, max - 1)));

const withoutSpace = (text: string): string => text.replaceAll(/\s/g, '');

function escapedJson(value: unknown): unknown {
  if (typeof value === 'string') return escapedTemplates(value);
  if (Array.isArray(value)) return value.map(escapedJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, escapedJson(member)]));
}

/** Undefined for a text that is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
