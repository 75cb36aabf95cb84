/** A button below a message. */
export interface MessageButton {
  readonly text: string;
  /** `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, ... */
  readonly type: string;
  readonly url?: string | undefined;
  /** What the reply of a `QUICK_REPLY` says to the business. */
  readonly payload?: string | undefined;
}

/** A message accepted by the client. */
export interface SentMessage {
  /** The id in the response. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Phone number in E.164 format, or a business-scoped user id. */
  readonly to: string;
  readonly namespace: string;
  /** Name of the template. */
  readonly template: string;
  readonly language: string;
  readonly parameters: readonly string[];
  /** The text with its parameters filled in. */
  readonly text: string;
  /** The header: its text, or what it shows. */
  readonly header?: string | undefined;
  readonly buttons?: readonly MessageButton[] | undefined;
}

/** The last 1,000 sent messages. */
export class Outbox {
  #messages: SentMessage[] = [];
  readonly #listeners = new Set<() => void>();

  add(message: SentMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > 1000) this.#messages.shift();
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each message. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Oldest first. */
  list(): readonly SentMessage[] {
    return [...this.#messages];
  }

  clear(): void {
    this.#messages = [];
  }
}
