import type { FaultRule, Reload, Stub } from '../../../../mock-platform/console/api/types.ts';
import { makeJournal, makeSummary, type Summary } from './journal.ts';
import { LEDGER, type Ledger, ledgerOf } from './ledger.ts';
import { Random } from './random.ts';
import { STUBS } from './world.ts';

const FILE = `# screens what comes in
stubs:
  - name: screening rules
    match: { service: Classify, method: Screen }
    answer: { parameters: { Category: Billing } }
  - name: slow on Mondays
    disabled: true
    answer: { none: true }
`;

/** The state of the fake platform. */
export class FakeState {
  readonly startedAt: number;
  entries: Summary[];
  rules: FaultRule[] = [];
  stubs: Stub[];
  reload: Reload['last'] = null;
  panels = [LEDGER];
  /** The text of the only stub file, whose digest is the text. */
  file = FILE;
  readonly ledger: Ledger;
  readonly #random = new Random(99);
  #lastId = 0;

  readonly now: () => number;

  constructor(count: number, now: () => number) {
    this.now = now;
    this.startedAt = now() - 5_400_000;
    this.entries = makeJournal(count, now());
    this.stubs = [...STUBS];
    this.ledger = ledgerOf(this.entries, now());
    this.#lastId = count;
  }

  /** Adds and returns a new entry. */
  add(change: Partial<Summary> = {}): Summary {
    this.#lastId++;
    const entry = { ...makeSummary(this.#lastId, this.now(), this.#random), ...change };
    this.entries.push(entry);
    return entry;
  }

  /** An active fault. */
  ruleOf(kind: string, settings: Readonly<Record<string, unknown>> = {}): FaultRule {
    const status = { hits: 0, title: kind, since: this.now() - 60_000, isUsedUp: false };
    return { ...settings, kind, id: this.nextId('f'), ...status };
  }

  nextId(letter: string): string {
    this.#lastId++;
    return `${letter}${this.#lastId}`;
  }
}
