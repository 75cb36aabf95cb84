/**
 * `npm run mutation -- AREA...`: makes small changes (mutants) to the sources of an area, one at a time, and lists those that
 * no test detects. `--sample N` tries N mutants, chosen by `--seed`; `--all` tries all.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { describes, equivalentOf } from './equivalent/index.mjs';
import { buildProgram } from './program.mjs';
import { AREA_NAMES, fileOf, mutantsOf, sourcesOf, testsOf } from './sources.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    file: { type: 'string' },
    out: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

/** A process that runs tests. It is replaced if a mutant blocks or ends it. */
class Worker {
  #child;
  #tried = 0;

  async ask(message) {
    if (this.#child !== undefined && this.#tried++ > 300) this.end();
    this.#child ??= this.#start();
    const child = this.#child;
    const { promise, resolve } = Promise.withResolvers();
    let timer;
    const gone = () => resolve({ gone: true });
    const heard = ({ beat, done }) => {
      clearTimeout(timer);
      if (done !== undefined) return resolve(done);
      // An endless loop blocks timers in the process itself.
      timer = setTimeout(() => resolve({ stuck: true }), beat + 15_000);
    };
    child.on('message', heard).once('exit', gone).send(message);
    const answer = await promise;
    clearTimeout(timer);
    child.off('message', heard).off('exit', gone);
    if (answer.gone || answer.stuck || answer.unsure) this.end();
    return answer;
  }

  #start() {
    this.#tried = 0;
    return fork(new URL('worker.mjs', import.meta.url), {
      stdio: values.verbose ? 'inherit' : ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--no-warnings', '--enable-source-maps', '--max-old-space-size=1500'],
    });
  }

  end() {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

const rankOf = ({ file, kind, from, to, nth }) =>
  createHash('sha1').update([values.seed, file, kind, from, to, nth].join('\0')).digest('hex');

/** Numbers equal mutants of a file, so that a mutant keeps its rank when other lines change. */
function numbered(mutants) {
  const counts = new Map();
  return mutants.map((mutant) => {
    const key = [mutant.file, mutant.kind, mutant.from, mutant.to].join('\0');
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return { ...mutant, nth: counts.get(key) };
  });
}

/** The mutants of an area that a test could detect. */
async function detectable(area) {
  const all = numbered(mutantsOf(area));
  const equivalent = await equivalentOf(area);
  for (const entry of equivalent) {
    if (!all.some((mutant) => describes(entry, mutant)))
      console.error(`equivalent/${area}.mjs: ${entry.file} has no such mutant: ${entry.code}`);
  }
  return all.filter((mutant) => !equivalent.some((entry) => describes(entry, mutant)));
}

async function chosenOf(area) {
  const all = await detectable(area);
  const inFile = values.file === undefined ? all : all.filter(({ file }) => file.includes(values.file));
  const ranked = inFile
    .map((mutant) => ({ mutant, rank: rankOf(mutant) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const count = values.all ? ranked.length : Number(values.sample);
  return { total: all.length, chosen: ranked.slice(0, count).map(({ mutant }) => mutant) };
}

async function coverage(area, worker) {
  const covered = [];
  const loaded = new Set();
  for (const file of testsOf(area)) {
    const came = await worker.ask({ cover: file });
    if (came.tests === undefined) {
      console.error(`${file}: ${came.failed ?? JSON.stringify(came)}`);
      continue;
    }
    const failed = came.tests.filter((test) => test.failed !== undefined);
    for (const { name, failed: why } of failed) console.error(`${file}: '${name}' fails without a mutant: ${why}`);
    for (const id of came.loaded) loaded.add(id);
    const tests = came.tests.map((test) => ({ ...test, hits: new Set(test.hits) }));
    covered.push({ file, imported: new Set(came.imported), tests });
  }
  return { covered, loaded };
}

/** Time limit for the tests of one mutant, in milliseconds. */
const MOST = 30_000;

/** `test/cli/send.test.ts` is nearest to `src/cli/send.ts`, then other tests called `send`, then those in `test/cli`. */
function distance(test, { file }) {
  const isNamedAlike = basename(test, '.test.ts') === basename(file, '.ts');
  const isBeside = dirname(test) === `test/${dirname(file).replace(/^src\//, '')}`;
  return (isNamedAlike ? 0 : 2) + (isBeside ? 0 : 1);
}

const durationOf = ({ tests }) => tests.reduce((sum, { ms }) => sum + ms, 0);

/**
 * The tests that reach a mutant, by file, the nearest files first. A mutant that takes effect as its module is loaded is
 * reached by all tests of a file that imports the module, and by those that start a program which loads it.
 */
function reaching({ covered, loaded }, mutant) {
  const { id, file: source } = mutant;
  const fixed = mutant.fixed || loaded.has(id);
  // Quick files first: more of them fit into the time.
  const ordered = covered.toSorted(
    (one, other) => distance(one.file, mutant) - distance(other.file, mutant) || durationOf(one) - durationOf(other),
  );
  let left = MOST;
  const files = ordered.flatMap(({ file, imported, tests }) => {
    const chosen = [];
    const all = fixed && imported.has(source);
    for (const [index, { failed, hits, ms }] of tests.entries()) {
      if (failed !== undefined || left < 0 || !(all || hits.has(id))) continue;
      chosen.push(index);
      left -= ms;
    }
    return chosen.length === 0 ? [] : [{ file, chosen, times: tests.map(({ ms }) => ms) }];
  });
  return { fixed, files };
}

async function outcome(mutant, covered, worker) {
  const { fixed, files } = reaching(covered, mutant);
  if (files.length === 0) return { status: 'unreached' };
  const run = { mutant, fixed, files };
  let answer = await worker.ask({ run });
  // The process may also have ended for want of memory after many mutants, or been too slow on a busy machine.
  if (answer.stuck || answer.gone) answer = await worker.ask({ run });
  // A test that also failed without the mutant runs again in a new process, with and without it.
  for (let left = files; answer.unsure && left.length > 0; ) {
    answer = await worker.ask({ run: { ...run, files: left } });
    if (!answer.unsure) break;
    const { file, test, error } = answer.unsure;
    const part = left.filter((one) => one.file === file);
    const without = await worker.ask({ run: { ...run, mutant: { id: -1 }, fixed: false, files: part } });
    if (without.survived) answer = { killed: { file, test, error } };
    else left = left.filter((one) => one.file !== file);
    if (left.length === 0) answer = { survived: true };
  }
  if (answer.stuck || answer.gone) return { status: 'killed', by: answer.stuck ? 'no end' : 'process ended' };
  if (answer.killed)
    return { status: 'killed', by: `${answer.killed.file}: ${answer.killed.test}`, error: answer.killed.error };
  if (answer.survived) return { status: 'survived', tests: files.length };
  return { status: 'survived', why: JSON.stringify(answer).slice(0, 300) };
}

/** The 95% Wilson interval of a share. */
function interval(share, n, total) {
  if (n === total || n === 0) return [share, share];
  const z = 1.96;
  const middle = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const whole = 1 + (z * z) / n;
  return [(middle - spread) / whole, (middle + spread) / whole];
}

const oneLine = (text) => text.replaceAll(/\s+/g, ' ').slice(0, 80);
const percent = (share) => `${(100 * share).toFixed(1)}%`;

const lineOf = ({ id, line, kind, from, to, status, why = '' }) =>
  `${fileOf(id)}:${line} ${status} ${kind}: ${oneLine(from)} -> ${oneLine(to)} ${why}`.trimEnd();

async function measure(area) {
  const began = performance.now();
  const worker = new Worker();
  const { total, chosen } = await chosenOf(area);
  await buildProgram(area === 'cli' ? sourcesOf(area) : []);
  const covered = await coverage(area, worker);
  worker.end();
  const found = [];
  for (const mutant of chosen) {
    const result = { ...mutant, ...(await outcome(mutant, covered, worker)) };
    found.push(result);
    if (result.status !== 'killed') console.log(`  ${lineOf(result)}`);
    if (process.stderr.isTTY) process.stderr.write(`\r${area}: ${found.length} of ${chosen.length} `);
  }
  worker.end();
  const left = found.filter(({ status }) => status !== 'killed');
  const killed = found.length - left.length;
  const unreached = left.filter(({ status }) => status === 'unreached').length;
  const [low, high] = interval(killed / found.length, found.length, total);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${area}: ${percent(killed / found.length)} (${percent(low)} to ${percent(high)}): ${killed} of ${found.length} found, ` +
      `${unreached} unreached; ${total} mutants; ${seconds} s`,
  );
  return { area, total, tried: found.length, killed, unreached, low, high, seconds, found };
}

const areas = positionals.length === 0 ? AREA_NAMES : positionals;
const unknown = areas.filter((area) => !AREA_NAMES.includes(area));
if (unknown.length > 0) {
  console.error(`unknown area ${unknown.join(', ')}; known: ${AREA_NAMES.join(', ')}`);
  process.exit(1);
}
for (const area of areas) {
  const result = await measure(area);
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    writeFileSync(`${values.out}/${area}.json`, JSON.stringify(result, undefined, 1));
  }
}
