import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  type LineCounter,
  type ParsedNode,
  visit,
  type YAMLParseError,
} from 'yaml';

/** A mistake in the syntax of a file, in words for its author. */
export interface SyntaxMistake {
  readonly offset: number;
  readonly message: string;
}

/** A parsed file. */
export interface Parsed {
  readonly document: Document.Parsed<ParsedNode>;
  readonly text: string;
  readonly lines: LineCounter;
}

/**
 * The mistakes to show: every duplicate key, every template without quotes, and the first other one, because those after it
 * follow from it. The messages quote no values, which may be secret.
 */
export function syntaxMistakes(parsed: Parsed): SyntaxMistake[] {
  const { errors } = parsed.document;
  const duplicates = errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  const [first] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY').sort((a, b) => a.pos[0] - b.pos[0]);
  const other = first === undefined ? unquotedTemplates(parsed) : [described(first, parsed)];
  return [...duplicates.map(({ pos: [offset] }) => duplicateKey(offset, parsed)), ...other];
}

function described(error: YAMLParseError, parsed: Parsed): SyntaxMistake {
  const message = wordsFor(error, parsed);
  return { offset: openOffset(error, parsed) ?? error.pos[0], message };
}

/** Keys in messages are cut to this length. */
const SHOWN = 60;

function duplicateKey(offset: number, { document, lines }: Parsed): SyntaxMistake {
  let message = 'a key is in this mapping twice: remove one of them';
  visit(document, {
    Map(_key, { items }) {
      const keys = items.flatMap(({ key }) => (isScalar(key) ? [key] : []));
      const second = keys.find(({ range }) => range?.[0] === offset);
      const first = keys.find(({ value }) => value === second?.value);
      if (second === undefined || first === undefined) return;
      const name = String(second.value).slice(0, SHOWN);
      message = `the key ${name} is already in line ${lines.linePos(first.range?.[0] ?? 0).line}: remove one of them`;
    },
  });
  return { offset, message };
}

/** `{{Id}}` is a mapping as the key of a mapping, which nothing else in these files is. */
function unquotedTemplates({ document }: Parsed): SyntaxMistake[] {
  const found: SyntaxMistake[] = [];
  visit(document, {
    Pair(_index, { key }) {
      if (!isMap(key)) return;
      found.push({ offset: key.range?.[0] ?? 0, message: 'a template must be in quotes: write "{{Name}}"' });
    },
  });
  return found;
}

/** Where the string or bracket begins that an error says is not closed. */
function openOffset({ code, message }: YAMLParseError, { document, text }: Parsed): number | undefined {
  if (code !== 'MISSING_CHAR' && code !== 'BAD_INDENT') return undefined;
  const isQuote = message.includes('quote');
  if (!isQuote && closingBracket(message) === undefined) return undefined;
  let open: number | undefined;
  visit(document, {
    Node(_key, node) {
      const [start, end] = node.range ?? [0, 0];
      if (isQuote) {
        if (isScalar(node) && node.type?.startsWith('QUOTE_')) open = start;
      } else if (isCollection(node) && node.flow && !/[\]}]/.test(text.slice(end - 1, end))) open = start;
    },
  });
  return open;
}

const SPACE = 'write a space after the colon of key: value';
const DASHES = 'begin each - of a list in the same column, below its key';
const VALUE = 'write key: value, each in a line of its own';

function wordsFor({ code, message, pos }: YAMLParseError, { document, text }: Parsed): string {
  const rest = text.slice(pos[0], pos[0] + SHOWN);
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent a line: use spaces';
    case 'BAD_INDENT':
      return badIndent(message);
    case 'MISSING_CHAR':
      return missing(message);
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (message.includes('sequence')) return `a list item is out of line: ${DASHES}`;
      return document.errors.some((other) => other.code === 'MULTILINE_IMPLICIT_KEY' && other.pos[0] === pos[0])
        ? 'the key has a value, but the next line is indented below it: remove the value or the indentation'
        : 'the value contains ": ": quote it, or begin its keys in the next line';
    case 'MULTILINE_IMPLICIT_KEY':
      if (rest.startsWith('-')) return `a list item is out of line: ${DASHES}`;
      return /^[\w.-]+:\S/.test(rest)
        ? `the value follows the colon directly: ${SPACE}`
        : `a key has no value: ${VALUE}`;
    case 'BAD_SCALAR_START':
      return `a value cannot begin with ${rest.slice(0, 1)}: quote it`;
    case 'BAD_ALIAS':
    case 'MULTIPLE_ANCHORS':
      return 'a string that begins with & or * must be in quotes';
    case 'BAD_DQ_ESCAPE':
      return 'a backslash in double quotes must be written twice: or use single quotes';
    case 'MULTIPLE_DOCS':
      return 'the file has a second document: remove --- and what follows it';
    case 'BLOCK_IN_FLOW':
      return 'a comma is missing: separate what is in brackets with commas';
    case 'UNEXPECTED_TOKEN':
      return unexpected(message);
    default:
      // After a colon the parser quotes the text.
      return message.split(': ', 1)[0] ?? message;
  }
}

function badIndent(message: string): string {
  const bracket = closingBracket(message);
  if (bracket !== undefined) return bracket;
  const things = message.includes('sequence') ? 'items of its list' : 'keys of its mapping';
  return `the line is indented differently from the other ${things}: use the same number of spaces`;
}

function closingBracket(message: string): string | undefined {
  const [closing] = /(?<=\bend with an? )[\]}]/.exec(message) ?? [];
  return closing && `${closing === '}' ? '{' : '['} is not closed: add ${closing}`;
}

function missing(message: string): string {
  const [quote] = /["'](?=quote)/.exec(message) ?? [];
  if (quote !== undefined) return `a string is not closed: add ${quote} at its end`;
  return closingBracket(message) ?? `a key has no value: ${VALUE}`;
}

function unexpected(message: string): string {
  const end = message.search(/flow-(?:map|seq)-end token/);
  const [bracket] = (end < 0 ? null : /[\]}]/.exec(message.slice(end))) ?? [];
  if (bracket !== undefined) return `${bracket} closes nothing: remove it`;
  if (message.includes(', in flow')) return 'a comma has nothing before it: remove it';
  if (message.includes('block-seq-ind')) return `a list item is out of line: ${DASHES}`;
  if (message.startsWith('Block scalar header')) return 'text follows | or >: begin it in the next line, indented';
  if (message.includes('at node end')) return 'text follows the end of the value: quote all of it';
  return 'something here is unexpected: check the quotes and brackets before it';
}
