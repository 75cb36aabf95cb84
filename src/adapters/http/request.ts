import {
  EspRequest,
  isInt32,
  type KeyValueEntry,
  KeyValueList,
  ListError,
  listFromJson,
  MessageId,
  type PlainValues,
} from '../../esp/index.js';
import type { ListLimits } from '../../wire/index.js';
import { HttpError } from './errors.js';
import { type Body, tooManyEntries } from './read-body.js';

/** The method that a path names, and the body. */
export interface MethodCall {
  readonly service: string;
  readonly method: string;
  readonly body: Body | undefined;
}

export interface SizedRequest {
  readonly request: EspRequest;
  /** Approximate size in memory. */
  readonly bytes: number;
}

/** Approximate size of an entry without its texts. */
const ENTRY_BYTES = 64;

/**
 * The Request3rdServer of an HTTP request. The body is a plain object of the parameters, or the typed form: an object
 * whose `parameters` is an array, and whose other members can only be userData, appName and appType.
 * @throws HttpError 400 or 413
 */
export function requestOf(call: MethodCall, referenceId: number, limits: ListLimits): SizedRequest {
  const { json = {}, bytes } = call.body ?? { bytes: 0 };
  const counter = new EntryCounter(limits);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid('the body must be an object: {"Name": "value"}, or {"parameters": [[key, type, value]]}');
  }
  try {
    const content = isTyped(json) ? typed(json, counter) : plain(json, counter);
    const request = new EspRequest(messageOf(call, referenceId, content));
    return { request, bytes: bytes + ENTRY_BYTES * counter.entries };
  } catch (error) {
    throw error instanceof ListError ? invalid(error.message) : error;
  }
}

const invalid = (message: string): HttpError => new HttpError('ESP_HTTP_INVALID_BODY', message);

interface Content {
  readonly address: readonly KeyValueEntry[];
  readonly parameters: KeyValueList;
  readonly userData: KeyValueList | undefined;
}

function messageOf({ service, method }: MethodCall, referenceId: number, { address, parameters, userData }: Content) {
  const request = new KeyValueList([
    ...address,
    { key: 'Service', type: 'str', value: service },
    { key: 'Method', type: 'str', value: method },
    { key: 'Parameters', type: 'list', value: parameters },
  ]);
  return { messageId: MessageId.Request3rdServer, referenceId, request, userData };
}

interface TypedForm {
  readonly parameters: unknown[];
  readonly userData?: unknown;
  readonly appName?: unknown;
  readonly appType?: unknown;
}

const TYPED_MEMBERS: readonly string[] = ['parameters', 'userData', 'appName', 'appType'];

const isTyped = (json: object): json is TypedForm =>
  Array.isArray((json as Partial<TypedForm>).parameters) &&
  Object.keys(json).every((name) => TYPED_MEMBERS.includes(name));

function plain(json: object, counter: EntryCounter): Content {
  counter.plain(json);
  return { address: [], parameters: KeyValueList.from(json as PlainValues), userData: undefined };
}

function typed(json: TypedForm, counter: EntryCounter): Content {
  const { parameters, userData, appName, appType } = json;
  counter.typed(parameters);
  counter.typed(userData);
  return {
    address: [...nameEntry(appName), ...typeEntry(appType)],
    parameters: listFromJson(parameters, 'parameters'),
    userData: userData === undefined ? undefined : listFromJson(userData, 'userData'),
  };
}

function nameEntry(appName: unknown): KeyValueEntry[] {
  if (appName === undefined) return [];
  if (typeof appName !== 'string') throw invalid('appName must be a string');
  return [{ key: 'AppName', type: 'str', value: appName }];
}

function typeEntry(appType: unknown): KeyValueEntry[] {
  if (appType === undefined) return [];
  if (typeof appType === 'string') return [{ key: 'AppType', type: 'str', value: appType }];
  if (!isInt32(appType)) throw invalid('appType must be a 32-bit integer, or a name as a string');
  return [{ key: 'AppType', type: 'int', value: appType }];
}

/** In a message, Parameters and UserData are inside a list. */
const OUTER_DEPTH = 2;

/** Counts the entries of a request's lists before they are built, and descends no deeper than the limit. @throws HttpError 413 */
class EntryCounter {
  #entries = 0;

  constructor(private readonly limits: ListLimits) {}

  get entries(): number {
    return this.#entries;
  }

  /** Counts a plain object: objects are lists, arrays repeated keys. */
  plain(value: unknown, depth = OUTER_DEPTH): void {
    this.#checkDepth(depth);
    for (const member of Object.values(value as object)) {
      for (const one of Array.isArray(member) ? member : [member]) {
        this.#count();
        if (typeof one === 'object' && one !== null) this.plain(one, depth + 1);
      }
    }
  }

  /** Counts `[key, type, value]` entries, and ignores what is not valid. */
  typed(value: unknown, depth = OUTER_DEPTH): void {
    if (!Array.isArray(value)) return;
    this.#checkDepth(depth);
    for (const entry of value) {
      this.#count();
      if (Array.isArray(entry) && entry[1] === 'list') this.typed(entry[2], depth + 1);
    }
  }

  #checkDepth(depth: number): void {
    const { listDepth } = this.limits;
    if (depth <= listDepth) return;
    throw new HttpError('ESP_HTTP_LISTS_TOO_LARGE', `lists nest more than ${listDepth} deep (limits.listDepth)`);
  }

  #count(): void {
    const { listEntries } = this.limits;
    if (++this.#entries > listEntries) throw tooManyEntries(listEntries);
  }
}
