/**
 * `npm run bench:ci`: the duration of a user's tests against the mock platform (test/plugins/messaging/users-ci.test.ts).
 * Each round is a new process; the first one fills the caches and does not count. The goal is 2 seconds.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const TEST = 'test/plugins/messaging/users-ci.test.ts';
const JEST = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', TEST, '-w', '1', '--json'];

interface Report {
  readonly success: boolean;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly duration: number }[] }[];
}

interface Round {
  /** The whole process, and its tests alone. */
  readonly processMs: number;
  readonly testsMs: number;
}

function round(): Round {
  const began = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, JEST, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  });
  const processMs = performance.now() - began;
  const { success, testResults } = JSON.parse(stdout) as Report;
  if (!success) throw new Error(stderr);
  const durations = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ duration }) => duration));
  return { processMs, testsMs: durations.reduce((sum, one) => sum + one, 0) };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`.padStart(8);

round();
const rounds = Array.from({ length: ROUNDS }, round);
console.log(`Node ${process.version}, median of ${ROUNDS} rounds; goal: 2 s\n`);
console.log(`the three tests       ${seconds(median(rounds.map(({ testsMs }) => testsMs)))}`);
console.log(`with the start of jest${seconds(median(rounds.map(({ processMs }) => processMs)))}`);
