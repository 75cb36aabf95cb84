import type { MockRequest } from 'esp-host';
import type { Charset, EspRequest } from '#wire';
import { FaultRuleError } from '../errors.js';
import { parameterMatcher, textPattern } from '../matching.js';
import type { Action, Direction, Exchange, Frame, Interference } from '../relay/index.js';
import type { ForcedResponse } from '../upstreams/index.js';
import { replyAction, requestAction } from './action.js';
import type { CausingRequest } from './causes.js';
import {
  type BroughtFaults,
  type BroughtKind,
  broughtKinds,
  type FaultRule,
  faultTitle,
  type GenericUpstreamFault,
  parseFaultRule,
  type RequestFault,
  type UpstreamFault,
} from './rule.js';

/** Options of {@link Faults}. */
export interface FaultsOptions {
  /** The charset of type 0 strings and keys. */
  readonly charset: Charset;
  /** The upstreams, with the kinds of faults that their mocks bring. @default unknown */
  readonly brought?: readonly BroughtFaults[];
  /** Finds the ESP request that caused a call to an upstream. @default unknown for every call */
  readonly causeOf?: (call: MockRequest) => CausingRequest | undefined;
  /** Called when a fault matches a request. */
  readonly onMatch?: (exchange: Exchange, fault: AppliedFault) => void;
  /** Called when a fault matches a call to an upstream that a request caused. */
  readonly onMatchCall?: (cause: CausingRequest, call: MockRequest, fault: AppliedFault) => void;
}

/** An active fault, and how often it was applied. */
export interface FaultStatus {
  readonly rule: FaultRule;
  readonly hits: number;
  /** Its kind and settings, such as `upstreamStatus 503`. */
  readonly title: string;
  /** When it was added, in ms since 1970. */
  readonly since: number;
  /** Whether it was applied as often as `times` allows, and is applied no more. */
  readonly isUsedUp: boolean;
}

/** A fault that was applied. */
export interface AppliedFault {
  readonly id: string;
  readonly kind: string;
  /** Its kind and settings, such as `upstreamStatus 503`. */
  readonly title: string;
  /** When it was added, in ms since 1970. */
  readonly since: number;
}

/** The active faults. The first one that matches a request is applied. */
export class Faults {
  /** The kinds of faults that mocks bring. @internal */
  readonly brought: readonly BroughtKind[];
  readonly #rules = new Map<string, ActiveFault>();
  readonly #faultOfExchange = new WeakMap<Exchange, ActiveFault>();
  readonly #listeners = new Set<() => void>();
  #last = 0;

  /** @internal */
  constructor(private readonly options: FaultsOptions) {
    this.brought = broughtKinds(options.brought ?? []);
  }

  /** Adds a fault. @param definition parsed JSON @throws FaultRuleError */
  add(definition: unknown): FaultRule {
    const parsed = parseFaultRule(definition, this.brought);
    if ('upstream' in parsed && parsed.upstream !== undefined) this.#checkUpstream(parsed.upstream);
    const id = parsed.id ?? this.#freeId();
    if (this.#rules.has(id)) throw new FaultRuleError(`id '${id}' is in use: remove that fault, or choose another id`);
    const rule = { ...parsed, id };
    const brought = this.brought.find(({ kind }) => kind === rule.kind);
    this.#rules.set(id, new ActiveFault(rule, brought));
    this.#notify();
    return rule;
  }

  /** Removes a fault, and sends the replies that it delays. Returns false if there is no such fault. */
  remove(id: string): boolean {
    const active = this.#rules.get(id);
    this.#rules.delete(id);
    if (active === undefined) return false;
    active.removed.abort();
    this.#notify();
    return true;
  }

  clear(): void {
    for (const id of [...this.#rules.keys()]) this.remove(id);
    this.#notify();
  }

  /** In the order in which they were added. */
  list(): FaultStatus[] {
    return [...this.#rules.values()].map((active) => active.status);
  }

  /** Calls `listener` when a fault is added, removed or used up. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Injects faults into the relay of an application. @param type the number of the application type @internal */
  before(type: number): Interference {
    const rules = this.#rules;
    return {
      get active() {
        return rules.size > 0;
      },
      decide: (frame, direction, exchange) => this.#decide(frame, direction, exchange, type),
    };
  }

  #decide(frame: Frame, direction: Direction, exchange: Exchange | undefined, type: number): Action | undefined {
    if (frame.kind === 'addp') return direction === 'toClient' ? this.#addp() : undefined;
    if (exchange === undefined) return undefined;
    return direction === 'toServer' ? this.#request(exchange, type) : this.#reply(exchange, frame);
  }

  #addp(): Action | undefined {
    const active = this.#first(({ rule }) => rule.kind === 'addpSilence');
    if (active === undefined) return undefined;
    this.#hit(active);
    return { do: 'drop' };
  }

  #request(exchange: Exchange, type: number): Action | undefined {
    const active = this.#first(({ matches }) => matches(exchange.request));
    if (active === undefined) return undefined;
    this.#hit(active);
    this.#faultOfExchange.set(exchange, active);
    this.options.onMatch?.(exchange, active.applied);
    return requestAction(active.rule as RequestFault, exchange.request, { type, charset: this.options.charset });
  }

  #reply(exchange: Exchange, frame: Frame): Action | undefined {
    const active = this.#faultOfExchange.get(exchange);
    if (active === undefined || active.removed.signal.aborted) return undefined;
    return replyAction(active.rule as RequestFault, frame, active.removed.signal);
  }

  /** The response that a fault forces on a call to an upstream; undefined if no fault matches. @internal */
  ofUpstream(upstream: string, call: MockRequest): ForcedResponse | undefined | Promise<ForcedResponse> {
    const cause = this.options.causeOf?.(call);
    const active = this.#first(({ matchesCall }) => matchesCall(upstream, call, cause?.request));
    if (active === undefined) return undefined;
    this.#hit(active);
    if (cause !== undefined) this.options.onMatchCall?.(cause, call, active.applied);
    return active.respond(call);
  }

  #hit(active: ActiveFault): void {
    active.hits++;
    if (active.isUsedUp) this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #first(matches: (active: ActiveFault) => boolean): ActiveFault | undefined {
    return [...this.#rules.values()].find((active) => !active.isUsedUp && matches(active));
  }

  /** @throws FaultRuleError */
  #checkUpstream(upstream: string): void {
    const known = this.options.brought?.map(({ name }) => name);
    if (known === undefined || known.includes(upstream)) return;
    throw new FaultRuleError(`unknown upstream ${upstream} (platform.yaml has: ${known.join(', ') || 'none'})`);
  }

  #freeId(): string {
    do this.#last++;
    while (this.#rules.has(`fault-${this.#last}`));
    return `fault-${this.#last}`;
  }
}

class ActiveFault {
  readonly removed = new AbortController();
  readonly matches: (request: EspRequest) => boolean;
  readonly matchesCall: CallMatcher;
  readonly applied: AppliedFault;
  hits = 0;

  constructor(
    readonly rule: FaultRule,
    private readonly brought: BroughtKind | undefined,
  ) {
    this.applied = { id: rule.id, kind: rule.kind, title: faultTitle(rule), since: Date.now() };
    this.matches = isOfRequests(rule) ? requestMatcher(rule) : () => false;
    this.matchesCall = isOfUpstream(rule) ? callMatcher(rule, brought) : () => false;
  }

  /** The response to a call that the fault matches. */
  respond(call: MockRequest): ForcedResponse | Promise<ForcedResponse> {
    if (this.brought === undefined) return forcedResponse(this.rule as GenericUpstreamFault);
    const { settings, respond } = this.brought.fault;
    const own = Object.entries(this.rule).filter(([key]) => key in settings.shape);
    return respond(Object.fromEntries(own), call);
  }

  get status(): FaultStatus {
    const { rule, hits, isUsedUp, applied } = this;
    return { rule, hits, title: applied.title, since: applied.since, isUsedUp };
  }

  get isUsedUp(): boolean {
    return this.hits >= (this.rule.times ?? Number.POSITIVE_INFINITY);
  }
}

/** Only the kinds of mocks have a dot. */
const isOfUpstream = (rule: FaultRule): rule is UpstreamFault =>
  rule.kind.startsWith('upstream') || rule.kind.includes('.');

const isOfRequests = (rule: FaultRule): rule is RequestFault => !isOfUpstream(rule) && rule.kind !== 'addpSilence';

function forcedResponse(rule: GenericUpstreamFault): Exclude<ForcedResponse, 'hang'> {
  switch (rule.kind) {
    case 'upstreamStatus':
      return { status: rule.status };
    case 'upstreamDelay':
      return { delayMs: rule.ms };
    case 'upstreamReset':
      return 'reset';
    case 'upstreamAnswerLost':
      return 'loseAnswer';
    case 'upstreamHalfAnswer':
      return 'halfAnswer';
  }
}

type CallMatcher = (upstream: string, call: MockRequest, cause: EspRequest | undefined) => boolean;

/** A fault with `match` does not match a call whose cause is unknown. */
function callMatcher(rule: UpstreamFault, brought: BroughtKind | undefined): CallMatcher {
  const only = brought?.upstream ?? ('upstream' in rule ? rule.upstream : undefined);
  const method = textPattern(rule.method ?? '/^/');
  const body = textPattern(rule.body ?? '/^/');
  const isCause = rule.match && requestMatcher(rule);
  return (upstream, call, cause) =>
    (only ?? upstream) === upstream &&
    (rule.path ?? call.path) === call.path &&
    (brought?.fault.concerns?.(call) ?? true) &&
    method(call.method) &&
    body(call.body) &&
    (isCause === undefined || (cause !== undefined && isCause(cause)));
}

function requestMatcher({ match = {} }: Pick<RequestFault, 'match'>): (request: EspRequest) => boolean {
  const parameters = parameterMatcher(match.parameters ?? {});
  const names = (['service', 'method', 'appName'] as const).flatMap((name) => {
    const expected = match[name];
    return expected === undefined ? [] : [[name, textPattern(expected)] as const];
  });
  return (request) => names.every(([name, matches]) => matches(request[name] ?? '')) && parameters(request.list);
}
