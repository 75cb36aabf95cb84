import {
  type EspRequest,
  isInt32,
  type JsonEntry,
  type KeyValueEntry,
  KeyValueList,
  ListError,
  listFromJson,
} from 'esp-host/wire';
import { TemplateError } from '../errors.js';
import { parseTemplate, type Template } from './template.js';

/** A list as a file writes it: a map, or `[key, type, value]` entries where order, kinds or repetition count. */
export type Values = readonly JsonEntry[] | { readonly [key: string]: Value | readonly Value[] };
/** A value in YAML: a string, an int, or a list. */
export type Value = string | number | Values;

/** Takes what is wrong at a path below the value that is read; `message` follows the value's name. */
export type Report = (path: readonly PropertyKey[], message: string) => void;

/** A list with what it takes from the request put in. Never throws. */
export type ListTemplate = (request: EspRequest) => KeyValueList;
type EntryTemplate = (request: EspRequest) => KeyValueEntry;

const DEPTH_MAX = 100;
const KEY_MAX = 65_535;

/** Strings of a map come in the kind that the request was asked in; those of typed entries in their own. */
export function listTemplate(values: unknown, report: Report): ListTemplate {
  return joined(new Reader(report).list(values, [], 0));
}

/** A text that may ask for parts of the request. */
export function textTemplate(text: string, report: Report, path: readonly PropertyKey[] = []): Template {
  try {
    return parseTemplate(text);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    report(path, `it ${error.message}`);
    return () => text;
  }
}

const joined =
  (entries: readonly EntryTemplate[]): ListTemplate =>
  (request) =>
    new KeyValueList(entries.map((entry) => entry(request)));

type At = readonly PropertyKey[];

class Reader {
  constructor(private readonly report: Report) {}

  list(values: unknown, at: At, depth: number): EntryTemplate[] {
    if (depth > DEPTH_MAX) return this.#refuse(at, `must not nest deeper than ${DEPTH_MAX} lists`);
    if (Array.isArray(values)) return values.flatMap((entry, index) => this.#typed(entry, [...at, index], depth));
    if (typeof values === 'object' && values !== null) {
      return Object.entries(values).flatMap(([key, value]) => this.#plain(key, value, [...at, key], depth));
    }
    return this.#refuse(at, 'must hold keys and values, or be a list of [key, type, value]');
  }

  /** A sequence whose first item is a sequence is a typed list, any other a repeated key. */
  #plain(key: string, value: unknown, at: At, depth: number): EntryTemplate[] {
    if (Array.isArray(value) && !Array.isArray(value[0])) {
      return value.flatMap((one, index) => this.#one(key, one, [...at, index], depth));
    }
    return this.#one(key, value, at, depth);
  }

  #one(key: string, value: unknown, at: At, depth: number): EntryTemplate[] {
    if (!isKey(key)) return this.#refuse(at, `a key has at most ${KEY_MAX} bytes, in UTF-8`);
    if (typeof value === 'string') {
      const text = textTemplate(value, this.report, at);
      return [(request) => ({ key, type: request.text, value: text(request) })];
    }
    if (isInt32(value)) return [() => ({ key, type: 'int', value })];
    if (typeof value === 'object' && value !== null) {
      const list = joined(this.list(value, at, depth + 1));
      return [(request) => ({ key, type: 'list', value: list(request) })];
    }
    return this.#refuse(at, 'must be a text (in quotes), a whole number of 32 bits, or keys and values');
  }

  #typed(json: unknown, at: At, depth: number): EntryTemplate[] {
    const [key, type, value] = Array.isArray(json) ? (json as unknown[]) : [];
    if (type === 'list' && Array.isArray(value)) {
      const entry = this.#entry([key, type, []], at);
      const list = joined(this.list(value, [...at, 2], depth + 1));
      return entry?.type === 'list' ? [(request) => ({ ...entry, value: list(request) })] : [];
    }
    const entry = this.#entry(json, at);
    if (entry === undefined) return [];
    if (entry.type !== 'str' && entry.type !== 'utf16') return [() => entry];
    const text = textTemplate(entry.value, this.report, [...at, 2]);
    return [(request) => ({ ...entry, value: text(request) })];
  }

  #entry(json: unknown, at: At): KeyValueEntry | undefined {
    try {
      const entry = listFromJson([json]).entries[0];
      if (entry !== undefined && (entry.keyBytes !== undefined || isKey(entry.key))) return entry;
      this.report(at, `a key has at most ${KEY_MAX} bytes, in UTF-8`);
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      this.report(at, error.message.replace(/^list\S*: /, ''));
    }
    return undefined;
  }

  #refuse(at: At, message: string): [] {
    this.report(at, message);
    return [];
  }
}

const isKey = (key: string): boolean => key.isWellFormed() && Buffer.byteLength(key) <= KEY_MAX;
