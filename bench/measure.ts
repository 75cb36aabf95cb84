import { setTimeout as sleep } from 'node:timers/promises';
import { Load, type LoadOptions } from '#wire';
import type { Child } from './child.ts';

export interface Result {
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU time of the server and the generator, in microseconds per request. */
  readonly serverUs: number;
  readonly generatorUs: number;
  /** The share of a core that the generator used. */
  readonly generatorCores: number;
}

export interface Measured
  extends Pick<LoadOptions, 'connections' | 'inFlight' | 'messages' | 'connectionPerRequest' | 'tls'> {
  /** The FaultCode of every reply; undefined if all are responses. */
  readonly faultCode?: string;
}

/** Puts load on a server for `ms`, after a third of that to warm up. Any other reply, or a lost request, ends the bench. */
export async function measure(server: Child, what: Measured, ms: number): Promise<Result> {
  const times = { timeoutMs: 10_000, connectTimeoutMs: 10_000 };
  const load = await Load.start({ host: '127.0.0.1', port: server.port, ...what, ...times });
  try {
    await sleep(ms / 3);
    load.clear();
    const before = { server: server.cpuUs(), generator: process.cpuUsage() };
    await sleep(ms);
    const used = process.cpuUsage(before.generator);
    return result(load, what.faultCode, server.cpuUs() - before.server, used.user + used.system);
  } finally {
    load.stop();
  }
}

function result(
  { totals, seconds }: Load,
  faultCode: string | undefined,
  serverUs: number,
  generatorUs: number,
): Result {
  const { answered, faults, unanswered, unmatched, connectionErrors, latencies } = totals;
  const asExpected = faultCode === undefined ? faults.size === 0 : faults.get(faultCode) === answered;
  if (!asExpected || unanswered > 0 || unmatched > 0 || connectionErrors.size > 0) {
    throw new Error(`not only ${faultCode ?? 'responses'}: ${JSON.stringify({ unanswered, unmatched })}`, {
      cause: new Error(JSON.stringify([...faults, ...connectionErrors])),
    });
  }
  return {
    requestsPerSecond: answered / seconds,
    p50Us: latencies.percentileUs(0.5),
    p99Us: latencies.percentileUs(0.99),
    serverUs: serverUs / answered,
    generatorUs: generatorUs / answered,
    generatorCores: generatorUs / (seconds * 1e6),
  };
}
