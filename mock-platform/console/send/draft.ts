import type { Configuration, JsonEntry, Method, SendRequest } from '../api/types.js';
import { type Field, fieldsOf } from '../form/schema.js';
import { FormError, type FormValues, fromEntries, missing, toEntries } from '../form/values.js';
import { type EditRow, fromRows, newRow, toRows } from '../message/rows.js';
import { appTypeFrom } from './request.js';

/** A request being edited. */
export interface Draft {
  readonly to: SendRequest['to'];
  readonly appName: string;
  /** Number or name. */
  readonly appType: string;
  readonly service: string;
  readonly method: string;
  /** Parameters as the method's form, or as free rows. */
  readonly mode: 'form' | 'rows';
  readonly values: FormValues;
  /** Parameters without a field in the form. */
  readonly others: readonly EditRow[];
  readonly rows: readonly EditRow[];
  readonly userData: readonly EditRow[];
  readonly timeoutMs: string;
  /** The type of the form's texts. */
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

/** The method of a draft, preferably in the application that it names. */
export function methodOf(
  methods: readonly Method[],
  draft: Pick<SendRequest, 'service' | 'method' | 'appName'>,
): Method | undefined {
  const found = methods.filter(({ service, method }) => service === draft.service && method === draft.method);
  return found.find(({ application }) => application === draft.appName) ?? found[0];
}

/** The fields of a method's parameters, including its channel. */
export function methodFields(method: Method, channels: Configuration['channels']): readonly Field[] {
  const fields = fieldsOf(method.parameters);
  if (method.channelType === undefined || fields.some(({ name }) => name === '_umsChannel')) return fields;
  const choices = channels.filter(({ type }) => type === method.channelType).map(({ name }) => name);
  const required = choices.length > 1;
  const description = `The channel of the method${required ? '' : '; optional, because there is only one'}`;
  return [...fields, { name: '_umsChannel', kind: 'choice', required, description, choices }];
}

/** A draft for a method. Methods of other applications go through Interaction Server. */
export function withMethod(draft: Draft, method: Method, hostName: string): Draft {
  const { service, method: name, application } = method;
  const to = application === hostName ? draft.to : 'interaction-server';
  return { ...draft, to, service, method: name, appName: application, mode: 'form', values: {}, others: [] };
}

/** A draft from an earlier request; `fields` are those of its method, if known. */
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

/** The draft with its rows moved into the form; rows without a field stay rows. @throws FormError */
export function asForm(draft: Draft, fields: readonly Field[]): Draft {
  const { values, rest } = fromEntries(fields, fromRows(draft.rows));
  return { ...draft, mode: 'form', values, others: toRows(rest) };
}

/** The draft with its form converted to rows. @throws FormError */
export function asRows(draft: Draft, fields: readonly Field[]): Draft {
  const rows = toRows(parametersOf({ ...draft, mode: 'form' }, fields));
  return { ...draft, mode: 'rows', rows: rows.length === 0 ? [newRow()] : rows };
}

const parametersOf = (draft: Draft, fields: readonly Field[]): readonly JsonEntry[] =>
  draft.mode === 'rows'
    ? fromRows(draft.rows)
    : [...toEntries(fields, draft.values, draft.text), ...fromRows(draft.others)];

/** The request to send. @throws FormError */
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
  throw new FormError(`Timeout: '${text}' is not a number of milliseconds`);
}

/** Probable mistakes in a draft; it can be sent anyway. */
export function doubts(draft: Draft, fields: readonly Field[]): readonly string[] {
  const { to, appName, appType, mode, values } = draft;
  const left = mode === 'form' ? missing(fields, values) : [];
  const nowhere = to === 'interaction-server' && appName.trim() === '' && appType.trim() === '';
  return [
    ...left.map((name) => `${name} is required but omitted`),
    ...(nowhere ? ['Interaction Server routes by AppName or AppType, but both are omitted'] : []),
  ];
}
