import type { Change, FieldChange } from './change.js';
import { differInValues, notIn } from './field-type.js';
import { type FieldReference, type PlacedField, withInner } from './fields.js';

type Part = 'parameter' | 'result';

/** What changed in the parameters or in the results of a method, including the keys of their lists. */
export function fieldChanges(part: Part, older: readonly FieldReference[], newer: readonly FieldReference[]): Change[] {
  const before = new Map(withInner(older).map((one) => [one.path, one]));
  const after = new Map(withInner(newer).map((one) => [one.path, one]));
  return [
    ...[...after.values()].flatMap((now) => {
      const then = before.get(now.path);
      // The keys of a new list are new with it.
      if (then === undefined) return now.list !== '' && !before.has(now.list) ? [] : [added(part, now)];
      return changesOf(part, then.field, now);
    }),
    ...[...before.values()]
      .filter(({ path, list }) => !after.has(path) && (list === '' || after.has(list)))
      .map(({ path }) => change(part, 'removed', path, true, 'is gone')),
  ];
}

const change = (part: Part, kind: FieldChange, path: string, breaks: boolean, text: string): Change => ({
  kind: `${part}-${kind}`,
  subject: path,
  breaks,
  text: `${part} ${path} ${text}`,
});

function added(part: Part, { path, field: { required } }: PlacedField): Change {
  const isNeeded = part === 'parameter' && required;
  return change(part, 'added', path, isNeeded, isNeeded ? 'is new and required' : 'is new');
}

function changesOf(part: Part, then: FieldReference, { field: now, path }: PlacedField): Change[] {
  return [
    ...presence(part, then, now, path),
    ...typeChange(part, then, now, path),
    ...repetition(part, then, now, path),
  ];
}

function presence(part: Part, then: FieldReference, now: FieldReference, path: string): Change[] {
  if (then.required !== now.required) {
    const kind = now.required ? 'required' : 'optional';
    if (part === 'result')
      return [change(part, kind, path, !now.required, now.required ? 'is always present now' : 'may be missing now')];
    return [change(part, kind, path, now.required, `is ${kind} now`)];
  }
  const [was, is] = [JSON.stringify(then.default), JSON.stringify(now.default)];
  if (part === 'result' || was === is) return [];
  const text = is === undefined ? `has no default any more, was ${was}` : `has the default ${is}, was ${was ?? 'none'}`;
  return [change(part, 'default', path, was !== undefined, text)];
}

/** A parameter must take what it took; a result must not be what it never was. */
function typeChange(part: Part, then: FieldReference, now: FieldReference, path: string): Change[] {
  if (then.type === now.type) return [];
  const [gone, come] = [notIn(then.type, now.type), notIn(now.type, then.type)];
  const breaking = part === 'parameter' ? gone : come;
  const text = `is ${now.type}, was ${then.type}`;
  if (!differInValues(then.type, now.type)) return [change(part, 'type', path, breaking.length > 0, text)];
  const told = [
    ...(gone.length === 0 ? [] : [`can no longer be ${gone.join(', ')}`]),
    ...(come.length === 0 ? [] : [`can also be ${come.join(', ')}`]),
  ];
  return told.length === 0 ? [] : [change(part, 'type', path, breaking.length > 0, told.join(', and '))];
}

function repetition(part: Part, then: FieldReference, now: FieldReference, path: string): Change[] {
  if (then.repeated === now.repeated) return [];
  const breaks = part === 'result' ? now.repeated : then.repeated;
  return [change(part, 'repeated', path, breaks, now.repeated ? 'can be repeated now' : 'can no longer be repeated')];
}
