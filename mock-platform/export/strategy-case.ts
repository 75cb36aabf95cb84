import { type EspRequest, type KeyValueEntry, type KeyValueList, messageFromJson, parametersOf, textOf } from '#wire';
import { ExportError } from '../errors.js';
import type { JournalEntry } from '../journal/index.js';
import { type DataValues, valuesOf } from '../strategies/index.js';
import { yamlText } from './exchange.js';
import type { Exchange } from './export.js';

/** Timeout of a step that expects no answer. */
const NO_ANSWER_MS = 1000;

/** The final step for each outcome. */
const ENDS = { response: 'answered', fault: 'faulted', none: 'unanswered', lost: 'unanswered' } as const;

const STEPS = [
  { id: 'answered', routeTo: 'response' },
  { id: 'faulted', routeTo: 'fault' },
  { id: 'unanswered', routeTo: 'no answer' },
];

/** Exports a strategy that sends the request, with a test that expects the answer. */
export function strategyCase({ entry, origin, request, target }: Exchange): string {
  const { outcome } = entry;
  const { what } = origin;
  if (outcome === 'pending') throw new ExportError(`${what} is still pending: try again after its answer`);
  if (request.service === '' || request.method === '') {
    throw new ExportError(`${what} has no Service or no Method, which a strategy needs: export it as send or stub`);
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
    ...(end === 'unanswered' ? { timeoutMs: NO_ANSWER_MS } : {}),
  };
  const on = { response: [{ go: 'answered' }], fault: { other: 'faulted' }, timeout: 'unanswered' };
  const steps = [{ id: 'ask', externalService: ask, save: 'reply', on }, ...STEPS];
  const expect = {
    routedTo: STEPS.find((step) => step.id === end)?.routeTo,
    path: ['ask', end],
    ...expected(entry, what),
  };
  return yamlText({
    name: `${request.name}, ${what} of ${origin.of}`,
    ...(wording.data.size === 0 ? {} : { data: Object.fromEntries(wording.data) }),
    steps,
    tests: [{ name: 'the answer is the same', expect }],
  });
}

/** The AppName and AppType of the request. Without either, the AppName is that of the server. */
function addressing({ appName, appType }: EspRequest, name: string): Record<string, string | number> {
  if (appType === undefined) return { appName: appName ?? name };
  const type = appType.type === 'int' ? appType.value : (textOf(appType) ?? '');
  return { ...(appName === undefined ? {} : { appName }), appType: type };
}

/** The expected reply in the strategy's data. */
function expected(
  { reply, outcome, faultCode = '', faultText = '' }: JournalEntry,
  what: string,
): { data?: { reply: DataValues } } {
  if (outcome === 'fault') return { data: { reply: { FaultCode: faultCode, FaultString: faultText } } };
  if (outcome !== 'response') return {};
  if (reply?.json === undefined) throw new ExportError(`the answer to ${what} is malformed: export it as send`);
  const values = valuesOf(parametersOf(messageFromJson(reply.json).request));
  return Object.keys(values).length === 0 ? {} : { data: { reply: values } };
}

type Written = string | number | { [key: string]: Written };

/** Converts lists to strategy values. Texts with braces move to the data, so that they are not parsed as templates. */
class Wording {
  readonly data = new Map<string, string>();

  /** @param what names the exchange in errors */
  constructor(private readonly what: string) {}

  values(list: KeyValueList, at: string): { [key: string]: Written } {
    const found = new Map<string, Written>();
    for (const entry of list.entries) {
      if (found.has(entry.key)) throw this.#cannot(`repeats ${at}.${entry.key}`);
      if (entry.keyBytes !== undefined) throw this.#cannot(`has a binary key in ${at}`);
      found.set(entry.key, this.#value(entry, `${at}.${entry.key}`));
    }
    return Object.fromEntries(found);
  }

  #value(entry: KeyValueEntry, at: string): Written {
    if (entry.type === 'int') return entry.value;
    if (entry.type === 'list') return this.values(entry.value, at);
    const text = entry.type === 'strx' ? undefined : textOf(entry);
    if (text === undefined) throw this.#cannot(`has binary data in ${at}`);
    return /\{\{|\}\}/.test(text) ? this.#throughData(text) : text;
  }

  #throughData(text: string): string {
    const name = `text${this.data.size + 1}`;
    this.data.set(name, text);
    return `{{${name}}}`;
  }

  #cannot(why: string): ExportError {
    return new ExportError(`${this.what} ${why}, which a strategy cannot send: export it as send or stub`);
  }
}
