import { parseE164 } from './phone-number.js';

/** The numbers that WhatsApp knows, in E.164. */
export class Directory {
  readonly #numbers = new Set<string>();

  /** Throws NotE164Error for anything but E.164; true if the number is new. */
  add(number: string): boolean {
    parseE164(number);
    if (this.#numbers.has(number)) return false;
    this.#numbers.add(number);
    return true;
  }

  /** True if the number was there. */
  remove(number: string): boolean {
    return this.#numbers.delete(number);
  }

  has(number: string): boolean {
    return this.#numbers.has(number);
  }

  /** In the order in which they were added. */
  list(): string[] {
    return [...this.#numbers];
  }
}
