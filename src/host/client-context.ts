/** A client of the host, whichever adapter it came through. */
export interface Client {
  /** Its address, for logs. */
  readonly peer: string;
}

/** What is told once a client, and forgotten with it. */
export class OncePerClient {
  readonly #told = new WeakMap<Client, Set<string>>();

  /** True the first time for this client and this text. */
  first(client: Client, text: string): boolean {
    const told = this.#told.get(client) ?? new Set();
    this.#told.set(client, told);
    if (told.has(text)) return false;
    told.add(text);
    return true;
  }
}
