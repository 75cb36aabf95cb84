import type { FaultMatch, FaultRule } from '../api/types.js';
import type { Field } from '../form/schema.js';
import { FormProblem, type FormValues, missing, toJson } from '../form/values.js';
import { asEntries, listText } from '../message/entries.js';
import type { EditRow } from '../message/rows.js';

/** What a rule has beside its kind's settings. */
const COMMON = ['id', 'kind', 'match', 'hits', 'times', 'name'];

/** What a rule meets, on one line: `Messaging.ValidateContact where Id=+1631555…`. */
export function matchText({ service, method, parameters }: FaultMatch = {}): string {
  const target = [service ?? '*', method ?? '*'].join('.');
  const conditions = listText(asEntries(parameters ?? {}));
  const requests = target === '*.*' ? 'every request' : target;
  return conditions === '' ? requests : `${requests} where ${conditions}`;
}

/** A rule's settings on one line. */
export const settingsText = (rule: FaultRule): string =>
  listText(asEntries(Object.fromEntries(Object.entries(rule).filter(([name]) => !COMMON.includes(name)))));

/** `3`, or `3 of 5` where it ends by itself. */
export const hitsText = ({ hits, times }: FaultRule): string =>
  times === undefined ? `${hits}` : `${hits} of ${times}`;

/** The requests that a rule is to meet, as they are typed. */
export interface MatchDraft {
  readonly service: string;
  readonly method: string;
  readonly parameters: readonly EditRow[];
  readonly times: string;
}

export const ANY: MatchDraft = { service: '', method: '', parameters: [], times: '' };

/** The rule as the admin API takes it. @throws FormProblem */
export function ruleOf(kind: string, fields: readonly Field[], values: FormValues, draft: MatchDraft) {
  const [left] = missing(fields, values);
  if (left !== undefined) throw new FormProblem(`${left}: is required`);
  const times = Number(draft.times);
  if (draft.times.trim() !== '' && !(Number.isInteger(times) && times > 0)) {
    throw new FormProblem(`Times: '${draft.times}' is no whole number from 1 on`);
  }
  return { ...toJson(fields, values), kind, match: matchOf(draft), ...(times > 0 ? { times } : {}) };
}

function matchOf({ service, method, parameters }: MatchDraft): FaultMatch {
  const conditions = parameters.filter(({ key }) => key !== '').map(({ key, text }) => [key, text]);
  return {
    ...(service === '' ? {} : { service }),
    ...(method === '' ? {} : { method }),
    ...(conditions.length === 0 ? {} : { parameters: Object.fromEntries(conditions) }),
  };
}
