import type { EspRequest } from '#wire';
import type { StubDefinition } from './definition.js';
import { type Checks, checksOf } from './match.js';
import { type ReplyTemplate, replyTemplate } from './reply.js';

/** The default scenario. */
const SCENARIO = 'default';

interface Answer {
  readonly reply: ReplyTemplate;
  readonly delayMs: number;
  readonly state: string | undefined;
}

/** A stub with the number of its hits, which selects its next answer. */
export class Stub {
  readonly scenario: string;
  hits = 0;
  readonly #checks: Checks;
  readonly #answers: readonly Answer[];

  constructor(
    readonly id: string,
    readonly definition: StubDefinition,
    type: number,
  ) {
    const { match = {}, scenario = SCENARIO, answer, answers = [] } = definition;
    this.scenario = scenario;
    this.#checks = checksOf(match, scenario);
    this.#answers = (answer === undefined ? answers : [answer]).map((one) => ({
      reply: replyTemplate(one, type),
      delayMs: one.delayMs ?? 0,
      state: one.state,
    }));
  }

  /** Title for messages, such as `'balance of a good customer' (Billing.GetBalance)`. */
  get title(): string {
    const { name, match } = this.definition;
    const what = `(${match?.service ?? '*'}.${match?.method ?? '*'})`;
    return name === undefined ? `stub ${this.id} ${what}` : `'${name}' ${what}`;
  }

  /** The failed checks. A different service weighs more than any parameters. */
  misses(request: EspRequest, state: string): Misses {
    const failed = (checks: Checks[keyof Checks]): string[] =>
      checks.map((check) => check(request, state)).filter((how) => how !== undefined);
    const service = failed(this.#checks.service);
    const method = failed(this.#checks.method);
    const others = failed(this.#checks.others);
    return { texts: [...service, ...method, ...others], ranks: [service.length, method.length, others.length] };
  }

  /** The next answer; the last one repeats. The schema requires at least one. */
  next(): Answer {
    const answer = this.#answers[Math.min(this.hits, this.#answers.length - 1)];
    this.hits++;
    return answer as Answer;
  }
}

export interface Misses {
  readonly texts: readonly string[];
  /** Failed checks of service, method and all others, compared in this order. */
  readonly ranks: readonly number[];
}

/** Whether `a` is a nearer miss than `b`. */
export function isNearer(a: Misses, b: Misses): boolean {
  const index = a.ranks.findIndex((rank, at) => rank !== b.ranks[at]);
  return index >= 0 && (a.ranks[index] ?? 0) < (b.ranks[index] ?? 0);
}
