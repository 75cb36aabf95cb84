import type { CaseResult, Strategy, TestCase } from '../strategies/index.js';
import { besideOthers, runCaseOn } from './case-run.js';
import { type Platform, type PlatformOptions, startPlatform } from './platform.js';

/** Starts a platform on free ports, with its state in memory. Logs only errors, unless `logger` is given. @throws like startPlatform */
export const startOnFreePorts = (options: Omit<PlatformOptions, 'ports' | 'stateInMemory'>): Promise<Platform> =>
  startPlatform(besideOthers(options));

/** Runs a test case against a platform of its own, isolated from other cases. @throws like startPlatform */
export const runCase = (
  strategy: Strategy,
  test: TestCase,
  options: Omit<PlatformOptions, 'ports' | 'stateInMemory'>,
): Promise<CaseResult> => runCaseOn(() => startOnFreePorts(options), strategy, test);
