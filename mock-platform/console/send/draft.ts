import type { Configuration, JsonEntry, Method, SendRequest } from '../api/types.js';
import { type Field, fieldsOf } from '../form/schema.js';
import { FormProblem, type FormValues, fromEntries, missing, toEntries } from '../form/values.js';
import { type EditRow, fromRows, newRow, toRows } from '../message/rows.js';
import { appTypeFrom } from './request.js';

/** A request as it is put together. */
export interface Draft {
  readonly to: SendRequest['to'];
  readonly appName: string;
  /** Number or name. */
  readonly appType: string;
  readonly service: string;
  readonly method: string;
  /** Parameters as a form of the method's, or as free rows. */
  readonly mode: 'form' | 'rows';
  readonly values: FormValues;
  /** Parameters that the method's form has no field for. */
  readonly others: readonly EditRow[];
  readonly rows: readonly EditRow[];
  readonly userData: readonly EditRow[];
  readonly timeoutMs: string;
  /** How the form's texts are sent. */
  readonly text: 'str' | 'utf16';
}

export const EMPTY_DRAFT: Draft = {
  to: 'host',
  appName: '',
  appType: '',
  service: '',
  method: '',
  mode: 'rows',
  values: {},
  others: [],
  rows: [],
  userData: [],
  timeoutMs: '',
  text: 'str',
};

export const methodOf = (methods: readonly Method[], draft: Pick<Draft, 'service' | 'method'>): Method | undefined =>
  methods.find(({ service, method }) => service === draft.service && method === draft.method);

/** The fields of a method's parameters, and of the channel that it works on. */
export function methodFields(method: Method, channels: Configuration['channels']): readonly Field[] {
  const fields = fieldsOf(method.parameters);
  if (method.channelType === undefined || fields.some(({ name }) => name === '_umsChannel')) return fields;
  const choices = channels.filter(({ type }) => type === method.channelType).map(({ name }) => name);
  const required = choices.length > 1;
  const description = `The channel that the method works on${required ? '' : '; may be left out, as there is one alone'}`;
  return [...fields, { name: '_umsChannel', kind: 'choice', required, description, choices }];
}

/** A draft for a method, with the target that it takes. */
export function withMethod(draft: Draft, method: Method): Draft {
  const { service, method: name, application } = method;
  return { ...draft, service, method: name, appName: application, mode: 'form', values: {}, others: [] };
}

/** A draft of a request that was made before; `fields` of its method, where that is known. */
export function draftOf(request: SendRequest, fields: readonly Field[] | undefined): Draft {
  const { to, appName = '', appType = '', service, method, parameters, userData = [], timeoutMs = '' } = request;
  const text = parameters.some(([, type]) => type === 'utf16') ? 'utf16' : 'str';
  const draft: Draft = {
    ...{ ...EMPTY_DRAFT, to, appName, appType: String(appType), service, method, timeoutMs: String(timeoutMs), text },
    rows: toRows(parameters),
    userData: toRows(userData),
  };
  return fields === undefined ? draft : asForm(draft, fields);
}

/** The draft with its free rows in the form; what has no field there stays a row. @throws FormProblem */
export function asForm(draft: Draft, fields: readonly Field[]): Draft {
  const { values, rest } = fromEntries(fields, fromRows(draft.rows));
  return { ...draft, mode: 'form', values, others: toRows(rest) };
}

/** The draft with what its form holds as free rows. @throws FormProblem */
export function asRows(draft: Draft, fields: readonly Field[]): Draft {
  const rows = toRows(parametersOf({ ...draft, mode: 'form' }, fields));
  return { ...draft, mode: 'rows', rows: rows.length === 0 ? [newRow()] : rows };
}

const parametersOf = (draft: Draft, fields: readonly Field[]): readonly JsonEntry[] =>
  draft.mode === 'rows'
    ? fromRows(draft.rows)
    : [...toEntries(fields, draft.values, draft.text), ...fromRows(draft.others)];

/** The request to send. @throws FormProblem */
export function requestFrom(draft: Draft, fields: readonly Field[]): SendRequest {
  const { to, appName, service, method, timeoutMs } = draft;
  const appType = appTypeFrom(draft.appType);
  const userData = fromRows(draft.userData);
  return {
    to,
    ...(appName.trim() === '' ? {} : { appName: appName.trim() }),
    ...(appType === undefined ? {} : { appType }),
    service,
    method,
    parameters: parametersOf(draft, fields),
    ...(userData.length === 0 ? {} : { userData }),
    ...(timeoutMs.trim() === '' ? {} : { timeoutMs: timeoutFrom(timeoutMs) }),
  };
}

function timeoutFrom(text: string): number {
  const timeoutMs = Number(text);
  if (Number.isInteger(timeoutMs) && timeoutMs > 0) return timeoutMs;
  throw new FormProblem(`Timeout: '${text}' is no number of milliseconds`);
}

/** What a platform will probably refuse; it may be sent all the same, to see how. */
export function doubts(draft: Draft, fields: readonly Field[]): readonly string[] {
  const { to, appName, appType, mode, values } = draft;
  const left = mode === 'form' ? missing(fields, values) : [];
  const nowhere = to === 'interaction-server' && appName.trim() === '' && appType.trim() === '';
  return [
    ...left.map((name) => `${name} is required and left out`),
    ...(nowhere ? ['Interaction Server routes by AppName or AppType, and both are left out'] : []),
  ];
}
