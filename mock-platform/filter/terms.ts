import type { Claim } from './claims.js';
import { type Exchange, hasValue, textOf } from './exchange.js';

export const OUTCOMES = ['response', 'fault', 'none', 'lost', 'pending'] as const;

/** Where and when the filter is used. */
export interface FilterClock {
  readonly now: number;
  /** The offset of local time from UTC, in minutes: negative to the east, as `Date.getTimezoneOffset` has it. */
  readonly offset: number;
}

/** A term that was understood. */
export interface Term {
  readonly test: (exchange: Exchange) => boolean;
  readonly claims?: readonly Claim[];
  /** It needs more of an exchange than the list has. */
  readonly needsWhole?: boolean;
}

/** The term of a value, or the error in it. */
type MakeTerm = (value: string, clock: FilterClock) => Term | string;

/** Part of a text; `*` is any text. */
const contains =
  (read: (exchange: Exchange) => string | undefined, needsWhole = false): MakeTerm =>
  (value) => {
    const wanted = value === '*' ? '' : value.toLowerCase();
    return { needsWhole, test: (exchange) => includes(read(exchange), wanted) };
  };

const includes = (text: string | undefined, wanted: string): boolean =>
  text !== undefined && text !== '' && text.toLowerCase().includes(wanted);

export const TERMS: ReadonlyMap<string, MakeTerm> = new Map(
  Object.entries({
    service: contains((exchange) => exchange.service),
    method: contains((exchange) => exchange.method),
    application: contains((exchange) => exchange.application),
    client: contains((exchange) => `${exchange.client} ${exchange.via ?? ''}`),
    stub: contains((exchange) => exchange.stub),
    injected: contains((exchange) => exchange.injectedFault, true),
    log: contains((exchange) => exchange.rest?.log, true),
    upstream: contains((exchange) => exchange.rest?.upstream, true),
    outcome: outcomeTerm,
    code: codeTerm,
    since: (value, clock) => timeTerm('since', value, clock),
    until: (value, clock) => timeTerm('until', value, clock),
    id: idTerm,
    ms: durationTerm,
  } satisfies Record<string, MakeTerm>),
);

export function textTerm(text: string): Term {
  const wanted = text.toLowerCase();
  return { needsWhole: true, test: (exchange) => textOf(exchange).includes(wanted) };
}

/** A parameter of the request or the reply, such as `Id` or `Tags.x`. */
export function parameterTerm(name: string, value: string): Term {
  const [path, wanted] = [name.toLowerCase(), value === '*' ? '' : value.toLowerCase()];
  const test = ({ parameters, results }: Exchange): boolean =>
    hasValue(parameters, path, wanted) || hasValue(results, path, wanted);
  return { needsWhole: true, test };
}

function idTerm(value: string): Term | string {
  if (!/^\d{1,15}$/.test(value)) return `id:${value}: takes a number`;
  const wanted = Number(value);
  return { test: ({ id }) => id === wanted, claims: [{ about: 'id', least: wanted, most: wanted }] };
}

function outcomeTerm(value: string): Term | string {
  const oneOf = OUTCOMES.filter((outcome) => outcome.startsWith(value.toLowerCase()));
  if (oneOf.length === 0) return `outcome:${value}: takes one of ${OUTCOMES.join(', ')}`;
  const known: ReadonlySet<string> = new Set(oneOf);
  return { test: ({ outcome }) => known.has(outcome), claims: [{ about: 'outcome', oneOf }] };
}

/** Only a reply has a duration. */
const ANSWERED: Claim = { about: 'outcome', oneOf: ['response', 'fault'] };

function durationTerm(value: string): Term | string {
  const [, sign, number] = /^([<>]?)(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  if (number === undefined) return `ms:${value}: takes a number, such as ms:>100 or ms:<5`;
  const bound = Number(number);
  const range =
    sign === '<'
      ? { least: 0, most: bound }
      : { least: bound, most: sign === '>' ? Number.POSITIVE_INFINITY : bound + 1 };
  return {
    claims: [{ about: 'ms', ...range, open: true }, ANSWERED],
    test: ({ durationMs }) => {
      if (durationMs === null) return false;
      if (sign === '<') return durationMs < bound;
      return sign === '>' ? durationMs > bound : Math.floor(durationMs) === bound;
    },
  };
}

const FAULT: Claim = { about: 'outcome', oneOf: ['fault'] };

/** A FaultCode, such as `904`, or numbers from one to another, such as `900-920`. */
function codeTerm(value: string): Term | string {
  const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(value) ?? [];
  if (from === undefined) {
    const code = Number(value);
    const claims: Claim[] = /^\d{1,9}$/.test(value) ? [FAULT, { about: 'code', least: code, most: code }] : [FAULT];
    return { claims, test: ({ faultCode }) => faultCode === value };
  }
  const [least, most] = [Number(from), Number(to)];
  if (least > most) return `code:${value}: matches nothing; write code:${to}-${from}`;
  const test = ({ faultCode }: Exchange): boolean => Number(faultCode) >= least && Number(faultCode) <= most;
  return { claims: [FAULT, { about: 'code', least, most }], test };
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** A time of today, such as `14:05` or `14:05:30`, or a time ago, such as `90s`, `5m` or `2h`. */
function timeTerm(name: 'since' | 'until', value: string, clock: FilterClock): Term | string {
  const bound = timeOf(value, clock);
  if (bound === undefined) {
    return `${name}:${value}: takes a time such as ${name}:14:05, or a time ago such as ${name}:5m`;
  }
  const range =
    name === 'since'
      ? { least: bound, most: Number.POSITIVE_INFINITY }
      : { least: Number.NEGATIVE_INFINITY, most: bound };
  return { claims: [{ about: 'time', ...range }], test: ({ at }) => at >= range.least && at <= range.most };
}

const DAY_MS = 86_400_000;

function timeOf(value: string, { now, offset }: FilterClock): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6})([smh])$/.exec(value) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNITS[unit] ?? 0);
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(value) ?? [];
  if (hours === undefined) return undefined;
  const midnight = Math.floor((now - offset * 60_000) / DAY_MS) * DAY_MS + offset * 60_000;
  return midnight + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
