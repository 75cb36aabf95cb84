import type { Configuration, Entry, FaultKind, JsonEntry } from '../api/types.js';
import type { FormValues } from '../form/values.js';
import { isMasked } from '../message/entries.js';
import { newRow } from '../message/rows.js';
import { ANY, type MatchDraft } from './rule.js';

/** A fault as typed. */
export interface FaultDraft {
  /** The first kind if undefined. */
  readonly kind: string | undefined;
  readonly values: FormValues;
  readonly match: MatchDraft;
}

export const NO_FAULT: FaultDraft = { kind: undefined, values: {}, match: ANY };

/** A fault for requests like this one: its upstream is down, or without calls, there is its fault or no answer. */
export function faultLike(
  { service, method, parameters, upstream, faultCode, faultText }: Entry,
  kinds: readonly FaultKind[],
  upstreams: Configuration['upstreams'],
): FaultDraft {
  const told = telling(parameters);
  const rows = told === undefined ? [] : [{ ...newRow(), key: told[0], text: String(told[2]) }];
  const match = { ...ANY, service, method, parameters: rows };
  const has = (name: string): boolean => kinds.some(({ kind }) => kind === name);
  const call = upstream.find(({ status }) => status === undefined || status >= 400) ?? upstream[0];
  if (call !== undefined && has('upstreamStatus')) {
    const name = upstreams.find(({ url }) => originOf(url) === originOf(call.url))?.name;
    return { kind: 'upstreamStatus', values: { ...(name && { upstream: name }), status: '503' }, match };
  }
  if (faultCode !== undefined && has('espFault'))
    return { kind: 'espFault', values: { code: String(faultCode), text: faultText ?? '' }, match };
  return { kind: has('noAnswer') ? 'noAnswer' : undefined, values: {}, match };
}

const originOf = (url: string): string | undefined => URL.parse(url)?.origin;

/** Digits as people write a number, also with spaces and other separators. */
const NUMBER = /^\+?\d[\d ().-]{5,}$/;

/** The parameter that tells this request from others: a number, or else the first text. */
function telling(parameters: readonly JsonEntry[]): JsonEntry | undefined {
  const texts = parameters.filter(
    ([key, , value]) => typeof key === 'string' && typeof value !== 'object' && value !== '' && !isMasked(value),
  );
  return texts.find(([, , value]) => NUMBER.test(String(value))) ?? texts[0];
}

/** A message of the form or the platform, split into the field that it is about and the rest. */
export function problemAt(message: string, fields: readonly string[]): Readonly<Record<string, string>> {
  const [, field = ''] = /^(?:body[.:] *)?(\w+)\b/.exec(message) ?? [];
  const found = fields.find((name) => name.toLowerCase() === field.toLowerCase());
  return { [found ?? '']: message };
}
