import { EventEmitter, once } from 'node:events';
import type { HandlerFunction } from 'got';
import type { Metrics } from '../telemetry/index.js';

/** Different upstreams that get a label of their own; a plugin could make any number of them. */
const UPSTREAMS = 100;

interface Call {
  readonly upstream: string;
  readonly method: string;
  readonly startedAt: number;
}

/** Counts and times calls of upstreams (each with the repetitions that its caller allowed), for got's `handlers`. */
export function upstreamMetrics(metrics: Metrics): HandlerFunction {
  const upstreams = new Set<string>();
  const labelOf = (url: string | URL | undefined): string => {
    const host = url instanceof URL ? url.host : (URL.parse(url ?? '')?.host ?? 'unknown');
    if (upstreams.size < UPSTREAMS) upstreams.add(host);
    return upstreams.has(host) ? host : 'other';
  };
  const done = ({ upstream, method, startedAt }: Call, outcome: string): void => {
    const help = 'HTTP calls of upstreams by method and outcome (the status, or what kept an answer from coming)';
    metrics.counter('esp_upstream_calls_total', help, { upstream, method, outcome }).inc();
    metrics
      .histogram('esp_upstream_call_duration_seconds', 'Time to the answer of HTTP calls of upstreams', { upstream })
      .observe((performance.now() - startedAt) / 1000);
  };
  return (options, next) => {
    const call = { upstream: labelOf(options.url), method: options.method, startedAt: performance.now() };
    const result = next(options);
    settled(result)
      .then(
        (answer) => done(call, String(answer?.statusCode ?? 'ok')),
        (error: UpstreamError) => done(call, outcomeOf(error)),
      )
      // A plugin has a metric of the same name, for instance: what is not counted does not end the process.
      .catch(() => undefined);
    return result;
  };
}

interface Answer {
  readonly statusCode?: number;
}

/** The answer, or of a stream its beginning; a caller who wants no more than the body gets no status. */
async function settled(result: unknown): Promise<Answer | undefined> {
  if (!(result instanceof EventEmitter)) return result as Promise<Answer | undefined>;
  const [answer] = (await once(result, 'response')) as [Answer];
  return answer;
}

interface UpstreamError extends Error {
  readonly code?: string;
  readonly response?: { readonly statusCode: number };
}

function outcomeOf(error: UpstreamError): string {
  const { name, response } = error;
  const failed = response === undefined || FAILURES.has(name);
  return failed ? failureOf(error) : String(response.statusCode);
}

/** Failures by the name of their error. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  ['AbortError', 'abandoned'],
  ['TimeoutError', 'timeout'],
  ['AnswerTooLarge', 'too_large'],
]);

/** What kept an answer from coming: `abandoned`, `timeout`, `too_large`, or a code such as `ECONNREFUSED`. */
export const failureOf = ({ name, code }: Error & { readonly code?: string }): string =>
  FAILURES.get(name) ?? code ?? 'error';
