import { cutText } from '../esp/index.js';

/** A client of the host, whichever adapter it came through. */
export interface Client {
  /** Its address and port, for logs. */
  readonly peer: string;
}

/** Texts that are told once a client, and the characters that are kept of each: clients choose them. */
const TEXTS = 10;
const KEPT = 200;

/** What is told once a client, and forgotten with it. */
export class OncePerClient {
  readonly #told = new WeakMap<Client, Set<string>>();

  /** True the first time for this client and this text; after ten texts of a client, no more. */
  first(client: Client, text: string): boolean {
    const told = this.#told.get(client) ?? new Set();
    this.#told.set(client, told);
    const kept = cutText(text, KEPT);
    if (told.size >= TEXTS || told.has(kept)) return false;
    told.add(kept);
    return true;
  }
}
