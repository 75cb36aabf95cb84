import { LRUCache } from 'lru-cache';
import type { Directory, NumberReader, UnderstoodNumber } from './phone-number.js';
import type { ContactsRequest } from './requests.js';

export interface ContactAnswer {
  /** As sent. */
  readonly input: string;
  readonly status: 'valid' | 'invalid' | 'processing' | 'failed';
  /** Digits without a plus, if the status is `valid` or `processing`. */
  readonly wa_id?: string;
}

interface Result {
  readonly valid: boolean;
  readonly lookedUpAt: number;
}

const CACHED_MS = 7 * 24 * 3_600_000;

/** From 2.43, the contacts endpoint reports every number as valid. A version without numbers counts as older. */
export function callsEveryNumberValid(version: string): boolean {
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 43);
}

/**
 * Looks up whether numbers are on WhatsApp. Results are cached for 7 days (for the last 10,000 numbers), so a change to
 * the directory takes effect after that, or with `force_check`.
 */
export class ContactLookup {
  readonly #results = new LRUCache<string, Result>({ max: 10_000 });

  constructor(
    private readonly directory: Directory,
    private readonly numbers: NumberReader,
    private readonly now: () => number,
  ) {}

  /** Returns one answer per contact, in order, as a client of this version does. */
  answer(request: ContactsRequest, version: string): ContactAnswer[] {
    if (callsEveryNumberValid(version)) return request.contacts.map((input) => madeUp(input, this.numbers.read(input)));
    const fresh = new Map<string, Result>();
    const answers = request.contacts.map((input) => this.#answerOne(input, request, fresh));
    // Cached last, so that a repeated number gets the same answer within a request.
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

/** Fails only for text without digits, which yields no wa_id. */
function madeUp(input: string, number: UnderstoodNumber | undefined): ContactAnswer {
  return number ? { input, status: 'valid', wa_id: number.digits } : { input, status: 'failed' };
}
