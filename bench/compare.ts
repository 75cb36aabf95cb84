/**
 * `npm run bench:compare -- FOLDER`: this checkout against another, built one, for example of the last release. Figures of
 * separate runs differ by 10% and more; these are measured in turn, in many short rounds, and compared within a round.
 * The load comes from processor 0, and the servers run on processor 1: at 1 x 1, a request takes half as long on a server
 * that shares the processor of its client. BENCH_ROUNDS (15) is the number of rounds, BENCH_MS (1500) the duration of a
 * measurement.
 */
import { resolve } from 'node:path';
import { Child, median, pin, root, serve } from './child.ts';
import { type Measured, measure } from './measure.ts';
import { answer, megabyteRead, megabyteUnread, request } from './requests.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const RUN_MS = Number(process.env.BENCH_MS ?? 1500);

const METHODS = { BENCH_METHODS: '1000' };

type Row = readonly [what: string, load: Measured, env?: NodeJS.ProcessEnv];

const busy = { connections: 8, inFlight: 16 };
const validate = request('Messaging', 'ValidateContact');

const ROWS: readonly Row[] = [
  ['answers at once', { ...busy, messages: [answer] }],
  ['ValidateContact', { ...busy, messages: [validate] }],
  ['answers with a promise', { ...busy, messages: [request('Bench', 'Later')] }],
  ['writes a line at info', { ...busy, messages: [request('Bench', 'Log')] }],
  ['one of 1,000 methods', { ...busy, messages: [answer] }, METHODS],
  ['ValidateContact, 1 x 1', { connections: 1, inFlight: 1, messages: [validate] }],
  ['ValidateContact, 64 x 4', { connections: 64, inFlight: 4, messages: [validate] }],
  ['ValidateContact, 256 x 1', { connections: 256, inFlight: 1, messages: [validate] }],
  ['1 MB that is not read', { connections: 1, inFlight: 4, messages: [megabyteUnread] }],
  ['1 MB that is read', { connections: 1, inFlight: 4, messages: [megabyteRead] }],
  ['a connection each', { connections: 16, inFlight: 1, messages: [answer], connectionPerRequest: true }],
];

async function main(): Promise<void> {
  const [folder, only = ''] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: npm run bench:compare -- FOLDER [ROW]');
  const upstream = await Child.start(['bench/upstream.ts']);
  const url = { WHATSAPP_URL: `http://127.0.0.1:${upstream.port}` };
  pin(process.pid, 0);
  console.log(`us = CPU microseconds per request, medians of ${ROUNDS} rounds of ${RUN_MS} ms\n`);
  console.log('what                      there us  here us   ratio  (middle half of the rounds)');
  try {
    for (const [what, load, env] of ROWS.filter(([what]) => what.startsWith(only))) {
      const there = await serve('bench/config.yaml', { ...url, ...env }, resolve(folder));
      const here = await serve('bench/config.yaml', { ...url, ...env }, root);
      for (const server of [there, here]) server.pin(1);
      await row(what, load, there, here);
      await Promise.all([there.stop(), here.stop()]);
    }
  } finally {
    await upstream.stop();
  }
}

async function row(what: string, load: Measured, there: Child, here: Child): Promise<void> {
  const pairs: { there: number; here: number }[] = [];
  // The first round warms both up.
  for (let round = 0; round <= ROUNDS; round++) {
    const first = round % 2 === 0 ? there : here;
    const one = await measure(first, load, RUN_MS);
    const other = await measure(first === there ? here : there, load, RUN_MS);
    const [ofThere, ofHere] = first === there ? [one, other] : [other, one];
    if (round > 0) pairs.push({ there: ofThere.serverUs, here: ofHere.serverUs });
  }
  const ratios = pairs.map((pair) => pair.here / pair.there).sort((a, b) => a - b);
  const at = (share: number): string => (ratios[Math.floor(share * (ratios.length - 1))] as number).toFixed(2);
  console.log(
    what.padEnd(24),
    median(pairs.map((pair) => pair.there))
      .toFixed(2)
      .padStart(9),
    median(pairs.map((pair) => pair.here))
      .toFixed(2)
      .padStart(8),
    (ratios[ratios.length >> 1] as number).toFixed(3).padStart(7),
    ` (${at(0.25)} to ${at(0.75)})`,
  );
}

await main();
