import { type EspFault, type EspMessage, type EspRequest, faults, faultTo } from 'esp-host/wire';
import { StubError } from '../errors.js';
import { type ReplyDefinition, type StubDefinition, type StubFile, stubSchema } from './definition.js';
import { type ReplyTemplate, replyTemplate } from './reply.js';
import { isNearer, type Misses, Stub } from './stub.js';

/** The application that a set of stubs is. */
export interface StubbedApplication {
  readonly name: string;
  /** Configuration Layer's number, for instance 90. */
  readonly type: number;
}

/** A stub as a console or an API shows it. */
export interface ListedStub {
  readonly id: string;
  /** How many requests it answered since the start or the last reset. */
  readonly hits: number;
  readonly definition: StubDefinition;
}

/** What a set says to a request. */
export interface StubAnswer {
  /** Undefined: never answered. */
  readonly message: EspMessage | undefined;
  readonly delayMs: number;
  /** The stub that answers; undefined where none matched. */
  readonly stub: ListedStub | undefined;
  /** Where none matched: why, and what was nearest. */
  readonly unmatched: string | undefined;
}

/** A set that does not say what it is, is a server of a kind that the configuration knows no more about. */
const THIRD_PARTY_SERVER: StubbedApplication = { name: 'Stubs', type: 23 };

/** Stubs in order, of which the first that matches a request answers it; with their states and counters. */
export class StubSet {
  readonly application: StubbedApplication;
  #stubs: Stub[];
  /** Those of the file. */
  readonly #first: readonly Stub[];
  readonly #states = new Map<string, string>();
  readonly #unmatched: { reply: ReplyTemplate; delayMs: number } | undefined;
  #lastId = 0;

  constructor({ application, stubs, unmatched }: StubFile, as: Partial<StubbedApplication> = {}) {
    const { name, type } = application ?? THIRD_PARTY_SERVER;
    this.application = { name: as.name ?? name, type: as.type ?? type };
    this.#first = stubs.map((definition) => this.#stub(definition));
    this.#stubs = [...this.#first];
    this.#unmatched = unmatched && this.#otherwise(unmatched);
  }

  /** Adds a stub from its JSON form, behind the others or before them. @throws StubError */
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

  /** Whether there was one with this id. */
  remove(id: string): boolean {
    const before = this.#stubs.length;
    this.#stubs = this.#stubs.filter((stub) => stub.id !== id);
    return this.#stubs.length < before;
  }

  list(): ListedStub[] {
    return this.#stubs.map(listed);
  }

  /** The states of the scenarios that were moved on; all others are in ''. */
  states(): Record<string, string> {
    return Object.fromEntries(this.#states);
  }

  /** Begins anew: states, sequences of answers and counters. The stubs stay. */
  reset(): void {
    this.#states.clear();
    for (const stub of this.#stubs) stub.hits = 0;
  }

  /** Begins anew with the stubs of the file: those that were added go, and those that were removed are back. */
  restore(): void {
    this.#stubs = [...this.#first];
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

  /** What any server says to a request that it does not know. */
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
