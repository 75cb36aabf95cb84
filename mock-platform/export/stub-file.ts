import { isSecretKey } from '#server';
import {
  EspFault,
  type EspMessage,
  type EspRequest,
  faultIn,
  faultTo,
  type JsonEntry,
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

/** The `match` of a stub for this request. */
export function matchOf({ service, method, list }: EspRequest): Record<string, unknown> {
  const parameters = conditions(parametersOf(list));
  return { service, method, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}

/** Compares the first value of each key if it is text or a number; otherwise checks its presence. */
function conditions(list: KeyValueList): Record<string, string | number | { present: true }> {
  const found = new Map<string, string | number | { present: true }>();
  for (const entry of list.entries) {
    const { key } = entry;
    if (entry.keyBytes !== undefined || found.has(key)) continue;
    const value = entry.type === 'int' ? entry.value : textOf(entry);
    found.set(key, value === undefined || isSecretKey(key) ? { present: true } : value);
  }
  return Object.fromEntries(found);
}

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
