import { type EspFault, type EspMessage, type EspRequest, faults, faultTo } from '#wire';
import { type ListedStub, StubList } from '../common/stub-list.js';
import { type StubbedApplication, type StubDefinition, type StubFile, stubSchema } from './definition.js';
import { checksOf } from './match.js';
import { type ReplyTemplate, replyTemplate } from './reply.js';

/** The answer to a request. */
export interface StubAnswer {
  /** Undefined if there is no answer. */
  readonly message: EspMessage | undefined;
  readonly delayMs: number;
  /** Undefined if no stub matched. */
  readonly stub: ListedStub<StubDefinition> | undefined;
  /** Why no stub matched, and which was nearest. */
  readonly unmatched: string | undefined;
}

/** The application of a set without one. */
const THIRD_PARTY_SERVER: StubbedApplication = { name: 'Stubs', type: 23 };

/** The stubs of an ESP server. The first match answers a request. */
export class StubSet extends StubList<StubDefinition, EspRequest, EspMessage | undefined> {
  readonly application: StubbedApplication;
  #unmatched: { reply: ReplyTemplate; delayMs: number } | undefined;

  constructor(file: StubFile, as: Partial<StubbedApplication> = {}) {
    const { name, type } = file.application ?? THIRD_PARTY_SERVER;
    const stubbed = { name: as.name ?? name, type: as.type ?? type };
    super(file.stubs, {
      schema: stubSchema,
      subject: ({ match }) => `${match?.service ?? '*'}.${match?.method ?? '*'}`,
      checks: ({ match = {} }, scenario) => checksOf(match, scenario),
      reply: (answer) => replyTemplate(answer, stubbed.type),
    });
    this.application = stubbed;
    this.#useUnmatched(file);
  }

  /** Takes the stubs of a changed file. Name and type of the application stay. */
  load(file: StubFile): void {
    this.replaceFileStubs(file.stubs);
    this.#useUnmatched(file);
  }

  #useUnmatched({ unmatched }: StubFile): void {
    const { type } = this.application;
    this.#unmatched = unmatched && { reply: replyTemplate(unmatched, type), delayMs: unmatched.delayMs ?? 0 };
  }

  /** Whether requests that no stub matches get an answer of the file. @internal */
  get answersUnmatched(): boolean {
    return this.#unmatched !== undefined;
  }

  /** @internal */
  answer(request: EspRequest): StubAnswer {
    const found = this.find(request);
    if (found.stub === undefined) return this.#notMatched(request, found.unmatched);
    const { stub, reply, delayMs } = found;
    return { message: reply, delayMs, stub, unmatched: undefined };
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
    const known = this.enabled().some(({ definition }) => definition.match?.service === service);
    return known ? faults.unknownMethod(name) : faults.unknownService(service);
  }
}
