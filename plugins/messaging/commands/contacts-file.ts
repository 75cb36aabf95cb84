import { createReadStream } from 'node:fs';
import { CommandFailedError } from 'esp-host';
import type { Sighting } from '../contacts/index.js';
import { PhoneNumbers } from '../phone-numbers.js';
import { type CsvRow, csvRows } from './csv.js';

export interface ContactsFile {
  readonly file: string;
  /** Its name in the first row, or its place from 1. */
  readonly column: string | undefined;
  readonly dateColumn: string | undefined;
  /** E.164, or undefined for a text that is not a number. */
  readonly numbers: (text: string) => string | undefined;
  /** For rows without a date, in ms since 1970. */
  readonly now: number;
}

/** A row that cannot be used. */
export interface BadRow {
  readonly line: number;
  readonly reason: string;
}

/** The numbers of a CSV file, with their dates. @throws CommandFailedError if it cannot be read, or has no such column */
export async function* readContacts(contacts: ContactsFile): AsyncGenerator<Sighting | BadRow> {
  let columns: Columns | undefined;
  for await (const row of rowsOf(contacts.file)) {
    if (columns === undefined) {
      columns = columnsOf(row, contacts);
      if (columns.isHead) continue;
    }
    yield contactOf(row, columns, contacts);
  }
}

async function* rowsOf(file: string): AsyncGenerator<CsvRow> {
  try {
    yield* csvRows(createReadStream(file, 'utf8'));
  } catch (error) {
    throw new CommandFailedError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

interface Columns {
  /** Places from 0. */
  readonly number: number;
  readonly date: number | undefined;
  /** The first row names the columns. */
  readonly isHead: boolean;
}

/** Names of columns, as `bareName` makes them. */
const NUMBER_NAMES = ['number', 'phone', 'phonenumber', 'mobile', 'mobilenumber', 'msisdn', 'waid', 'whatsapp', 'e164'];
const DATE_NAMES = ['date', 'time', 'timestamp', 'at', 'lastseen', 'lastmessage'];

const bareName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z\d]/g, '');

function columnsOf({ cells }: CsvRow, { column, dateColumn, numbers }: ContactsFile): Columns {
  if (cells === undefined || cells.some((cell) => /[\0\ufffd]/.test(cell))) {
    throw new CommandFailedError('the file is not CSV in UTF-8');
  }
  const named = (names: readonly string[]): number => cells.findIndex((cell) => names.includes(bareName(cell)));
  const isName = (given: string | undefined): boolean => given !== undefined && !isPlace(given);
  const isHead = isName(column) || isName(dateColumn) || named(NUMBER_NAMES) >= 0;
  const first = isHead ? named(NUMBER_NAMES) : cells.findIndex((cell) => numbers(cell) !== undefined);
  const number = column === undefined ? first : placeOf(column, cells);
  if (number < 0) throw new CommandFailedError('no column of numbers: name it with --column');
  const date = dateColumn === undefined ? named(DATE_NAMES) : placeOf(dateColumn, cells);
  // A head without known names, with the column given by its place.
  const isOtherHead = numbers(cells[number] ?? '') === undefined && /\p{L}/u.test(cells[number] ?? '');
  return { number, date: date < 0 ? undefined : date, isHead: isHead || isOtherHead };
}

const isPlace = (text: string): boolean => /^[1-9]\d{0,3}$/.test(text);

/** Of the names that an error shows. */
const SHOWN = 200;

function placeOf(column: string, head: readonly string[]): number {
  if (isPlace(column)) return Number(column) - 1;
  const place = head.findIndex((cell) => cell.toLowerCase() === column.toLowerCase());
  if (place >= 0) return place;
  throw new CommandFailedError(`no column ${column}: the first line has ${head.join(', ').slice(0, SHOWN)}`);
}

function contactOf({ line, lastLine, cells }: CsvRow, columns: Columns, { numbers, now }: ContactsFile) {
  const bad = (reason: string): BadRow => ({ line, reason });
  if (cells === undefined) return bad(`a quote is not closed, or the row is too long; skipped up to line ${lastLine}`);
  const number = numbers(cells[columns.number] ?? '');
  if (number === undefined) return bad('no number that can exist');
  const date = columns.date === undefined ? '' : (cells[columns.date] ?? '');
  const at = date === '' ? now : timeOf(date);
  if (Number.isNaN(at)) return bad('the date must be like 2026-11-30, 2026-11-30T10:00:00Z, or seconds since 1970');
  if (at > now + DAY_MS) return bad('the date is in the future');
  return { number: PhoneNumbers.present(number), evidence: { kind: 'imported', at } } satisfies Sighting;
}

const DAY_MS = 24 * 3_600_000;

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;

/** In ms since 1970; without a time zone in UTC. NaN: no date. */
function timeOf(text: string): number {
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const [, day, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? [];
  return Date.parse(`${day}T${time}${zone}`);
}
