/** A message that the client took to send. */
export interface SentMessage {
  /** As the answer had it. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** E.164. */
  readonly to: string;
  readonly namespace: string;
  /** Of the template. */
  readonly template: string;
  readonly language: string;
  readonly parameters: readonly string[];
  /** What the customer reads. */
  readonly text: string;
}

/** The last 1,000 messages that were sent. */
export class Outbox {
  #messages: SentMessage[] = [];
  readonly #listeners = new Set<() => void>();

  add(message: SentMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > 1000) this.#messages.shift();
    for (const listener of this.#listeners) listener();
  }

  /** Tells of each message. @returns what ends that */
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
