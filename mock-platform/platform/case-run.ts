import { createLogger, type RootLogger } from '#server';
import { FaultRuleError, UnknownUpstreamError } from '../errors.js';
import { httpStubsIn, waitingFor } from '../runtime/index.js';
import {
  type CaseFault,
  type CaseResult,
  type CaseStubs,
  type DataValues,
  differences,
  type Run,
  runThrough,
  type Strategy,
  type TestCase,
  type UpstreamSettings,
} from '../strategies/index.js';
import type { Upstream } from '../upstreams/index.js';
import { CaseClock } from './case-clock.js';
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
  const { name, clock: time } = test;
  const clock = time && new CaseClock(time.at);
  const passes = (id: string): void => clock?.advance(time?.advanceMs[id] ?? 0);
  const work = () => runOn(start, strategy, test, passes);
  const run = await (clock === undefined ? work() : clock.run(work));
  return { name, differences: differences(test.expect, run), run, durationMs: performance.now() - began };
}

/** Runs a strategy on a platform of its own, with one upstream as one of its variants. @throws like `start`, UnknownUpstreamError */
export const runVariantOn = (
  start: () => Promise<Platform>,
  strategy: Strategy,
  set: DataValues,
  { name, settings }: { readonly name: string; readonly settings: Record<string, unknown> },
): Promise<Run> => {
  const upstreams = [{ name, check: () => settings, problem: () => new UnknownUpstreamError(name, []) }];
  return runOn(start, strategy, { set, upstreams, faults: [], stubs: [], upstreamStubs: [] }, () => undefined);
};

type Setting = Pick<TestCase, 'set' | 'upstreams' | 'faults' | 'stubs' | 'upstreamStubs'>;

async function runOn(
  start: () => Promise<Platform>,
  strategy: Strategy,
  test: Setting,
  onStep: (id: string) => void,
): Promise<Run> {
  const platform = await start();
  try {
    const { interactionServer, upstreams } = platform;
    await configure(platform, test.upstreams);
    addStubs(platform, test);
    inject(platform, test.faults);
    return await runThrough(interactionServer, strategy, test.set, { waitFor: waitingFor(upstreams), onStep });
  } finally {
    await platform.stop();
  }
}

/** Adds the stubs before those of the files. @throws ConfigError with the place of an owner that has no stubs */
function addStubs({ stubServers, upstreams }: Platform, { stubs, upstreamStubs }: Setting): void {
  const applications = new Map(stubServers.map((server) => [server.stubs.application.name, server.stubs]));
  const stubbed = new Map(
    upstreams.flatMap((upstream) => {
      const own = httpStubsIn(upstream);
      return own === undefined ? [] : [[upstream.name, own] as const];
    }),
  );
  for (const one of stubs) addTo(applications, one, 'stubbed application');
  for (const one of upstreamStubs) addTo(stubbed, one, 'stubbed upstream');
}

interface Stubbed {
  add(json: unknown, place: 'first'): unknown;
}

function addTo(known: ReadonlyMap<string, Stubbed>, { owner, definitions, problem }: CaseStubs, what: string): void {
  const set = known.get(owner);
  if (set === undefined) throw problem(notStubbed(what, known.keys()), [...known.keys()]);
  for (const definition of definitions.toReversed()) set.add(definition, 'first');
}

/** What is wrong with stubs of an application or upstream that has none in platform.yaml. */
export const notStubbed = (what: string, known: Iterable<string>): string =>
  `is no ${what} of platform.yaml, which has: ${[...known].join(', ') || 'none'}`;

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
  for (const one of settings) {
    const { upstream, checked } = checkSettings(upstreams, one);
    await upstream.configure(checked);
  }
}

/** @throws ConfigError with the place of an unknown upstream or an invalid setting */
export function checkSettings<U extends Pick<Upstream, 'name' | 'definition'>>(
  upstreams: readonly U[],
  { name, check, problem }: UpstreamSettings,
): { readonly upstream: U; readonly checked: Record<string, unknown> } {
  const known = upstreams.map((one) => one.name);
  const upstream = upstreams.find((one) => one.name === name);
  if (upstream === undefined) {
    throw problem(`is not an upstream of platform.yaml, which has: ${known.join(', ') || 'none'}`, known);
  }
  return { upstream, checked: check(upstream.definition.settings) };
}
