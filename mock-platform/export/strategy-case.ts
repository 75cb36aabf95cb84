import {
  type EspRequest,
  type KeyValueEntry,
  type KeyValueList,
  messageFromJson,
  parametersOf,
  textOf,
} from 'esp-host/wire';
import { ExportError } from '../errors.js';
import type { JournalEntry } from '../journal/index.js';
import { type DataValues, valuesOf } from '../strategies/index.js';
import { yamlText } from './exchange.js';
import type { Exchange } from './export.js';

/** How long the step waits for an answer that never came. */
const NEVER_MS = 1000;

/** Where each outcome leads. */
const ENDS = { response: 'answered', fault: 'faulted', none: 'unanswered', lost: 'unanswered' } as const;

const STEPS = [
  { id: 'answered', routeTo: 'response' },
  { id: 'faulted', routeTo: 'fault' },
  { id: 'unanswered', routeTo: 'no answer' },
];

/** A strategy that asks the same, with a test that expects the same answer. */
export function strategyCase({ entry, origin, request, target }: Exchange): string {
  const { outcome } = entry;
  const { what } = origin;
  if (outcome === 'pending') throw new ExportError(`${what} is not answered yet: ask again when it is`);
  if (request.service === '' || request.method === '') {
    throw new ExportError(`${what} names no Service or no Method, and a strategy does: take send or stub`);
  }
  const end = ENDS[outcome];
  const wording = new Wording(what);
  const parameters = wording.values(parametersOf(request.list), 'Parameters');
  const userData = wording.values(request.userData, 'UserData');
  const ask = {
    ...addressing(request, target.name),
    service: request.service,
    method: request.method,
    parameters,
    ...(request.userData.length === 0 ? {} : { userData }),
    ...(end === 'unanswered' ? { timeoutMs: NEVER_MS } : {}),
  };
  const on = { response: [{ go: 'answered' }], fault: { other: 'faulted' }, timeout: 'unanswered' };
  const steps = [{ id: 'ask', externalService: ask, save: 'reply', on }, ...STEPS];
  const expect = {
    routedTo: STEPS.find((step) => step.id === end)?.routeTo,
    path: ['ask', end],
    ...expected(entry, what),
  };
  return yamlText({
    name: `${request.name}, as ${what} of ${origin.of}`,
    ...(wording.data.size === 0 ? {} : { data: Object.fromEntries(wording.data) }),
    steps,
    tests: [{ name: 'the answer is the same', expect }],
  });
}

/** As the request names its target; where it names none, by the name of who answered. */
function addressing({ appName, appType }: EspRequest, name: string): Record<string, string | number> {
  if (appType === undefined) return { appName: appName ?? name };
  const type = appType.type === 'int' ? appType.value : (textOf(appType) ?? '');
  return { ...(appName === undefined ? {} : { appName }), appType: type };
}

/** The reply's parameters, as the strategy's data has them. */
function expected(
  { reply, outcome, faultCode = '', faultText = '' }: JournalEntry,
  what: string,
): { data?: { reply: DataValues } } {
  if (outcome === 'fault') return { data: { reply: { FaultCode: faultCode, FaultString: faultText } } };
  if (outcome !== 'response') return {};
  if (reply?.json === undefined) throw new ExportError(`the answer of ${what} breaks the format: take send`);
  const values = valuesOf(parametersOf(messageFromJson(reply.json).request));
  return Object.keys(values).length === 0 ? {} : { data: { reply: values } };
}

type Written = string | number | { [key: string]: Written };

/** Lists as strategies write them. Braces would be templates there: such a text goes through the data. */
class Wording {
  readonly data = new Map<string, string>();

  /** @param what the exchange is, for errors */
  constructor(private readonly what: string) {}

  values(list: KeyValueList, at: string): { [key: string]: Written } {
    const found = new Map<string, Written>();
    for (const entry of list.entries) {
      if (found.has(entry.key)) throw this.#cannot(`has ${at}.${entry.key} twice`);
      if (entry.keyBytes !== undefined) throw this.#cannot(`has a key in ${at} that is no text`);
      found.set(entry.key, this.#value(entry, `${at}.${entry.key}`));
    }
    return Object.fromEntries(found);
  }

  #value(entry: KeyValueEntry, at: string): Written {
    if (entry.type === 'int') return entry.value;
    if (entry.type === 'list') return this.values(entry.value, at);
    const text = entry.type === 'strx' ? undefined : textOf(entry);
    if (text === undefined) throw this.#cannot(`has bytes in ${at}`);
    return /\{\{|\}\}/.test(text) ? this.#throughData(text) : text;
  }

  #throughData(text: string): string {
    const name = `text${this.data.size + 1}`;
    this.data.set(name, text);
    return `{{${name}}}`;
  }

  #cannot(why: string): ExportError {
    return new ExportError(`${this.what} ${why}, which a strategy cannot send: take send or stub`);
  }
}
