/** A row of a CSV file: a line, or more than one if a cell in quotes has line breaks. */
export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly lastLine: number;
  /** Undefined if it is longer than `ROW_MAX`, or a quote is not closed. */
  readonly cells: readonly string[] | undefined;
}

/** Characters of a row at most. */
export const ROW_MAX = 65_536;

const QUOTE = '"';
const DELIMITERS: readonly string[] = [',', ';', '\t'];

/** Whether the text so far is within quotes. They begin a cell: elsewhere, a quote is a character like any other. */
class Quotes {
  isOpen = false;
  #mayOpen = true;

  /** @param delimiters end a cell */
  take(character: string, delimiters: readonly string[]): void {
    if (character === QUOTE && (this.isOpen || this.#mayOpen)) {
      this.isOpen = !this.isOpen;
      // A second one is an escaped quote.
      this.#mayOpen = true;
    } else if (!this.isOpen && character !== ' ') {
      this.#mayOpen = delimiters.includes(character);
    }
  }
}

/** The rows of a CSV file (RFC 4180), of which it keeps one in memory. Skips empty lines. */
export async function* csvRows(chunks: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  const reader = new RowReader();
  for await (const chunk of chunks) yield* reader.read(chunk);
  yield* reader.end();
}

class RowReader {
  #row = '';
  #quotes = new Quotes();
  /** The line where the row begins, and the one that is being read. */
  #from = 1;
  #line = 1;
  #previous = '';
  #isTooLong = false;
  #delimiters = DELIMITERS;

  *read(chunk: string): Generator<CsvRow> {
    let from = this.#line === 1 && this.#previous === '' && chunk.startsWith('\ufeff') ? 1 : 0;
    for (let at = from; at < chunk.length; at++) {
      const character = chunk.charAt(at);
      this.#quotes.take(character, this.#delimiters);
      const line = this.#line;
      if (this.#isNewLine(character) && this.#endsRow(at - from)) {
        this.#add(chunk.slice(from, at));
        yield* this.#end(line);
        from = at + 1;
      }
      this.#previous = character;
    }
    this.#add(chunk.slice(from));
  }

  *end(): Generator<CsvRow> {
    yield* this.#end(this.#line);
  }

  /** Counts lines: CR, LF or both end one. */
  #isNewLine(character: string): boolean {
    if (character !== '\n' && character !== '\r') return false;
    if (character !== '\n' || this.#previous !== '\r') this.#line++;
    return true;
  }

  /** A quote that is never closed must not take the rest of the file. */
  #endsRow(length: number): boolean {
    return !this.#quotes.isOpen || this.#row.length + length > ROW_MAX;
  }

  #add(text: string): void {
    if (this.#row.length + text.length > ROW_MAX) this.#isTooLong = true;
    else this.#row += text;
  }

  *#end(lastLine: number): Generator<CsvRow> {
    const [row, line, isUnusable] = [this.#row, this.#from, this.#isTooLong || this.#quotes.isOpen];
    this.#row = '';
    this.#quotes = new Quotes();
    this.#from = this.#line;
    this.#isTooLong = false;
    if (isUnusable) yield { line, lastLine, cells: undefined };
    else if (row.trim() !== '') yield { line, lastLine, cells: this.#cellsOf(row) };
  }

  #cellsOf(row: string): string[] {
    if (this.#delimiters.length > 1) this.#delimiters = [delimiterOf(row)];
    return cellsOf(row, this.#delimiters);
  }
}

/** The one that the first row has most of, outside of quotes. */
function delimiterOf(row: string): string {
  const counts = DELIMITERS.map((delimiter) => cellsOf(row, [delimiter]).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

function cellsOf(row: string, delimiters: readonly string[]): string[] {
  const cells: string[] = [];
  const quotes = new Quotes();
  let from = 0;
  for (let at = 0; at < row.length; at++) {
    const character = row.charAt(at);
    quotes.take(character, delimiters);
    if (quotes.isOpen || !delimiters.includes(character)) continue;
    cells.push(textOf(row.slice(from, at)));
    from = at + 1;
  }
  cells.push(textOf(row.slice(from)));
  return cells;
}

function textOf(cell: string): string {
  const text = cell.trim();
  const isQuoted = text.length > 1 && text.startsWith(QUOTE) && text.endsWith(QUOTE);
  return isQuoted ? text.slice(1, -1).replaceAll('""', QUOTE).trim() : text;
}
