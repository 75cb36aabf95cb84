import { isSecretKey, MASK, maskText } from '#server';
import {
  EspFault,
  type EspMessage,
  type EspRequest,
  faultIn,
  faultTo,
  type JsonEntry,
  type KeyValueEntry,
  type KeyValueList,
  listToJson,
  MessageId,
  messageFromJson,
  messageToJson,
  parametersOf,
  responseTo,
  textOf,
} from '#wire';
import { ExportError } from '../errors.js';
import type { JournalEntry } from '../journal/index.js';
import { valueAt } from '../stubs/index.js';
import { escapedTemplates, yamlText } from './exchange.js';
import type { Exchange } from './export.js';

/** Exports a stub file that gives the same answer to the same request. */
export function stubFile({ entry, origin, request, target }: Exchange): string {
  const stub = {
    name: `${request.name}, ${origin.what} of ${origin.of}`,
    match: matchOf(request),
    answer: answerOf(entry, origin.what, request, target.type),
  };
  return yamlText({ application: { name: target.name, type: target.type }, stubs: [stub] });
}

/** The `match` of a stub. */
export interface Match {
  readonly service: string;
  readonly method: string;
  /** By path, such as `Filter.Name`. */
  readonly parameters?: Readonly<Record<string, Condition>>;
}

/** The `match` of a stub for this request. */
export function matchOf({ service, method, list }: EspRequest): Match {
  const parameters = conditions(parametersOf(list));
  return { service, method, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}

type Condition = string | number | { readonly present: true };

const PRESENT = { present: true } as const;

/** Maximum number of values that a match considers. Outer values come first. */
const VALUES_MAX = 500;

/** Maximum number of keys in the path of a value within a list. */
const KEYS_MAX = 10;

/** Conditions on the values at all levels that a path leads to. A list without such values has to be present. */
function conditions(all: KeyValueList): Record<string, Condition> {
  const found = new Map<string, Condition>();
  let left = VALUES_MAX;
  const lists: { list: KeyValueList; path?: string }[] = [{ list: all }];
  for (const { list, path: outer } of lists) {
    let isMatched = outer === undefined;
    for (const entry of list.entries) {
      if (left-- === 0) return Object.fromEntries(found);
      const path = pathOf(entry, outer);
      if (path === undefined || valueAt(all, path) !== entry) continue;
      isMatched = true;
      if (entry.type === 'list' && !isSecretKey(entry.key)) lists.push({ list: entry.value, path });
      else found.set(path, conditionOn(entry));
    }
    if (outer !== undefined && !isMatched) found.set(outer, PRESENT);
  }
  return Object.fromEntries(found);
}

/** Undefined for a value that conditions cannot name. */
function pathOf({ key, keyBytes }: KeyValueEntry, outer: string | undefined): string | undefined {
  if (keyBytes !== undefined || key === '__proto__') return undefined;
  if (outer === undefined) return key;
  const path = `${outer}.${key}`;
  return path.split('.', KEYS_MAX + 1).length > KEYS_MAX ? undefined : path;
}

/** The value itself, or its presence if it is a secret or has no text. */
function conditionOn(entry: KeyValueEntry): Condition {
  if (isSecretKey(entry.key)) return PRESENT;
  if (entry.type === 'int') return entry.value;
  const text = textOf(entry);
  return text === undefined || text.includes(MASK) || maskText(text) !== text ? PRESENT : text;
}

/** Sorts stubs so that the more specific come first: a request may also match stubs with fewer conditions. */
export function bySpecificity(one: Match, other: Match): number {
  const [a, b] = [one, other].map(({ parameters = {} }) => Object.values(parameters));
  const exact = (all: readonly Condition[] = []): number => all.filter((value) => value !== PRESENT).length;
  return (b?.length ?? 0) - (a?.length ?? 0) || exact(b) - exact(a);
}

/** Equal for matches with the same conditions in any order. */
export const matchKey = ({ service, method, parameters = {} }: Match): string =>
  JSON.stringify([service, method, Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

/** The `answer` of a stub in a stub file. */
export type Answer = Record<string, unknown>;

function answerOf({ outcome, reply }: JournalEntry, what: string, request: EspRequest, type: number): Answer {
  if (outcome === 'pending') throw new ExportError(`${what} is still pending: try again after its answer`);
  if (outcome === 'none' || outcome === 'lost') return { none: true };
  if (reply?.json === undefined) throw new ExportError(`the answer to ${what} is malformed: export it as send`);
  return answerAs(messageFromJson(reply.json), request, type);
}

/** Converts a message to the `answer` of a stub. @param type of the answering application */
export function answerAs(message: EspMessage, request: EspRequest, type: number): Answer {
  const usual = usualAnswer(message, request, type);
  if (usual !== undefined) return usual;
  const { messageId, userData } = message;
  return {
    request: typed(listToJson(message.request ?? parametersOf(undefined))),
    ...(messageId === MessageId.Event3rdServerFault ? { messageId } : {}),
    ...(userData === undefined ? {} : { userData: typed(listToJson(userData)) }),
  };
}

/** The short form for answers with the standard layout. */
function usualAnswer(message: EspMessage, request: EspRequest, type: number): Answer | undefined {
  const { userData } = message;
  if (message.messageId === MessageId.Event3rdServerFault) {
    const fault = faultIn(message);
    const made = faultTo(request, type, new EspFault(fault.code, fault.text));
    return isSame(made, message) ? { fault: { code: fault.code, text: escapedTemplates(fault.text) } } : undefined;
  }
  const parameters = parametersOf(message.request);
  if (!isSame(responseTo(request, type, parameters, userData), message)) return undefined;
  return {
    parameters: values(parameters, request.text),
    ...(userData === undefined ? {} : { userData: values(userData, request.text) }),
  };
}

const isSame = (one: EspMessage, other: EspMessage): boolean =>
  JSON.stringify(messageToJson(one)) === JSON.stringify(messageToJson(other));

/** A map if it is lossless, otherwise typed entries. */
function values(list: KeyValueList, kind: 'str' | 'utf16'): unknown {
  const json = listToJson(list);
  return isPlain(json, kind) ? plain(json) : typed(json);
}

/** Maps cannot repeat keys, order numeric keys first, and have strings of the request's type. */
function isPlain(list: readonly JsonEntry[], kind: string): boolean {
  const keys = new Set(list.map(([key]) => key));
  return (
    keys.size === list.length &&
    list.every(([key, type, value]) => {
      if (typeof key !== 'string' || /^\d+$/.test(key)) return false;
      return Array.isArray(value) ? isPlain(value, kind) : type === 'int' || type === kind;
    })
  );
}

const plain = (list: readonly JsonEntry[]): Record<string, unknown> =>
  Object.fromEntries(list.map(([key, , value]) => [key, Array.isArray(value) ? plain(value) : escapedValue(value)]));

const typed = (list: readonly JsonEntry[]): unknown[] =>
  list.map(([key, type, value]) => [key, type, Array.isArray(value) ? typed(value) : escapedValue(value)]);

/** Escapes templates. */
const escapedValue = (value: string | number): string | number =>
  typeof value === 'string' ? escapedTemplates(value) : value;
