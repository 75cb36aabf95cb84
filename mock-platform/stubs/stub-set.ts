import { type EspFault, type EspMessage, type EspRequest, faults, faultTo } from '#wire';
import { StubError } from '../errors.js';
import { type ReplyDefinition, type StubDefinition, type StubFile, stubSchema } from './definition.js';
import { type ReplyTemplate, replyTemplate } from './reply.js';
import { isNearer, type Misses, Stub } from './stub.js';

/** The application that a set of stubs stands in for. */
export interface StubbedApplication {
  readonly name: string;
  /** Number of the application type in Configuration Layer, such as 90. */
  readonly type: number;
}

/** A stub in the admin API. */
export interface ListedStub {
  readonly id: string;
  /** Requests answered since the start or the last reset. */
  readonly hits: number;
  readonly definition: StubDefinition;
}

/** The answer to a request. */
export interface StubAnswer {
  /** Undefined if there is no answer. */
  readonly message: EspMessage | undefined;
  readonly delayMs: number;
  /** Undefined if no stub matched. */
  readonly stub: ListedStub | undefined;
  /** Why no stub matched, and which was nearest. */
  readonly unmatched: string | undefined;
}

/** The application of a set without one. */
const THIRD_PARTY_SERVER: StubbedApplication = { name: 'Stubs', type: 23 };

/** An ordered set of stubs with their states and counters. The first match answers a request. */
export class StubSet {
  readonly application: StubbedApplication;
  #stubs: Stub[];
  /** The stubs of the file. */
  readonly #fileStubs: readonly Stub[];
  readonly #states = new Map<string, string>();
  readonly #unmatched: { reply: ReplyTemplate; delayMs: number } | undefined;
  #lastId = 0;

  constructor({ application, stubs, unmatched }: StubFile, as: Partial<StubbedApplication> = {}) {
    const { name, type } = application ?? THIRD_PARTY_SERVER;
    this.application = { name: as.name ?? name, type: as.type ?? type };
    this.#fileStubs = stubs.map((definition) => this.#stub(definition));
    this.#stubs = [...this.#fileStubs];
    this.#unmatched = unmatched && this.#otherwise(unmatched);
  }

  /** Adds a stub from JSON, at the start or end of the set. @throws StubError */
  add(json: unknown, place: 'first' | 'last' = 'last'): ListedStub {
    const { data, error } = stubSchema.safeParse(json);
    if (error !== undefined) {
      const wrong = error.issues.map(({ path, message }) => `${['stub', ...path].map(String).join('.')}: ${message}`);
      throw new StubError(wrong.join('\n'));
    }
    const stub = this.#stub(data);
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

  list(): ListedStub[] {
    return this.#stubs.map(listed);
  }

  /** The states of the scenarios that left their initial state ''. */
  states(): Record<string, string> {
    return Object.fromEntries(this.#states);
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

  answer(request: EspRequest): StubAnswer {
    let nearest: { stub: Stub; misses: Misses } | undefined;
    for (const stub of this.#stubs) {
      const misses = stub.misses(request, this.#states.get(stub.scenario) ?? '');
      if (misses.texts.length === 0) return this.#matched(stub, request);
      if (nearest === undefined || isNearer(misses, nearest.misses)) nearest = { stub, misses };
    }
    const why =
      nearest === undefined
        ? 'there are no stubs'
        : `the nearest was ${nearest.stub.title}: ${nearest.misses.texts.join('; ')}`;
    return this.#notMatched(request, `no stub matched; ${why}`);
  }

  #matched(stub: Stub, request: EspRequest): StubAnswer {
    const { reply, delayMs, state } = stub.next();
    if (state !== undefined) this.#states.set(stub.scenario, state);
    return { message: reply(request), delayMs, stub: listed(stub), unmatched: undefined };
  }

  #notMatched(request: EspRequest, unmatched: string): StubAnswer {
    const { reply, delayMs } = this.#unmatched ?? {
      reply: () => faultTo(request, this.application.type, this.#fault(request)),
      delayMs: 0,
    };
    return { message: reply(request), delayMs, stub: undefined, unmatched };
  }

  /** The fault of any ESP server for an unknown request. */
  #fault({ service, method, name }: EspRequest): EspFault {
    if (service === '' || method === '') return faults.invalidRequest();
    const known = this.#stubs.some(({ definition }) => definition.match?.service === service);
    return known ? faults.unknownMethod(name) : faults.unknownService(service);
  }

  #stub(definition: StubDefinition): Stub {
    this.#lastId++;
    return new Stub(String(this.#lastId), definition, this.application.type);
  }

  #otherwise(reply: ReplyDefinition) {
    return { reply: replyTemplate(reply, this.application.type), delayMs: reply.delayMs ?? 0 };
  }
}

const listed = ({ id, hits, definition }: Stub): ListedStub => ({ id, hits, definition });
