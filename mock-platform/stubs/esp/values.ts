import {
  type EspRequest,
  isInt32,
  type JsonEntry,
  type KeyValueEntry,
  KeyValueList,
  ListError,
  listFromJson,
} from '#wire';
import type { Report } from '../common/condition.js';
import { templates } from './template.js';

/** A key-value list in YAML: a map, or `[key, type, value]` entries if order, types or repetition matter. */
export type Values = readonly JsonEntry[] | { readonly [key: string]: Value | readonly Value[] };
/** A value in YAML: a string, an int, or a list. */
export type Value = string | number | Values;

/** Renders a list for a request. Never throws. */
export type ListTemplate = (request: EspRequest) => KeyValueList;
type EntryTemplate = (request: EspRequest) => KeyValueEntry;

const DEPTH_MAX = 100;
const KEY_MAX = 65_535;

/** Compiles a list. Strings of a map have the string type of the request; typed entries keep theirs. */
export function listTemplate(values: unknown, report: Report): ListTemplate {
  return joined(new Reader(report).list(values, [], 0));
}

const joined =
  (entries: readonly EntryTemplate[]): ListTemplate =>
  (request) =>
    new KeyValueList(entries.map((entry) => entry(request)));

type At = readonly PropertyKey[];

class Reader {
  /** The lists that contain the value. */
  readonly #outer = new Set<unknown>();

  constructor(private readonly report: Report) {}

  list(values: unknown, at: At, depth: number): EntryTemplate[] {
    if (this.#outer.has(values)) return this.#refuse(at, 'must not contain itself');
    this.#outer.add(values);
    const entries = this.#entries(values, at, depth);
    this.#outer.delete(values);
    return entries;
  }

  #entries(values: unknown, at: At, depth: number): EntryTemplate[] {
    if (depth > DEPTH_MAX) return this.#refuse(at, `must not nest lists deeper than ${DEPTH_MAX}`);
    if (Array.isArray(values)) return values.flatMap((entry, index) => this.#typed(entry, [...at, index], depth));
    if (typeof values === 'object' && values !== null) {
      return Object.entries(values).flatMap(([key, value]) => this.#plain(key, value, [...at, key], depth));
    }
    return this.#refuse(at, 'must be a mapping, or a list of [key, type, value]');
  }

  /** A sequence of sequences is a typed list; any other sequence repeats the key. */
  #plain(key: string, value: unknown, at: At, depth: number): EntryTemplate[] {
    if (Array.isArray(value) && !Array.isArray(value[0])) {
      return value.flatMap((one, index) => this.#one(key, one, [...at, index], depth));
    }
    return this.#one(key, value, at, depth);
  }

  #one(key: string, value: unknown, at: At, depth: number): EntryTemplate[] {
    if (!isKey(key)) return this.#refuse(at, `a key has at most ${KEY_MAX} bytes in UTF-8`);
    if (typeof value === 'string') {
      const text = templates.compile(value, this.report, at);
      return [(request) => ({ key, type: request.text, value: text(request) })];
    }
    if (isInt32(value)) return [() => ({ key, type: 'int', value })];
    if (typeof value === 'object' && value !== null) {
      const list = joined(this.list(value, at, depth + 1));
      return [(request) => ({ key, type: 'list', value: list(request) })];
    }
    return this.#refuse(at, 'must be a quoted string, a 32-bit integer, or a mapping');
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
    const text = templates.compile(entry.value, this.report, [...at, 2]);
    return [(request) => ({ ...entry, value: text(request) })];
  }

  #entry(json: unknown, at: At): KeyValueEntry | undefined {
    try {
      const entry = listFromJson([json]).entries[0];
      if (entry !== undefined && (entry.keyBytes !== undefined || isKey(entry.key))) return entry;
      this.report(at, `a key has at most ${KEY_MAX} bytes in UTF-8`);
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
