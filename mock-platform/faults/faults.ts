import type { MockRequest } from 'esp-host';
import type { Charset, EspRequest } from 'esp-host/wire';
import { FaultRuleError } from '../errors.js';
import { parameterMatcher, textPattern } from '../matching.js';
import type { Action, Direction, Exchange, Frame, Interference } from '../relay/index.js';
import type { ForcedResponse } from '../upstreams/index.js';
import { replyAction, requestAction } from './action.js';
import { type FaultRule, parseFaultRule, type RequestFault, type UpstreamFault } from './rule.js';

/** Options of {@link Faults}. */
export interface FaultsOptions {
  /** Of type 0 strings and keys. */
  readonly charset: Charset;
  /** A request was struck. */
  readonly struck?: (exchange: Exchange, rule: FaultRule) => void;
}

/** A fault that is switched on, and how often it struck. */
export interface FaultStatus {
  readonly rule: FaultRule;
  readonly hits: number;
}

/** The faults that are switched on; the first that fits a request strikes it. */
export class Faults {
  readonly #rules = new Map<string, Active>();
  readonly #struck = new WeakMap<Exchange, Active>();
  #last = 0;

  constructor(private readonly options: FaultsOptions) {}

  /** Switches a fault on. @param definition as JSON says it @throws FaultRuleError */
  add(definition: unknown): FaultRule {
    const parsed = parseFaultRule(definition);
    const id = parsed.id ?? this.#freeId();
    if (this.#rules.has(id))
      throw new FaultRuleError(`id is that of another fault: remove '${id}', or take another id`);
    const rule = { ...parsed, id };
    this.#rules.set(id, new Active(rule));
    return rule;
  }

  /** Switches a fault off: answers that it delays go out at once. False where there is none. */
  remove(id: string): boolean {
    const active = this.#rules.get(id);
    this.#rules.delete(id);
    active?.removed.abort();
    return active !== undefined;
  }

  clear(): void {
    for (const id of [...this.#rules.keys()]) this.remove(id);
  }

  /** In the order in which they were switched on. */
  list(): FaultStatus[] {
    return [...this.#rules.values()].map(({ rule, hits }) => ({ rule, hits }));
  }

  /** For the relay before an application, with the number of the application's type. */
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
    active?.strike();
    return active && { do: 'drop' };
  }

  #request(exchange: Exchange, type: number): Action | undefined {
    const active = this.#first(({ fits }) => fits(exchange.request));
    if (active === undefined) return undefined;
    active.strike();
    this.#struck.set(exchange, active);
    this.options.struck?.(exchange, active.rule);
    return requestAction(active.rule as RequestFault, exchange.request, { type, charset: this.options.charset });
  }

  #reply(exchange: Exchange, frame: Frame): Action | undefined {
    const active = this.#struck.get(exchange);
    if (active === undefined || active.removed.signal.aborted) return undefined;
    return replyAction(active.rule as RequestFault, frame, active.removed.signal);
  }

  /** What a fault forces upon a call of an upstream; undefined: there is none for it. */
  ofUpstream(upstream: string, request: MockRequest): ForcedResponse | undefined {
    const active = this.#first(({ fitsUpstream }) => fitsUpstream(upstream, request));
    active?.strike();
    return active && forcedResponse(active.rule as UpstreamFault);
  }

  #first(fits: (active: Active) => boolean): Active | undefined {
    return [...this.#rules.values()].find((active) => !active.isUsedUp && fits(active));
  }

  #freeId(): string {
    do this.#last++;
    while (this.#rules.has(`fault-${this.#last}`));
    return `fault-${this.#last}`;
  }
}

/** A fault at work. */
class Active {
  readonly removed = new AbortController();
  /** Whether it strikes this request. */
  readonly fits: (request: EspRequest) => boolean;
  /** Whether it strikes this call of an upstream. */
  readonly fitsUpstream: (upstream: string, request: MockRequest) => boolean;
  hits = 0;

  constructor(readonly rule: FaultRule) {
    this.fits = isOfRequests(rule) ? requestMatcher(rule) : () => false;
    this.fitsUpstream = isOfUpstream(rule) ? upstreamMatcher(rule) : () => false;
  }

  get isUsedUp(): boolean {
    return this.hits >= (this.rule.times ?? Number.POSITIVE_INFINITY);
  }

  strike(): void {
    this.hits++;
  }
}

const isOfUpstream = (rule: FaultRule): rule is UpstreamFault => rule.kind.startsWith('upstream');

const isOfRequests = (rule: FaultRule): rule is RequestFault => !isOfUpstream(rule) && rule.kind !== 'addpSilence';

function forcedResponse(rule: UpstreamFault): ForcedResponse {
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

function upstreamMatcher(rule: UpstreamFault): (upstream: string, request: MockRequest) => boolean {
  const method = textPattern(rule.method ?? '/^/');
  const body = textPattern(rule.body ?? '/^/');
  return (upstream, request) =>
    (rule.upstream ?? upstream) === upstream &&
    (rule.path ?? request.path) === request.path &&
    method(request.method) &&
    body(request.body);
}

function requestMatcher({ match = {} }: RequestFault): (request: EspRequest) => boolean {
  const parameters = parameterMatcher(match.parameters ?? {});
  const names = (['service', 'method', 'appName'] as const).flatMap((name) => {
    const meant = match[name];
    return meant === undefined ? [] : [[name, textPattern(meant)] as const];
  });
  return (request) => names.every(([name, fits]) => fits(request[name] ?? '')) && parameters(request.list);
}
