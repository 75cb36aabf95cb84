import { styleText } from 'node:util';
import { formatParameters } from '../../client/index.js';
import { type JsonEntry, listFromJson } from '../../esp/index.js';
import type { RecordedRequest } from '../mock.js';
import type { Difference, Value } from './differences.js';

/** The line of a request, and its method. */
type Place = Pick<RecordedRequest, 'line' | 'service' | 'method'>;

/** How many requests of a method were sent, and how many answers differed. */
export interface MethodCounts {
  readonly service: string;
  readonly method: string;
  asked: number;
  different: number;
}

/** Limit of a printed value, in characters. */
const SHOWN = 120;

/** How much of the common start a shortened value keeps. */
const BEFORE = 20;

/** A request whose answers differ: its line, the command that sends it again, and a line per difference. */
export function differenceText({ line, service, method }: Place, send: string, all: readonly Difference[]): string {
  const head = styleText('bold', `line ${line}: ${plain(`${service}.${method}`)}`);
  const lines = all.map((one) => plain(`  ${one.path}: ${sides(one)}`));
  return [head, `  ${plain(send)}`, ...lines, ''].map((text) => `${text}\n`).join('');
}

/** `a str "12.50", b int 12` */
function sides({ a, b }: Difference): string {
  const [left, right] = [valueText(a), valueText(b)];
  const from = Math.max(0, sameStart(left, right) - BEFORE);
  return `a ${cut(left, from)}, b ${cut(right, from)}`;
}

function valueText(value: Value | undefined): string {
  if (value === undefined) return 'missing';
  if (value.type === 'no answer') return `no answer (${value.value})`;
  return `${value.type} ${contentText(value)}`.trimEnd();
}

function contentText({ type, value }: Value): string {
  if (type === 'str' || type === 'utf16') return JSON.stringify(value);
  if (!Array.isArray(value)) return String(value);
  if (type === 'order') return value.join(', ');
  return formatParameters(listFromJson(value as JsonEntry[])).replaceAll('\n', ' ');
}

function sameStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

/** Shortens a long value to the part around the first difference. */
function cut(text: string, from: number): string {
  if (text.length <= SHOWN) return text;
  const end = from + SHOWN;
  return `${from > 0 ? '...' : ''}${text.slice(from, end)}${end < text.length ? '...' : ''}`;
}

/** The same as a line of JSON. */
export function differenceJson({ line, service, method }: Place, send: string, all: readonly Difference[]): string {
  const differences = all.map(({ path, a = null, b = null }) => ({ path, a, b }));
  return `${JSON.stringify({ line, service, method, send, differences })}\n`;
}

/** A table with a row per method, and a total. */
export function summaryText(methods: readonly MethodCounts[]): string {
  const rows = methods.map((one) => ({ name: plain(`${one.service}.${one.method}`), ...one }));
  const all = { name: 'all', asked: sum(methods.map(({ asked }) => asked)), different: sum(methods.map(differing)) };
  const width = Math.max(...[...rows, all].map(({ name }) => name.length));
  const line = (name: string, ...numbers: (string | number)[]): string =>
    `${name.padEnd(width)}${numbers.map((number) => String(number).padStart(11)).join('')}`;
  const lines = [...rows, all].map(({ name, asked, different }) => {
    const text = line(name, asked, asked - different, different);
    return different > 0 ? styleText('red', text) : text;
  });
  return [line('', 'requests', 'same', 'different'), ...lines].map((text) => `${text}\n`).join('');
}

export function summaryJson(all: readonly MethodCounts[]): string {
  const methods = all.map((one) => ({ ...one, same: one.asked - one.different }));
  return `${JSON.stringify({ methods })}\n`;
}

const differing = ({ different }: MethodCounts): number => different;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Escapes control characters, so that a server cannot control the terminal. */
const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
