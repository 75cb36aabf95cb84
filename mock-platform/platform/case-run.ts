import { createLogger, type RootLogger } from '#server';
import { FaultRuleError } from '../errors.js';
import { waitingFor } from '../runtime/index.js';
import {
  type CaseFault,
  type CaseResult,
  differences,
  runThrough,
  type Strategy,
  type TestCase,
  type UpstreamSettings,
} from '../strategies/index.js';
import type { Platform, PlatformOptions, PlatformPorts } from './platform.js';

const FREE_PORTS: Required<PlatformPorts> = {
  esp: 0,
  interactionServer: 0,
  upstreams: 0,
  console: 0,
  metrics: 0,
  http: 0,
  webhooks: 0,
};

/** The options of a platform beside others: on free ports, with its state in memory. */
export const besideOthers = (options: Omit<PlatformOptions, 'ports' | 'stateInMemory'>): PlatformOptions => ({
  logger: quiet(),
  ...options,
  ports: FREE_PORTS,
  stateInMemory: true,
});

const quiet = (): RootLogger => createLogger({ level: 'error', format: 'text' });

/** Runs a test case against a platform of its own, isolated from other cases. @throws like `start` */
export async function runCaseOn(
  start: () => Promise<Platform>,
  strategy: Strategy,
  test: TestCase,
): Promise<CaseResult> {
  const began = performance.now();
  const platform = await start();
  try {
    await configure(platform, test.upstreams);
    inject(platform, test.faults);
    const { interactionServer, upstreams } = platform;
    const run = await runThrough(interactionServer, strategy, test.set, { waitFor: waitingFor(upstreams) });
    const found = differences(test.expect, run);
    return { name: test.name, differences: found, run, durationMs: performance.now() - began };
  } finally {
    await platform.stop();
  }
}

/** @throws ConfigError with the place of an invalid fault */
function inject({ faults }: Platform, given: readonly CaseFault[]): void {
  for (const { definition, problem } of given) {
    try {
      faults.add(definition);
    } catch (error) {
      throw error instanceof FaultRuleError ? problem(error.message) : error;
    }
  }
}

/** @throws ConfigError with the place of an unknown upstream or an invalid setting */
async function configure({ upstreams }: Platform, settings: readonly UpstreamSettings[]): Promise<void> {
  const known = upstreams.map(({ name }) => name);
  for (const { name, check, problem } of settings) {
    const upstream = upstreams.find((one) => one.name === name);
    if (upstream === undefined) {
      throw problem(`is not an upstream of platform.yaml, which has: ${known.join(', ') || 'none'}`, known);
    }
    await upstream.configure(check(upstream.definition.settings));
  }
}
