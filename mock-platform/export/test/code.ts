import type { JsonEntry } from '#wire';

/** A TypeScript expression in place of a value. */
export class Code {
  constructor(readonly text: string) {}
}

/** An object with any keys, in this order. */
export class Members {
  constructor(readonly entries: readonly (readonly [key: string, value: unknown])[]) {}
}

/** A call or constructor with one argument, such as `new KeyValueList([...])`. */
export class Applied {
  constructor(
    readonly name: string,
    readonly argument: unknown,
  ) {}
}

/** Maximum line length. */
export const WIDTH = 120;

/**
 * Formats a value as TypeScript: on one line if it fits, otherwise with one member per line.
 * @param column how much of the line is taken by what stands before and after the value
 */
export function code(value: unknown, indent = 0, column = indent): string {
  const line = inOneLine(value);
  if (column + line.length <= WIDTH || !isBreakable(value)) return line;
  const inner = ' '.repeat(indent + 2);
  const close = ' '.repeat(indent);
  if (value instanceof Applied) return `${value.name}(${code(value.argument, indent, column + value.name.length + 2)})`;
  if (Array.isArray(value)) {
    return `[\n${value.map((one) => `${inner}${code(one, indent + 2, indent + 3)},\n`).join('')}${close}]`;
  }
  const members = membersOf(value as object).map(([key, one]) => {
    const name = `${keyText(key)}: `;
    return `${inner}${name}${code(one, indent + 2, indent + 3 + name.length)},\n`;
  });
  return `{\n${members.join('')}${close}}`;
}

/** Whether a value has members that can be put on separate lines. */
function isBreakable(value: unknown): boolean {
  if (value instanceof Applied) return isBreakable(value.argument);
  if (typeof value !== 'object' || value === null || value instanceof Code) return false;
  return Array.isArray(value) ? value.length > 0 : membersOf(value).length > 0;
}

function inOneLine(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (value instanceof Applied) return `${value.name}(${inOneLine(value.argument)})`;
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  const members = membersOf(value).map(([key, one]) => `${keyText(key)}: ${inOneLine(one)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const membersOf = (value: object): readonly (readonly [string, unknown])[] =>
  value instanceof Members ? value.entries : Object.entries(value).filter(([, one]) => one !== undefined);

/** Formats a key, without quotes if possible. `__proto__` must be computed, because it would set the prototype. */
function keyText(key: string): string {
  if (key === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

/** Formats a string literal, in single quotes unless the text contains them. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  if (text.includes("'")) return escaped;
  return `'${escaped.slice(1, -1).replaceAll('\\"', '"')}'`;
}

/**
 * Formats a list as a plain object, for strings of type `kind`. Undefined if an object cannot represent the list.
 * @param value replaces the values of some keys with code
 */
export function plainCode(
  list: readonly JsonEntry[],
  kind: 'str' | 'utf16',
  value: (key: string) => Code | undefined = () => undefined,
): Members | undefined {
  const members = new Map<string, unknown[]>();
  let last: string | undefined;
  for (const [key, type, content] of list) {
    if (typeof key !== 'string' || /^\d+$/.test(key) || (members.has(key) && key !== last)) return undefined;
    const one = value(key) ?? plainValue(type, content, kind, value);
    if (one === undefined) return undefined;
    members.set(key, [...(members.get(key) ?? []), one]);
    last = key;
  }
  return new Members([...members].map(([key, all]) => [key, all.length === 1 ? all[0] : all]));
}

function plainValue(type: string, value: JsonEntry[2], kind: string, replaced: (key: string) => Code | undefined) {
  if (Array.isArray(value)) return plainCode(value, kind as 'str', replaced);
  if (type === 'int' || type === kind) return value;
  return type === 'bin' ? bytes(value) : undefined;
}

/** Formats a list as a KeyValueList with its types and repeated keys. */
export const listCode = (list: readonly JsonEntry[]): Applied =>
  new Applied(
    'new KeyValueList',
    list.map(([key, type, value]) => ({
      key: typeof key === 'string' ? key : Buffer.from(key.hex, 'hex').toString('utf8'),
      type,
      value: Array.isArray(value) ? listCode(value) : type === 'bin' || type === 'strx' ? bytes(value) : value,
      keyBytes: typeof key === 'string' ? undefined : bytes(key.hex),
    })),
  );

const bytes = (hex: string | number): Code => new Code(`Buffer.from('${hex}', 'hex')`);
