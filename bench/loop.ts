/** Rounds of a measurement. The fastest counts, because it was disturbed least. */
const ROUNDS = 7;
const ROUND_MS = Number(process.env.BENCH_MS ?? 200);

/** Consumes results, so that no call is optimised away. */
const kept: unknown[] = [];

/** The cost of the loop itself, in ns. */
const emptyNs = quickest(() => undefined);

/** CPU time of a call in ns, without that of the loop. */
export const costNs = (run: () => unknown): number => Math.max(0, quickest(run) - emptyNs);

function quickest(run: () => unknown): number {
  let times = 1;
  while (cpuMs(run, times) < ROUND_MS / 4) times *= 2;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, cpuMs(run, times * 4) / (times * 4));
  return best * 1e6;
}

function cpuMs(run: () => unknown, times: number): number {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) kept[0] = run();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

/** Prints a line with the cost, and its ratio to the floor. */
export function printCost(what: string, ns: number, floorNs: number, more = ''): void {
  const cost = ns < 1e5 ? `${ns.toFixed(0)} ns` : `${(ns / 1e6).toFixed(2)} ms`;
  console.log(`${what.padEnd(44)} ${cost.padStart(10)} ${(ns / floorNs).toFixed(1).padStart(8)}  ${more}`.trimEnd());
}

export function printHeading(): void {
  console.log(`Node ${process.version}; CPU time of a call, without ${emptyNs.toFixed(1)} ns of the loop\n`);
  console.log(`${'what'.padEnd(44)} ${'cost'.padStart(10)} ${'of floor'.padStart(8)}`);
}
