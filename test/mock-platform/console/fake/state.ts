import type { FaultRule, Reload, Stub } from '../../../../mock-platform/console/api/types.ts';
import { makeJournal, makeSummary, type Summary } from './journal.ts';
import { Random } from './random.ts';
import { STUBS } from './world.ts';

/** The state of the fake platform. */
export class FakeState {
  readonly startedAt: number;
  entries: Summary[];
  rules: FaultRule[] = [];
  stubs: Stub[];
  reload: Reload['last'] = null;
  upstreams: Readonly<Record<string, string>> = { whatsapp: 'http://127.0.0.1:9090' };
  version = '2.41.3';
  numbers = ['+16315551002', '+15162837151', '+5491156121008'];
  tokens: { expiresAt: number; state: 'valid' | 'expired' }[];
  readonly #random = new Random(99);
  #lastId = 0;

  readonly now: () => number;

  constructor(count: number, now: () => number) {
    this.now = now;
    this.startedAt = now() - 5_400_000;
    this.entries = makeJournal(count, now());
    this.stubs = [...STUBS];
    const hour = 3_600_000;
    this.tokens = [
      { expiresAt: now() + 6 * 24 * hour, state: 'valid' },
      { expiresAt: now() - hour, state: 'expired' },
    ];
    this.#lastId = count;
  }

  /** Adds and returns a new entry. */
  add(change: Partial<Summary> = {}): Summary {
    this.#lastId++;
    const entry = { ...makeSummary(this.#lastId, this.now(), this.#random), ...change };
    this.entries.push(entry);
    return entry;
  }

  nextId(letter: string): string {
    this.#lastId++;
    return `${letter}${this.#lastId}`;
  }

  messages() {
    const [first] = this.entries;
    const message = {
      namespace: '6f1c2a4e_8b7d_4c3f_9a51_2d0e7b9c4f18',
      template: 'chat_invitation',
      language: 'en_US',
      parameters: ['support team'],
      text: 'Thank you for calling. Our support team can help you here as well: just reply to this message.',
    };
    return [
      { ...message, id: 'gBEGkYiEB1VXAglK1ZEqA1YKPrU', at: this.now() - 60_000, to: '+5491156121008' },
      {
        ...message,
        id: 'gBEGFjFVUQJfAgnmgB4FiKR2zXo',
        at: this.now() - 61_000,
        to: '+16315551002',
        ...(first === undefined ? {} : { entry: { id: first.id, referenceId: 17 } }),
      },
    ];
  }

  calls() {
    return this.entries
      .filter(({ upstreamCalls }) => upstreamCalls > 0)
      .slice(-200)
      .toReversed()
      .map(({ at, parameters, outcome }) => ({
        at,
        method: 'POST',
        path: '/v1/contacts',
        contacts: parameters.filter(([key]) => key === 'Id').map(([, , value]) => String(value)),
        status: outcome === 'response' ? 200 : 503,
      }));
  }
}
