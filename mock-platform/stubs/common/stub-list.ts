import { isDeepStrictEqual } from 'node:util';
import type { z } from 'esp-host';
import { StubError } from '../../errors.js';
import type { Checks, Mismatch } from './condition.js';

/** The part of an answer that all kinds of stubs share. */
export interface AnyAnswer {
  readonly delayMs?: number | undefined;
  /** The next state of the stub's scenario. */
  readonly state?: string | undefined;
}

/** The part of a stub that all kinds share. */
export interface AnyStub {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly scenario?: string | undefined;
  readonly answer?: AnyAnswer | undefined;
  readonly answers?: readonly AnyAnswer[] | undefined;
}

type AnswerOf<Definition extends AnyStub> = NonNullable<Definition['answer']>;

/** A kind of stub: the requests that it matches, and the replies that it gives. */
export interface StubKind<Definition extends AnyStub, Request, Reply> {
  readonly schema: z.ZodType<Definition>;
  /** The requests that a stub matches, in short, such as `Billing.GetBalance`. */
  subject(definition: Definition): string;
  checks(definition: Definition, scenario: string): Checks<Request>;
  reply(answer: AnswerOf<Definition>): (request: Request) => Reply;
}

/** A stub in the admin API. */
export interface ListedStub<Definition extends AnyStub = AnyStub> {
  readonly id: string;
  /** The name in its definition, or the requests that it matches, such as `Billing.GetBalance`. */
  readonly name: string;
  /** Requests answered since the start or the last reset. */
  readonly hits: number;
  readonly definition: Definition;
}

/** The answer of the first stub that matches. */
export interface Matched<Definition extends AnyStub, Reply> {
  readonly stub: ListedStub<Definition>;
  readonly reply: Reply;
  readonly delayMs: number;
}

/** Why no stub matched, and which was nearest. */
export interface Unmatched {
  readonly stub: undefined;
  readonly unmatched: string;
}

/** An ordered list of stubs with their states and counters. The first match answers a request. */
export class StubList<Definition extends AnyStub, Request, Reply> {
  #stubs: Stub<Definition, Request, Reply>[];
  /** The stubs of the file. */
  #fileStubs: readonly Stub<Definition, Request, Reply>[];
  readonly #states = new Map<string, string>();
  readonly #kind: StubKind<Definition, Request, Reply>;
  #lastId = 0;

  /** @internal */
  constructor(stubs: readonly Definition[], kind: StubKind<Definition, Request, Reply>) {
    this.#kind = kind;
    this.#fileStubs = stubs.map((definition) => this.#stub(definition));
    this.#stubs = [...this.#fileStubs];
  }

  /** Adds a stub from JSON, at the start or end of the list. @throws StubError */
  add(json: unknown, place: 'first' | 'last' = 'last'): ListedStub<Definition> {
    const stub = this.#stub(parsedStub(this.#kind.schema, json, 'stub'));
    if (place === 'first') this.#stubs.unshift(stub);
    else this.#stubs.push(stub);
    return listed(stub);
  }

  /** Removes a stub. @returns whether it existed */
  remove(id: string): boolean {
    const before = this.#stubs.length;
    this.#stubs = this.#stubs.filter((stub) => stub.id !== id);
    return this.#stubs.length < before;
  }

  list(): ListedStub<Definition>[] {
    return this.#stubs.map(listed);
  }

  /** The stubs that are not switched off. @internal */
  enabled(): ListedStub<Definition>[] {
    return this.#stubs.filter(({ isDisabled }) => !isDisabled).map(listed);
  }

  /** The stubs that are not of the file. */
  added(): ListedStub<Definition>[] {
    return this.#stubs.filter((stub) => !this.#fileStubs.includes(stub)).map(listed);
  }

  /** The states of the scenarios that left their initial state ''. */
  states(): Record<string, string> {
    return Object.fromEntries(this.#states);
  }

  /** Sets the state of a scenario. */
  setState(scenario: string, state: string): void {
    this.#states.set(scenario, state);
  }

  /** Resets states, answer sequences and counters, and keeps the stubs. */
  reset(): void {
    this.#states.clear();
    for (const stub of this.#stubs) stub.hits = 0;
  }

  /** Restores the stubs of the file and resets everything else. */
  restore(): void {
    this.#stubs = [...this.#fileStubs];
    this.reset();
  }

  /**
   * Replaces the stubs of the file. Those that were added stay before or after them. A stub that is the same as before
   * keeps its hits.
   */
  protected replaceFileStubs(definitions: readonly Definition[]): void {
    const before = [...this.#fileStubs];
    const stubs = definitions.map((definition) => {
      const at = before.findIndex((stub) => isDeepStrictEqual(stub.definition, definition));
      return at < 0 ? this.#stub(definition) : (before.splice(at, 1)[0] as Stub<Definition, Request, Reply>);
    });
    const first = this.#stubs.findIndex((stub) => this.#fileStubs.includes(stub));
    const added = this.#stubs.filter((stub) => !this.#fileStubs.includes(stub));
    const leading = first < 0 ? added.length : first;
    this.#fileStubs = stubs;
    this.#stubs = [...added.slice(0, leading), ...stubs, ...added.slice(leading)];
  }

  /** Answers a request with the first stub that matches. @internal */
  protected find(request: Request): Matched<Definition, Reply> | Unmatched {
    let nearest: { stub: Stub<Definition, Request, Reply>; misses: Misses } | undefined;
    for (const stub of this.#stubs) {
      if (stub.isDisabled) continue;
      const misses = stub.misses(request, this.#states.get(stub.scenario) ?? '');
      if (misses.mismatches.length === 0) return this.#matched(stub, request);
      if (nearest === undefined || isNearer(misses, nearest.misses)) nearest = { stub, misses };
    }
    const none = this.#stubs.length === 0 ? 'there are no stubs' : 'all stubs are disabled';
    const why =
      nearest === undefined
        ? none
        : `the nearest was ${nearest.stub.title}: ${nearest.misses.mismatches.map((describe) => describe()).join('; ')}`;
    return { stub: undefined, unmatched: `no stub matched; ${why}` };
  }

  #matched(stub: Stub<Definition, Request, Reply>, request: Request): Matched<Definition, Reply> {
    const { reply, delayMs, state } = stub.next();
    if (state !== undefined) this.#states.set(stub.scenario, state);
    return { stub: listed(stub), reply: reply(request), delayMs };
  }

  #stub(definition: Definition): Stub<Definition, Request, Reply> {
    this.#lastId++;
    return new Stub(String(this.#lastId), definition, this.#kind);
  }
}

/** Validates JSON. @param what names it in errors @throws StubError */
export function parsedStub<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const { data, error } = schema.safeParse(json);
  if (error === undefined) return data;
  const wrong = error.issues.map(({ path, message }) => `${[what, ...path].map(String).join('.')}: ${message}`);
  throw new StubError(wrong.join('\n'));
}

const listed = <Definition extends AnyStub>({
  id,
  name,
  hits,
  definition,
}: Stub<Definition, never, unknown>): ListedStub<Definition> => ({ id, name, hits, definition });

/** The default scenario. */
const SCENARIO = 'default';

interface Answer<Request, Reply> {
  readonly reply: (request: Request) => Reply;
  readonly delayMs: number;
  readonly state: string | undefined;
}

/** A stub with the number of its hits, which selects its next answer. */
class Stub<Definition extends AnyStub, Request, Reply> {
  readonly scenario: string;
  readonly name: string;
  /** For messages, such as `'balance of a good customer' (Billing.GetBalance)`. */
  readonly title: string;
  readonly isDisabled: boolean;
  hits = 0;
  readonly #checks: Checks<Request>;
  readonly #answers: readonly Answer<Request, Reply>[];

  constructor(
    readonly id: string,
    readonly definition: Definition,
    kind: StubKind<Definition, Request, Reply>,
  ) {
    const { scenario = SCENARIO, answer, answers = [], name, disabled = false } = definition;
    const subject = kind.subject(definition);
    this.scenario = scenario;
    this.isDisabled = disabled;
    this.name = name ?? subject;
    this.title = `${name === undefined ? `stub ${id}` : `'${name}'`} (${subject})`;
    this.#checks = kind.checks(definition, scenario);
    this.#answers = (answer === undefined ? answers : [answer]).map((one) => ({
      reply: kind.reply(one as AnswerOf<Definition>),
      delayMs: one.delayMs ?? 0,
      state: one.state,
    }));
  }

  misses(request: Request, state: string): Misses {
    const groups = this.#checks.map((checks) =>
      checks.map((check) => check(request, state)).filter((how) => how !== undefined),
    );
    return { mismatches: groups.flat(), ranks: groups.map(({ length }) => length) };
  }

  /** The next answer; the last one repeats. The schema requires at least one. */
  next(): Answer<Request, Reply> {
    const answer = this.#answers[Math.min(this.hits, this.#answers.length - 1)];
    this.hits++;
    return answer as Answer<Request, Reply>;
  }
}

/** The failed checks of a stub. */
interface Misses {
  readonly mismatches: readonly Mismatch[];
  /** The number in each group of checks. */
  readonly ranks: readonly number[];
}

/** Whether `a` is a nearer miss than `b`. */
function isNearer(a: Misses, b: Misses): boolean {
  const index = a.ranks.findIndex((rank, at) => rank !== b.ranks[at]);
  return index >= 0 && (a.ranks[index] ?? 0) < (b.ranks[index] ?? 0);
}
