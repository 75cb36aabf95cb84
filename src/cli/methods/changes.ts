import type { Change } from './change.js';
import type { FaultReference } from './faults.js';
import { fieldChanges } from './field-changes.js';
import type { MethodReference, Reference } from './reference.js';

const nameOf = ({ service, method }: MethodReference): string => `${service}.${method}`;

/** What changed from an older version of the methods to a newer one: by method, in the order of the newer version. */
export function changesBetween(older: Reference, newer: Reference): Change[] {
  const before = new Map(older.methods.map((one) => [nameOf(one), one]));
  const after = new Map(newer.methods.map((one) => [nameOf(one), one]));
  const names = { older: older.application.name, newer: newer.application.name };
  return [
    ...applicationChanges(older, newer),
    ...faultChanges(older.faults, newer.faults, names),
    ...[...after].flatMap(([method, now]): Change[] => {
      const then = before.get(method);
      if (then === undefined) return [{ kind: 'method-added', method, breaks: false, text: 'is new' }];
      return methodChanges(then, now, names).map((change) => ({ ...change, method }));
    }),
    ...[...before.keys()]
      .filter((method) => !after.has(method))
      .map((method): Change => ({ kind: 'method-removed', method, breaks: true, text: 'is gone' })),
  ];
}

function applicationChanges({ application: then }: Reference, { application: now }: Reference): Change[] {
  const change = (text: string): Change => ({ kind: 'application', breaks: true, text });
  return [
    ...(then.name === now.name ? [] : [change(`the application is ${now.name}, was ${then.name}`)]),
    ...(then.type === now.type ? [] : [change(`the type of the application is ${now.type}, was ${then.type}`)]),
  ];
}

/** The names of the application, with which the texts of faults begin. */
interface Names {
  readonly older: string;
  readonly newer: string;
}

function methodChanges(then: MethodReference, now: MethodReference, names: Names): Change[] {
  const parameters = fieldChanges('parameter', then.parameters, now.parameters);
  const isToldBefore = isAboutAny(parameters);
  const [before, after] = [then, now].map(({ faults }) => faults.filter((fault) => !isToldBefore(fault)));
  return [
    ...parameters,
    ...fieldChanges('result', then.response, now.response),
    ...faultChanges(before ?? [], after ?? [], names),
    ...otherChanges(then, now),
  ];
}

/** Whether a fault 904 is about a parameter that changed, which says enough. */
function isAboutAny(changes: readonly Change[]): (fault: FaultReference) => boolean {
  const subjects = changes.map(({ subject = '' }) => subject);
  return ({ code, text }) => {
    const [, parameter = ''] = /^\S+ incorrect (\S+):/.exec(text) ?? [];
    const path = parameter.replaceAll(/\.0(?=\.|$)/g, '');
    return code === '904' && subjects.some((subject) => path === subject || path.startsWith(`${subject}.`));
  };
}

function otherChanges(then: MethodReference, now: MethodReference): Change[] {
  const { deadlineMs: was, warning: warned } = then;
  const { deadlineMs: is, warning, idempotent } = now;
  const changes: Change[] = [];
  if (then.idempotent !== idempotent) {
    const text = idempotent ? 'may be repeated now' : 'must not be repeated any more: it may take effect twice';
    changes.push({ kind: 'idempotent', breaks: !idempotent, text });
  }
  if (was !== is) {
    changes.push({ kind: 'deadline', breaks: false, text: `has a deadline of ${is} ms, was ${was} ms` });
  }
  if (warning !== warned) {
    const text = warning === undefined ? 'has no warning any more' : `has a warning: ${warning}`;
    changes.push({ kind: 'warning', breaks: false, text });
  }
  return changes;
}

/** A strategy branches on the code of a fault: only a new code breaks it. */
function faultChanges(then: readonly FaultReference[], now: readonly FaultReference[], names: Names): Change[] {
  const [before, after] = [textsByCode(then, names.older), textsByCode(now, names.newer)];
  const codes = new Set([...after.keys(), ...before.keys()]);
  return [...codes].flatMap((code): Change[] => {
    const [was, is] = [before.get(code), after.get(code)];
    if (was === undefined)
      return [{ kind: 'fault-added', subject: code, breaks: true, text: `fault ${code} is new: ${all(is)}` }];
    if (is === undefined)
      return [{ kind: 'fault-removed', subject: code, breaks: false, text: `fault ${code} is gone` }];
    const added = new Map([...is].filter(([text]) => !was.has(text)));
    if (added.size === 0) return [];
    return [
      { kind: 'fault-text', subject: code, breaks: false, text: `fault ${code} has another text: ${all(added)}` },
    ];
  });
}

const all = (texts: ReadonlyMap<string, string> = new Map()): string => [...texts.values()].join('; ');

/** The texts of each code, by what is equal in both versions: without times, and without the name of the application. */
function textsByCode(faults: readonly FaultReference[], application: string): Map<string, Map<string, string>> {
  const codes = new Map<string, Map<string, string>>();
  for (const { code, text } of faults) {
    const texts = codes.get(code) ?? new Map<string, string>();
    const own = text.startsWith(`${application} `) ? text.slice(application.length) : text;
    codes.set(code, texts.set(own.replaceAll(/\d{1,10} ms/g, 'N ms'), text));
  }
  return codes;
}
