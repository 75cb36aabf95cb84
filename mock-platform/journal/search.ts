import type { JsonEntry, JsonMessage } from '#wire';
import { type Exchange, listText } from '../filter/index.js';
import type { JournalEntry } from './entry.js';

/** An entry as filters see it. What has to be decoded is decoded when a term needs it. */
export function searchable(entry: JournalEntry): Exchange {
  const { id, at, durationMs, client, via, application, appName, service, method } = entry;
  const { outcome, faultCode, faultText, why, stub } = entry;
  const request = once(() => entry.request.json);
  const reply = once(() => entry.reply?.json);
  const rest = once(() => restOf(entry, request(), reply()));
  return {
    ...{ id, at, durationMs: durationMs ?? null, client, via, application, appName, service, method },
    ...{ outcome, faultCode, faultText, why, stub },
    injectedFault: injectedIn(entry),
    get parameters() {
      return parametersOf(request());
    },
    get results() {
      return parametersOf(reply());
    },
    get rest() {
      return rest();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function injectedIn({ injectedFault, upstream }: JournalEntry): string | undefined {
  const all = [injectedFault, ...upstream.map((call) => call.injectedFault)].filter((one) => one !== undefined);
  return all.length === 0 ? undefined : all.map(({ id, kind }) => `${kind} ${id}`).join(' ');
}

function restOf(
  { logs, upstream, explanation, origin }: JournalEntry,
  request: JsonMessage | undefined,
  reply: JsonMessage | undefined,
): NonNullable<Exchange['rest']> {
  const lists = [request, reply].flatMap((message) => [
    ...withoutParameters(message?.request),
    ...(message?.userData ?? []),
  ]);
  return {
    log: logs.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`).join('\n'),
    upstream: upstream
      .map(({ method, url, status, requestBody, responseBody, error, failure, stub, explanation, notice }) =>
        [method, url, status, requestBody, responseBody, error, failure, stub, explanation, notice].join(' '),
      )
      .join('\n'),
    other: [listText(lists), explanation, origin?.error, origin?.place].join('\n'),
  };
}

const isParameters = ([key]: JsonEntry): boolean => key === 'Parameters';

const withoutParameters = (list: JsonEntry[] | null | undefined): JsonEntry[] =>
  (list ?? []).filter((entry) => !isParameters(entry));

export function parametersOf(message: JsonMessage | undefined): JsonEntry[] {
  const [, type, value] = message?.request?.find(isParameters) ?? [];
  return type === 'list' && Array.isArray(value) ? value : [];
}

/** A search works for this long at a time, so that it delays exchanges no longer. */
const SLICE_MS = 5;

/** Lets searches take turns, with everything else between two of them. */
export class Searches {
  #turn: Promise<void> = Promise.resolve();

  /** What matches of `all`. @throws what `signal` was aborted with */
  async search<T>(all: Iterable<T>, matches: (one: T) => boolean, signal?: AbortSignal): Promise<T[]> {
    const found: T[] = [];
    let until = 0;
    for (const one of all) {
      if (performance.now() >= until) {
        await this.#next();
        signal?.throwIfAborted();
        until = performance.now() + SLICE_MS;
      }
      if (matches(one)) found.push(one);
    }
    return found;
  }

  #next(): Promise<void> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#turn;
  }
}
