import {
  type EspMessage,
  faultIn,
  type JsonEntry,
  type KeyValueList,
  listToJson,
  MessageId,
  messageName,
  parametersOf,
} from '../../esp/index.js';

/** The reply of a server, or why it is missing or unreadable. */
export type Answer = EspMessage | string;

/** A value with its type: that of an entry, `response`, `fault`, `no answer`, or `order` with a list of keys. */
export interface Value {
  readonly type: string;
  readonly value: JsonEntry[2] | readonly string[];
}

/** A difference between two answers; undefined: this side has no such value. */
export interface Difference {
  /** `reply`, or a path from the Request list or UserData, such as `Parameters.Id` or `Parameters.Name[2]`. */
  readonly path: string;
  readonly a: Value | undefined;
  readonly b: Value | undefined;
}

/**
 * The differences between two answers: kind, missing keys, types, values, order and repetition, but not the ReferenceId.
 * Two missing answers are the same, whatever the reasons.
 * @param ignored keys to ignore at any depth, and paths such as `Parameters.Balance`
 */
export function differences(a: Answer, b: Answer, ignored: ReadonlySet<string> = new Set()): Difference[] {
  if (typeof a === 'string' && typeof b === 'string') return [];
  if (typeof a === 'string' || typeof b === 'string' || a.messageId !== b.messageId) {
    return [{ path: 'reply', a: reply(a), b: reply(b) }];
  }
  const comparison = new Comparison(ignored);
  return [
    ...comparison.attributes('Request', '', a.request, b.request),
    ...comparison.attributes('UserData', 'UserData', a.userData, b.userData),
  ];
}

function reply(answer: Answer): Value {
  if (typeof answer === 'string') return { type: 'no answer', value: answer };
  const list = listToJson(parametersOf(answer.request));
  switch (answer.messageId) {
    case MessageId.Event3rdServerResponse:
      return { type: 'response', value: list };
    case MessageId.Event3rdServerFault: {
      const { code, text } = faultIn(answer);
      return { type: 'fault', value: `${code} ${text}` };
    }
    default:
      return { type: messageName(answer.messageId), value: list };
  }
}

/** The nth entry of its key, counted from 1. */
interface Place {
  readonly entry: JsonEntry;
  readonly key: string;
  readonly nth: number;
}

class Comparison {
  constructor(private readonly ignored: ReadonlySet<string>) {}

  /** @param around the path of the list; empty for the Request list */
  attributes(name: string, around: string, a: KeyValueList | undefined, b: KeyValueList | undefined): Difference[] {
    if (this.ignored.has(name)) return [];
    const [left, right] = [a && listToJson(a), b && listToJson(b)];
    if (left !== undefined && right !== undefined) return this.#lists(left, right, around, around, name);
    return left === right ? [] : [{ path: name, a: listValue(left), b: listValue(right) }];
  }

  /** @param plain the path without indexes, for `ignored` */
  #lists(a: readonly JsonEntry[], b: readonly JsonEntry[], around: string, plain: string, name: string): Difference[] {
    const [left, right] = [this.#places(a, plain), this.#places(b, plain)];
    const ids = new Set([...left.keys(), ...right.keys()]);
    const found = [...ids].flatMap((id) => {
      const [ours, theirs] = [left.get(id), right.get(id)];
      const { key, nth } = (ours ?? theirs) as Place;
      const repeated = [left, right].some((side) => side.has(idOf(key, 2)));
      const path = under(around, key) + (repeated ? `[${nth}]` : '');
      return this.#entries(ours?.entry, theirs?.entry, path, under(plain, key));
    });
    const [order, other] = [inBoth(left, right), inBoth(right, left)];
    if (order.every((key, index) => key === other[index])) return found;
    return [...found, { path: name, a: { type: 'order', value: order }, b: { type: 'order', value: other } }];
  }

  #entries(a: JsonEntry | undefined, b: JsonEntry | undefined, path: string, plain: string): Difference[] {
    if (a !== undefined && b !== undefined && Array.isArray(a[2]) && Array.isArray(b[2])) {
      return this.#lists(a[2], b[2], path, plain, path);
    }
    return a?.[1] === b?.[1] && a?.[2] === b?.[2] ? [] : [{ path, a: entryValue(a), b: entryValue(b) }];
  }

  /** The entries that are not ignored, in order. */
  #places(list: readonly JsonEntry[], around: string): Map<string, Place> {
    const counts = new Map<string, number>();
    const places = new Map<string, Place>();
    for (const entry of list) {
      const key = keyText(entry[0]);
      if (this.ignored.has(key) || this.ignored.has(under(around, key))) continue;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      places.set(idOf(key, nth), { entry, key, nth });
    }
    return places;
  }
}

/** The keys that both sides have, in the order of this side. */
const inBoth = (side: ReadonlyMap<string, Place>, other: ReadonlyMap<string, Place>): string[] =>
  [...side].filter(([id]) => other.has(id)).map(([, { key }]) => key);

const idOf = (key: string, nth: number): string => `${nth} ${key}`;

const under = (around: string, key: string): string => (around === '' ? key : `${around}.${key}`);

const keyText = (key: JsonEntry[0]): string => (typeof key === 'string' ? key : `hex:${key.hex}`);

const entryValue = (entry: JsonEntry | undefined): Value | undefined => entry && { type: entry[1], value: entry[2] };

const listValue = (list: JsonEntry[] | undefined): Value | undefined => list && { type: 'list', value: list };
