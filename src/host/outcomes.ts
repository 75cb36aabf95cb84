/** How requests end: what is counted, and what is logged. */
import { type EspFault, type EspRequest, Failure } from '../esp/index.js';
import {
  addressOf,
  errorText,
  type LabelledCounter,
  type LabelledHistogram,
  type LogLevel,
  type Metrics,
  type RationedLog,
} from '../telemetry/index.js';
import type { Client } from './exchange.js';

/** The requests of one method that ended in one way. */
export class Outcome {
  #seconds: LabelledHistogram | undefined;

  constructor(
    /** `Service.Method outcome`. */
    readonly name: string,
    private readonly count: LabelledCounter,
    private readonly histogram: () => LabelledHistogram,
  ) {}

  /** @param startedAt from `performance.now()` */
  add(startedAt: number): void {
    this.count.inc();
    this.#seconds ??= this.histogram();
    this.#seconds.observe((performance.now() - startedAt) / 1000);
  }
}

/** The counter is visible at once, the histogram, which takes 20 lines, from the first request on. */
export function outcomeOf(metrics: Metrics, service: string, method: string, outcome: string): Outcome {
  const labels = { service, method, outcome };
  const by = 'by service, method and outcome (response, abandoned, or the FaultCode)';
  return new Outcome(
    `${service}.${method} ${outcome}`,
    metrics.counter('esp_requests_total', `ESP requests ${by}`, labels),
    () => metrics.histogram('esp_request_duration_seconds', `Time to the reply of ESP requests, ${by}`, labels),
  );
}

/** The outcomes that any method can have besides `response`: the client leaves, or the host answers with a fault. */
const USUAL = ['abandoned', '900', '901', '904', '920'];

/** Maximum number of outcomes per method; a plugin could create any number of FaultCodes. */
const OUTCOMES_MAX = 50;

/**
 * The requests of one method that ended without a response, by outcome: `abandoned` (the client has gone), or the
 * FaultCode. The usual ones are visible from the start, at 0: Prometheus sees no increase in a series that starts at 1.
 */
export class Failures {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(
    private readonly metrics: Metrics,
    private readonly service: string,
    private readonly method: string,
    usual: readonly string[] = USUAL,
  ) {
    for (const outcome of usual) this.of(outcome);
  }

  of(outcome: string): Outcome {
    return this.#outcomes.get(outcome) ?? this.#add(this.#outcomes.size < OUTCOMES_MAX ? outcome : 'other');
  }

  #add(outcome: string): Outcome {
    const known = this.#outcomes.get(outcome) ?? outcomeOf(this.metrics, this.service, this.method, outcome);
    this.#outcomes.set(outcome, known);
    return known;
  }
}

/** The number of kinds of log lines per outcome. A hash of the text selects one of them. */
const KINDS = 16;

/** The number of characters that are hashed. */
const HASHED = 200;

/** Kinds by outcome, so that no strings are created when a line is only counted. */
const kinds = new Map<string, readonly string[]>();

/**
 * Logs a fault, with details that the client does not get. An unreachable upstream fails every request, so the text is
 * created only for lines that are written.
 * @param outcome `Service.Method FaultCode`; the same for all unknown methods
 */
export function logFault(
  log: RationedLog,
  outcome: string,
  request: EspRequest,
  fault: EspFault,
  { peer }: Client,
): void {
  const { referenceId } = request;
  const missing = fault.reason === 'request' ? ` ${missingIn(request)}` : '';
  log.write(
    levelOf(fault),
    kindOf(outcome, fault),
    addressOf(peer),
    () => `${textOf(fault)}${missing}`,
    () => ({ referenceId, client: peer, code: fault.code, ...stackOf(fault) }),
  );
}

/** `error` for a defect of a plugin, `info` for a parameter that a strategy got wrong, else `warn`. */
function levelOf({ reason }: EspFault): LogLevel {
  if (reason === 'unexpected') return 'error';
  return reason === 'parameter' ? 'info' : 'warn';
}

/** Only the outcome if the text comes from the client, or is always the same. */
function kindOf(outcome: string, fault: EspFault): string {
  switch (fault.reason) {
    case 'unexpected':
      return kindsOf(outcome)[hash(errorText(fault.cause))] as string;
    case 'connection':
    case 'upstream':
    case undefined:
      return kindsOf(outcome)[hash(fault.message)] as string;
    default:
      return outcome;
  }
}

function kindsOf(outcome: string): readonly string[] {
  const known = kinds.get(outcome) ?? Array.from({ length: KINDS }, (_, kind) => `${outcome} ${kind}`);
  kinds.set(outcome, known);
  return known;
}

/** Ignores digits, so that texts that differ only in ReferenceIds, accounts or times are of the same kind. */
function hash(text: string): number {
  const end = Math.min(text.length, HASHED);
  let sum = 0;
  for (let index = 0; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) sum = (Math.imul(sum, 31) + code) | 0;
  }
  return (sum >>> 0) % KINDS;
}

const textOf = ({ message, cause }: EspFault): string =>
  cause === undefined ? message : `${message}: ${errorText(cause)}`;

/** The stack of an exception, which shows where the defect is. */
function stackOf({ reason, cause }: EspFault): { readonly stack?: unknown } {
  if (reason !== 'unexpected') return {};
  try {
    return cause instanceof Error && !(cause instanceof Failure) ? { stack: cause.stack } : {};
  } catch {
    // A proxy, or a getter that throws.
    return {};
  }
}

function missingIn(request: EspRequest): string {
  if (request.list === undefined) return '(no Request list)';
  const names = [request.service === '' ? 'Service' : '', request.method === '' ? 'Method' : ''];
  return `(missing, empty or not a string: ${names.filter((name) => name !== '').join(' and ')})`;
}
