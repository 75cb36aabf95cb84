import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** A stub in the text of a file. */
export interface OutlinedStub {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly disabled: boolean;
}

interface Parsed {
  readonly text: string;
  readonly document: Document;
  readonly seq: YAMLSeq;
  readonly lines: LineCounter;
}

/** The stubs of a file in order; undefined if the text is not YAML, or has no list of stubs. */
export function outlineOf(text: string): readonly OutlinedStub[] | undefined {
  const parsed = parse(text);
  return parsed?.seq.items.map((item, index) => ({
    name: nameOf(item) ?? `stub ${index + 1}`,
    line: parsed.lines.linePos(startOf(item)).line,
    disabled: isMap(item) && item.get('disabled') === true,
  }));
}

/** Moves a stub before the previous one (-1) or after the next one (1). Comments above a stub move with it. */
export function moved(text: string, index: number, by: -1 | 1): string {
  const first = Math.min(index, index + by);
  return edited(text, (parsed) => swappedText(parsed, first), swap(first));
}

/** Switches a stub off or on. */
export function switched(text: string, index: number, disabled: boolean): string {
  const change = ({ items }: YAMLSeq): void => {
    const item = items[index];
    if (!isMap(item)) return;
    if (!disabled) item.delete('disabled');
    else if (item.has('disabled')) item.set('disabled', true);
    else item.items.unshift(new Pair(new Scalar('disabled'), new Scalar(true)));
  };
  return edited(text, (parsed) => switchedText(parsed, index, disabled), change);
}

/** Adds a stub before the others: the first that matches answers. @param lines the stub, without indentation */
export function added(text: string, lines: readonly string[]): string {
  const stub = parseDocument(lines.join('\n')).contents;
  const change = (seq: YAMLSeq): void => {
    if (seq.items.length === 0) seq.flow = false;
    seq.items.unshift(stub);
  };
  return edited(text, (parsed) => addedText(parsed, lines), change);
}

export const NEW_NAME = 'new stub';

/** The lines of a new stub, for `added`. */
export const NEW_STUBS: Readonly<Record<'stubs' | 'http-stubs', readonly string[]>> = {
  stubs: [
    `name: ${NEW_NAME}`,
    'match: { service: Billing, method: GetInvoice, parameters: { Number: "17" } }',
    'answer:',
    '  parameters: { State: paid }',
  ],
  'http-stubs': [
    `name: ${NEW_NAME}`,
    'match: { method: GET, path: /v1/invoices/17 }',
    'answer:',
    '  json: { state: paid }',
  ],
};

function parse(text: string): Parsed | undefined {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const seq = isMap(document.contents) ? document.get('stubs') : undefined;
  return document.errors.length > 0 || !isSeq(seq) ? undefined : { text, document, seq, lines };
}

/**
 * Edits the text itself if possible, so that everything else stays as it was typed; checks that this has the same result as
 * `change` of the document, and otherwise writes the document, with its comments.
 */
function edited(text: string, edit: (parsed: Parsed) => string | undefined, change: (seq: YAMLSeq) => void): string {
  const parsed = parse(text);
  if (parsed === undefined) return text;
  const result = edit(parsed);
  change(parsed.seq);
  const wanted = JSON.stringify(parsed.document.toJS());
  const isRight = result !== undefined && JSON.stringify(parse(result)?.document.toJS()) === wanted;
  return isRight ? result : parsed.document.toString({ lineWidth: 0 });
}

const swap =
  (first: number) =>
  ({ items }: YAMLSeq): void => {
    items.splice(first, 2, ...items.slice(first, first + 2).reverse());
  };

/** Swaps the lines of two stubs, and leaves the empty lines between them. Undefined if they share lines. */
function swappedText(parsed: Parsed, first: number): string | undefined {
  const [a, b] = [linesOf(parsed, first), linesOf(parsed, first + 1)];
  if (a === undefined || b === undefined || a.end > b.start) return undefined;
  const { text } = parsed;
  const cut = ({ start, end }: Span): string => text.slice(start, end);
  return text.slice(0, a.start) + cut(b) + text.slice(a.end, b.start) + cut(a) + text.slice(b.end);
}

function switchedText({ text, seq }: Parsed, index: number, disabled: boolean): string | undefined {
  const item = seq.items[index];
  if (!isMap(item)) return undefined;
  const at = item.items.findIndex(({ key }) => isScalar(key) && key.value === 'disabled');
  if (at < 0) return disabled ? withFirstKey(text, item) : text;
  const value = item.items[at]?.value;
  const [start, end] = (isScalar(value) && value.range) || [];
  if (disabled) return start === undefined ? undefined : `${text.slice(0, start)}true${text.slice(end)}`;
  return withoutKey(text, item, at);
}

/** Adds `disabled: true` before the other keys. */
function withFirstKey(text: string, item: YAMLMap): string {
  const start = startOf(item.items[0]?.key);
  const separator = item.flow ? ', ' : `\n${' '.repeat(start - lineStart(text, start))}`;
  return `${text.slice(0, start)}disabled: true${separator}${text.slice(start)}`;
}

/** Undefined if something else is on the line of the key. */
function withoutKey(text: string, item: YAMLMap, at: number): string | undefined {
  const start = startOf(item.items[at]?.key);
  const next = item.items[at + 1];
  if (next === undefined) return undefined;
  const end = startOf(next.key);
  return /^disabled:\s*\w+,?\s*$/.test(text.slice(start, end)) ? text.slice(0, start) + text.slice(end) : undefined;
}

/** Undefined for a list without lines of its own. */
function addedText(parsed: Parsed, lines: readonly string[]): string | undefined {
  const { text } = parsed;
  const first = linesOf(parsed, 0);
  const second = linesOf(parsed, 1);
  if (first === undefined) return undefined;
  const dash = dashOf(parsed, 0);
  const indent = ' '.repeat(dash - lineStart(text, dash));
  const stub = lines.map((line, index) => `${indent}${index === 0 ? '- ' : '  '}${line}\n`).join('');
  const gap = second === undefined ? '\n' : text.slice(first.end + 1, second.start);
  return text.slice(0, first.start) + stub + (gap.trim() === '' ? gap : '') + text.slice(first.start);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The whole lines of a stub and of the comments directly above it, without the last line break. */
function linesOf(parsed: Parsed, index: number): Span | undefined {
  const { text, seq } = parsed;
  const item = seq.items[index];
  if (item === undefined || seq.flow) return undefined;
  const dash = dashOf(parsed, index);
  let start = lineStart(text, dash);
  if (text.slice(start, dash).trim() !== '') return undefined;
  while (start > 0 && /^[ \t]*#/.test(text.slice(lineStart(text, start - 1), start)))
    start = lineStart(text, start - 1);
  const content = text.slice(0, endOf(item)).trimEnd().length;
  const end = text.indexOf('\n', content);
  return { start, end: end < 0 ? text.length : end };
}

/** The `-` before an item of a list with lines. */
const dashOf = ({ text, seq }: Parsed, index: number): number =>
  text.lastIndexOf('-', Math.max(0, startOf(seq.items[index]) - 1));

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

const rangeOf = (node: unknown): readonly number[] =>
  (node as { readonly range?: readonly number[] | null } | undefined)?.range ?? [];

const startOf = (node: unknown): number => rangeOf(node)[0] ?? 0;

const endOf = (node: unknown): number => rangeOf(node)[1] ?? 0;

/** The name of a stub, or what it matches. */
function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const name = item.get('name');
  if (typeof name === 'string') return name;
  const { service, method, path } = matchOf(item);
  if (path !== undefined) return `${method ?? '*'} ${path}`;
  return service === undefined && method === undefined ? undefined : `${service ?? '*'}.${method ?? '*'}`;
}

function matchOf(item: YAMLMap): { readonly [key in 'service' | 'method' | 'path']?: string } {
  const match = item.get('match');
  if (!isMap(match)) return {};
  const found = ['service', 'method', 'path'].map((key) => [key, match.get(key)] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === 'string'));
}
