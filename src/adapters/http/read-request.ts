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
import { HttpError } from './http-error.js';
import { type ListLimits, ListSize } from './list-size.js';
import type { Body } from './read-body.js';

/** What a path and a body ask for. */
export interface Asked {
  readonly service: string;
  readonly method: string;
  /** Undefined where there was none. */
  readonly body: Body | undefined;
}

export interface SizedRequest {
  readonly request: EspRequest;
  /** What it takes of memory, about. */
  readonly bytes: number;
}

/** What an entry takes beside its texts. */
const ENTRY_BYTES = 64;

/**
 * The Request3rdServer that an HTTP request stands for. Its body is a plain object of the parameters, or the typed
 * form: an object whose `parameters` is an array and whose other members are userData, appName and appType alone.
 * @throws HttpError 400 or 413
 */
export function requestOf(asked: Asked, referenceId: number, limits: ListLimits): SizedRequest {
  const { json = {}, bytes } = asked.body ?? { bytes: 0 };
  const size = new ListSize(limits);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new HttpError(400, 'the body must be an object: {"Name": "value"}, or {"parameters": [[key, type, value]]}');
  }
  try {
    const content = isTyped(json) ? typed(json, size) : plain(json, size);
    const request = new EspRequest(messageOf(asked, referenceId, content));
    return { request, bytes: bytes + ENTRY_BYTES * size.entries };
  } catch (error) {
    throw error instanceof ListError ? new HttpError(400, error.message) : error;
  }
}

interface Content {
  readonly address: readonly KeyValueEntry[];
  readonly parameters: KeyValueList;
  readonly userData: KeyValueList | undefined;
}

function messageOf({ service, method }: Asked, referenceId: number, { address, parameters, userData }: Content) {
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

const MEMBERS: readonly string[] = ['parameters', 'userData', 'appName', 'appType'];

const isTyped = (json: object): json is TypedForm =>
  Array.isArray((json as Partial<TypedForm>).parameters) && Object.keys(json).every((name) => MEMBERS.includes(name));

function plain(json: object, size: ListSize): Content {
  size.plain(json);
  return { address: [], parameters: KeyValueList.from(json as PlainValues), userData: undefined };
}

function typed(json: TypedForm, size: ListSize): Content {
  const { parameters, userData, appName, appType } = json;
  size.typed(parameters);
  size.typed(userData);
  return {
    address: [...nameEntry(appName), ...typeEntry(appType)],
    parameters: listFromJson(parameters, 'parameters'),
    userData: userData === undefined ? undefined : listFromJson(userData, 'userData'),
  };
}

function nameEntry(appName: unknown): KeyValueEntry[] {
  if (appName === undefined) return [];
  if (typeof appName !== 'string') throw new HttpError(400, 'appName must be a string');
  return [{ key: 'AppName', type: 'str', value: appName }];
}

function typeEntry(appType: unknown): KeyValueEntry[] {
  if (appType === undefined) return [];
  if (typeof appType === 'string') return [{ key: 'AppType', type: 'str', value: appType }];
  if (!isInt32(appType)) throw new HttpError(400, 'appType must be a 32-bit integer, or a name as a string');
  return [{ key: 'AppType', type: 'int', value: appType }];
}
