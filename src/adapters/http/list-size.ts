import { HttpError } from './http-error.js';

export interface ListLimits {
  readonly listDepth: number;
  /** Of all lists of a request together. */
  readonly listEntries: number;
}

/** In a message, Parameters and UserData lie in a list. */
const DEPTH = 2;

/** Measures the lists of a request before they are built; goes no deeper than the limit. @throws HttpError 413 */
export class ListSize {
  #entries = 0;

  constructor(private readonly limits: ListLimits) {}

  /** How many it has met. */
  get entries(): number {
    return this.#entries;
  }

  /** Of a plain object: objects are lists, arrays repeated keys. */
  plain(value: unknown, depth = DEPTH): void {
    this.#list(depth);
    for (const member of Object.values(value as object)) {
      for (const one of Array.isArray(member) ? member : [member]) {
        this.#entry();
        if (typeof one === 'object' && one !== null) this.plain(one, depth + 1);
      }
    }
  }

  /** Of `[key, type, value]` entries; what is none is left to who reads them. */
  typed(value: unknown, depth = DEPTH): void {
    if (!Array.isArray(value)) return;
    this.#list(depth);
    for (const entry of value) {
      this.#entry();
      if (Array.isArray(entry) && entry[1] === 'list') this.typed(entry[2], depth + 1);
    }
  }

  #list(depth: number): void {
    const { listDepth } = this.limits;
    if (depth > listDepth) throw new HttpError(413, `lists nest over ${listDepth} deep (limits.listDepth)`);
  }

  #entry(): void {
    const { listEntries } = this.limits;
    if (++this.#entries > listEntries) throw tooManyEntries(listEntries);
  }
}

export const tooManyEntries = (listEntries: number): HttpError =>
  new HttpError(413, `the lists have over ${listEntries} entries (limits.listEntries)`);
