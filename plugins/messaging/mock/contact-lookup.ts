import { LRUCache } from 'lru-cache';
import type { Directory, NumberReader, UnderstoodNumber } from './phone-number.js';
import type { ContactsRequest } from './requests.js';

export interface ContactAnswer {
  /** As it was sent. */
  readonly input: string;
  readonly status: 'valid' | 'invalid' | 'processing' | 'failed';
  /** Digits without a plus; with `valid` and `processing` alone. */
  readonly wa_id?: string;
}

interface Result {
  readonly valid: boolean;
  readonly lookedUpAt: number;
}

const CACHED_MS = 7 * 24 * 3_600_000;

/** From 2.43 on the contacts endpoint calls every number valid. A version without numbers counts as an older one. */
export function callsEveryNumberValid(version: string): boolean {
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 43);
}

/**
 * Answers whether numbers are on WhatsApp, and remembers each answer for 7 days (of the last 10,000 numbers): a change
 * of the directory shows after that, or with `force_check`.
 */
export class ContactLookup {
  readonly #results = new LRUCache<string, Result>({ max: 10_000 });

  constructor(
    private readonly directory: Directory,
    private readonly numbers: NumberReader,
    private readonly now: () => number,
  ) {}

  /** One answer for each contact, in their order, as a client of that version gives them. */
  answer(request: ContactsRequest, version: string): ContactAnswer[] {
    if (callsEveryNumberValid(version)) return request.contacts.map((input) => madeUp(input, this.numbers.read(input)));
    const fresh = new Map<string, Result>();
    const answers = request.contacts.map((input) => this.#answerOne(input, request, fresh));
    // Stored last: a number that is asked for twice in one request gets the same answer twice.
    for (const [digits, result] of fresh) this.#results.set(digits, result);
    return answers;
  }

  forgetResults(): void {
    this.#results.clear();
  }

  #answerOne(input: string, request: ContactsRequest, fresh: Map<string, Result>): ContactAnswer {
    const number = this.numbers.read(input);
    if (!number?.possible) return { input, status: 'failed' };
    const remembered = request.forceCheck ? undefined : this.#remembered(number.digits);
    const result = remembered ?? this.#lookUp(number.digits);
    if (!remembered) fresh.set(number.digits, result);
    if (!remembered && request.blocking === 'no_wait') return { input, status: 'processing', wa_id: number.digits };
    return result.valid ? { input, status: 'valid', wa_id: number.digits } : { input, status: 'invalid' };
  }

  #remembered(digits: string): Result | undefined {
    const result = this.#results.get(digits);
    return result && this.now() - result.lookedUpAt < CACHED_MS ? result : undefined;
  }

  #lookUp(digits: string): Result {
    return { valid: this.directory.has(`+${digits}`), lookedUpAt: this.now() };
  }
}

/** Only a text without any digit still fails: there is nothing to make a wa_id of. */
function madeUp(input: string, number: UnderstoodNumber | undefined): ContactAnswer {
  return number ? { input, status: 'valid', wa_id: number.digits } : { input, status: 'failed' };
}
