import { createLogger, type RootLogger } from 'esp-host/server';
import { type CaseResult, differences, runThrough, type Strategy, type TestCase } from '../strategies/index.js';
import { type Platform, type PlatformOptions, type PlatformPorts, startPlatform } from './platform.js';

const FREE_PORTS: Required<PlatformPorts> = {
  esp: 0,
  interactionServer: 0,
  whatsapp: 0,
  console: 0,
  metrics: 0,
  http: 0,
};

/** Starts the platform of these files on free ports, quietly. @throws as startPlatform does */
export const startOnFreePorts = (options: Omit<PlatformOptions, 'ports'>): Promise<Platform> =>
  startPlatform({ logger: quiet(), ...options, ports: FREE_PORTS });

const quiet = (): RootLogger => createLogger({ level: 'error', format: 'text' });

/** Runs a case against a platform of its own, so that it leaves no trace for the next. @throws as startPlatform does */
export async function runCase(
  strategy: Strategy,
  test: TestCase,
  options: Omit<PlatformOptions, 'ports'>,
): Promise<CaseResult> {
  const began = performance.now();
  const platform = await startOnFreePorts(options);
  try {
    setWorld(platform, test.whatsapp);
    const run = await runThrough(platform.interactionServer, strategy, test.set);
    const found = differences(test.expect, run);
    return { name: test.name, differences: found, run, durationMs: performance.now() - began };
  } finally {
    await platform.stop();
  }
}

function setWorld({ whatsapp }: Platform, { version, numbers }: TestCase['whatsapp']): void {
  if (version !== undefined) whatsapp.setVersion(version);
  if (numbers === undefined) return;
  for (const number of whatsapp.directory.list()) whatsapp.directory.remove(number);
  for (const number of numbers) whatsapp.directory.add(number);
}
