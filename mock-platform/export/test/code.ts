import type { JsonEntry } from 'esp-host/wire';

/** TypeScript that stands as it is, in place of a value. */
export class Code {
  constructor(readonly text: string) {}
}

/** An object whose keys may be any text, in this order. */
export class Members {
  constructor(readonly entries: readonly (readonly [key: string, value: unknown])[]) {}
}

/** `new KeyValueList([...])` and the like: a name, and one argument. */
export class Applied {
  constructor(
    readonly name: string,
    readonly argument: unknown,
  ) {}
}

/** Longest line. */
export const WIDTH = 120;

/**
 * A value of JSON, or with code in it, as TypeScript writes it: in one line where that has room behind `column`, else a
 * member a line.
 */
export function code(value: unknown, indent = 0, column = indent): string {
  const line = inOneLine(value);
  if (column + line.length <= WIDTH || !isLong(value)) return line;
  const inner = ' '.repeat(indent + 2);
  const close = ' '.repeat(indent);
  if (value instanceof Applied) return `${value.name}(${code(value.argument, indent, column + value.name.length)})`;
  if (Array.isArray(value)) {
    return `[\n${value.map((one) => `${inner}${code(one, indent + 2)},\n`).join('')}${close}]`;
  }
  const members = membersOf(value as object).map(([key, one]) => {
    const name = `${keyText(key)}: `;
    return `${inner}${name}${code(one, indent + 2, indent + 2 + name.length)},\n`;
  });
  return `{\n${members.join('')}${close}}`;
}

/** Whether it has parts that may stand in lines of their own. */
function isLong(value: unknown): boolean {
  if (value instanceof Applied) return isLong(value.argument);
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

/** A key that is written without quotes where it can be; `__proto__` would be no key in quotes either. */
function keyText(key: string): string {
  if (key === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

/** In single quotes, unless that takes more escapes. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  if (text.includes("'")) return escaped;
  return `'${escaped.slice(1, -1).replaceAll('\\"', '"')}'`;
}

/**
 * A list as a plain object, which reads as that list where strings are of this kind; undefined where an object cannot
 * say it. @param value what stands for a value under a key; undefined: the value
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

/** A list with every kind and repetition. */
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
