import type { FaultKind, FaultMatch, FaultRule } from '../api/types.js';
import type { Field } from '../form/schema.js';
import { FormError, type FormValues, missing, toJson } from '../form/values.js';
import { asEntries, listText } from '../message/entries.js';
import type { EditRow } from '../message/rows.js';

/** The members of a rule other than its kind's settings. */
const COMMON = ['id', 'kind', 'match', 'hits', 'times', 'name', 'title', 'since', 'isUsedUp'];

/** The requests that a rule applies to, on one line: `Billing.GetBalance where Account=17…`. */
export function matchText({ appName, service, method, parameters }: FaultMatch = {}): string {
  const target = [service ?? '*', method ?? '*'].join('.');
  const conditions = listText(asEntries({ ...(appName === undefined ? {} : { AppName: appName }), ...parameters }));
  const requests = target === '*.*' ? 'every request' : target;
  return conditions === '' ? requests : `${requests} where ${conditions}`;
}

/** The requests, or the calls to upstreams, that a rule applies to. */
export function appliesTo({ kind, match }: FaultRule, kinds: readonly FaultKind[]): string {
  const isOfCalls = kinds.some((one) => one.kind === kind && one.upstream);
  if (!isOfCalls) return matchText(match);
  return match === undefined ? 'every call' : `calls for ${matchText(match)}`;
}

/** A rule's settings on one line. */
export const settingsText = (rule: FaultRule): string =>
  listText(asEntries(Object.fromEntries(Object.entries(rule).filter(([name]) => !COMMON.includes(name)))));

/** `3`, or `3 of 5` for a limited rule. */
export const hitsText = ({ hits, times }: FaultRule): string =>
  times === undefined ? `${hits}` : `${hits} of ${times}`;

/** The requests that a rule applies to, as typed. */
export interface MatchDraft {
  readonly appName: string;
  readonly service: string;
  readonly method: string;
  readonly parameters: readonly EditRow[];
  readonly times: string;
}

export const ANY: MatchDraft = { appName: '', service: '', method: '', parameters: [], times: '' };

/** The rule for the admin API. @throws FormError */
export function ruleOf(kind: string, fields: readonly Field[], values: FormValues, draft: MatchDraft) {
  const [left] = missing(fields, values);
  if (left !== undefined) throw new FormError(`${left}: is required`);
  const times = Number(draft.times);
  if (draft.times.trim() !== '' && !(Number.isInteger(times) && times > 0)) {
    throw new FormError(`Times: '${draft.times}' is not a positive integer`);
  }
  const match = matchOf(draft);
  return {
    ...toJson(fields, values),
    kind,
    ...(Object.keys(match).length === 0 ? {} : { match }),
    ...(times > 0 ? { times } : {}),
  };
}

function matchOf({ appName, service, method, parameters }: MatchDraft): FaultMatch {
  const conditions = parameters.filter(({ key }) => key !== '').map(({ key, text }) => [key, text]);
  return {
    ...(appName === '' ? {} : { appName }),
    ...(service === '' ? {} : { service }),
    ...(method === '' ? {} : { method }),
    ...(conditions.length === 0 ? {} : { parameters: Object.fromEntries(conditions) }),
  };
}
