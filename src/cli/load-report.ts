import type { Latencies, Load, LoadTotals } from '../client/index.js';

/** Width of the bars of the histogram and the progress line, in characters. */
const BAR = 40;

/** Percentiles of the latency. */
const SHARES = [50, 75, 90, 99, 99.9, 99.99];

/** Lines of the histogram. */
const STEPS = 12;

/** `[=====     ] 5 of 10 s, 245,132 requests/s`. */
export function progressLine({ seconds, totals }: Load, duration: number): string {
  const done = Math.min(1, seconds / duration);
  const bar = '='.repeat(Math.round(done * BAR)).padEnd(BAR);
  return `[${bar}] ${seconds.toFixed(0)} of ${duration} s, ${perSecond(totals, seconds)} requests/s`;
}

/** The results of a load, as a table with a histogram. */
export function loadReport(totals: LoadTotals, seconds: number): string {
  const { latencies } = totals;
  const lines = [
    row('requests/s', perSecond(totals, seconds)),
    row('responses', count(totals.responses)),
    row('faults', counts(totals.faults)),
    row('timeouts', count(totals.timeouts)),
    row('lost with their connection', count(totals.lost)),
    row('replies to no request', count(totals.unmatched)),
    row('connection errors', counts(totals.connectionErrors)),
    ...(latencies.count === 0 ? [] : ['', ...latencyLines(latencies), '', ...histogram(latencies)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The same as JSON; latencies in milliseconds. */
export function loadJson(totals: LoadTotals, seconds: number): string {
  const { latencies } = totals;
  const report = {
    seconds,
    requestsPerSecond: totals.answered / seconds,
    responses: totals.responses,
    faults: Object.fromEntries(totals.faults),
    timeouts: totals.timeouts,
    lost: totals.lost,
    unmatched: totals.unmatched,
    connectionErrors: Object.fromEntries(totals.connectionErrors),
    ...(latencies.count === 0 ? {} : { latencyMs: latencyJson(latencies) }),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

const latencyJson = (latencies: Latencies) => ({
  mean: latencies.meanUs / 1000,
  ...Object.fromEntries(SHARES.map((share) => [`p${share}`, latencies.percentileUs(share / 100) / 1000])),
  longest: latencies.longestUs / 1000,
});

const row = (what: string, value: string): string => `${what.padEnd(27)} ${value}`;

const count = (number: number): string => Math.round(number).toLocaleString('en');

const perSecond = (totals: LoadTotals, seconds: number): string => count(totals.answered / seconds);

/** `904: 12, 920: 3`; 0 if there are none. */
function counts(by: ReadonlyMap<string, number>): string {
  const parts = [...by].sort(([, a], [, b]) => b - a).map(([what, number]) => `${what || 'no code'}: ${count(number)}`);
  return parts.join(', ') || '0';
}

function latencyLines(latencies: Latencies): string[] {
  return [
    row('latency', 'ms'),
    row('mean', milliseconds(latencies.meanUs)),
    ...SHARES.map((share) => row(`${share} %`, milliseconds(latencies.percentileUs(share / 100)))),
    row('longest', milliseconds(latencies.longestUs)),
  ];
}

/** The number of replies per range of latency; each bound is twice the one before. */
function histogram(latencies: Latencies): string[] {
  const bounds = Array.from({ length: STEPS }, (_, step) => Math.ceil(latencies.longestUs / 2 ** (STEPS - 1 - step)));
  const upTo = bounds.map((bound, step) => (step === STEPS - 1 ? latencies.count : latencies.countUpTo(bound)));
  const numbers = upTo.map((number, step) => number - (upTo[step - 1] ?? 0));
  const most = Math.max(...numbers);
  const first = numbers.findIndex((number) => number > 0);
  return numbers.slice(first).map((number, step) => {
    const bar = '#'.repeat(Math.ceil((number / most) * BAR));
    return row(`up to ${milliseconds(bounds[first + step] ?? 0)} ms`, `${count(number).padStart(12)} ${bar}`).trimEnd();
  });
}

/** At least three significant digits. */
const milliseconds = (us: number): string => {
  const ms = us / 1000;
  return ms.toFixed(ms < 10 ? 3 : ms < 100 ? 2 : 1);
};
