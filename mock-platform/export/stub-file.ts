import { isSecretKey } from 'esp-host/server';
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
} from 'esp-host/wire';
import { ExportError } from '../errors.js';
import type { JournalEntry } from '../journal/index.js';
import { yamlText } from './exchange.js';
import type { Exchange } from './export.js';

/** A file with the stub that answers such a request as this one was answered. */
export function stubFile({ entry, origin, request, target }: Exchange): string {
  const stub = {
    name: `${request.name}, as ${origin.what} of ${origin.of}`,
    match: matchOf(request),
    answer: answerOf(entry, origin.what, request, target.type),
  };
  return yamlText({ application: { name: target.name, type: target.type }, stubs: [stub] });
}

/** What a stub must match to answer this request. */
export function matchOf({ service, method, list }: EspRequest): Record<string, unknown> {
  const parameters = conditions(parametersOf(list));
  return { service, method, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}

/** Each key's first value where it is a text or a number, else that it is there. */
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

/** As a file of stubs writes it. */
export type Answer = Record<string, unknown>;

function answerOf({ outcome, reply }: JournalEntry, what: string, request: EspRequest, type: number): Answer {
  if (outcome === 'pending') throw new ExportError(`${what} is not answered yet: ask again when it is`);
  if (outcome === 'none' || outcome === 'lost') return { none: true };
  if (reply?.json === undefined) throw new ExportError(`the answer of ${what} breaks the format: take send`);
  return answerAs(messageFromJson(reply.json), request, type);
}

/** The `answer` of a stub that gives this message. @param type of the application that gives it */
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

/** Where the answer has the layout that stubs give theirs, less needs to be written. */
function usualAnswer(message: EspMessage, request: EspRequest, type: number): Answer | undefined {
  const { userData } = message;
  const text = (value: string): string => value.replaceAll('{{', '{{braces}}');
  if (message.messageId === MessageId.Event3rdServerFault) {
    const fault = faultIn(message);
    const made = faultTo(request, type, new EspFault(fault.code, fault.text));
    return isSame(made, message) ? { fault: { code: fault.code, text: text(fault.text) } } : undefined;
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

/** A map where that says it all, else the typed entries. */
function values(list: KeyValueList, kind: 'str' | 'utf16'): unknown {
  const json = listToJson(list);
  return isPlain(json, kind) ? plain(json) : typed(json);
}

/** Maps have each key once, put keys that are numbers first, and hold strings of the kind that was asked in. */
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
  Object.fromEntries(list.map(([key, , value]) => [key, Array.isArray(value) ? plain(value) : untemplated(value)]));

const typed = (list: readonly JsonEntry[]): unknown[] =>
  list.map(([key, type, value]) => [key, type, Array.isArray(value) ? typed(value) : untemplated(value)]);

/** What looks as if it asked for a part of the request stands for itself. */
const untemplated = (value: string | number): string | number =>
  typeof value === 'string' ? value.replaceAll('{{', '{{braces}}') : value;
