/** Runs test files: without a mutant to record which tests reach which, or with one to see whether a test detects it. */
import { pathToFileURL } from 'node:url';
import { collect, runSuite, testsIn } from './harness.mjs';
import { closureOf, install } from './hooks.mjs';
import { reachedByPrograms, tellPrograms } from './program.mjs';
import { idCount, ROOT } from './sources.mjs';

install();

// A typed array, because hits are counted in the measured code.
const seen = new Uint32Array(idCount());
let epoch = 0;
let hits;
/** Those that a module reaches as it is loaded, perhaps in the middle of a test. */
const loaded = new Set();
let active = -1;
globalThis.$mutant = (id) => {
  if (hits !== undefined && seen[id] !== epoch) {
    seen[id] = epoch;
    hits.push(id);
    if (globalThis.$evaluates) loaded.add(id);
  }
  return id === active;
};
function record() {
  epoch++;
  hits = [];
  return hits;
}

/** Generation and file -> suite. */
const suites = new Map();
function suiteOf(file, generation) {
  const key = `${file}?g=${generation}`;
  globalThis.$generation = generation;
  if (!suites.has(key))
    suites.set(
      key,
      collect(() => import(`${pathToFileURL(ROOT + file).href}?g=${generation}`)),
    );
  return suites.get(key);
}

const wide = () => 60_000;

/** The tests of a file, with their times and the mutants they reach; `loaded` are those that loading the file reaches. */
async function cover(file) {
  tellPrograms(-1);
  const whileLoading = record();
  const suite = await suiteOf(file, 'run');
  const tests = testsIn(suite);
  const found = new Map(tests.map((one) => [one, { ms: 0, hits: new Set(), failed: undefined }]));
  let began = performance.now();
  let open = [];
  let now;
  const close = () => {
    if (now === undefined) return;
    now.push(...reachedByPrograms());
    for (const one of open) for (const id of now) found.get(one).hits.add(id);
  };
  await runSuite(suite, {
    chosen: new Set(tests),
    limitOf: wide,
    bail: false,
    watch(one, part) {
      close();
      beat(wide());
      began = performance.now();
      globalThis.$evaluates = false;
      open = part === undefined ? [one] : testsIn(part);
      now = record();
    },
    done(one, error) {
      found.get(one).ms = performance.now() - began;
      if (error !== undefined) found.get(one).failed = textOf(error);
    },
  });
  close();
  hits = undefined;
  return {
    loaded: [...new Set([...whileLoading, ...loaded])],
    imported: [...closureOf(file)],
    tests: tests.map((one) => {
      const { ms, hits: reached, failed } = found.get(one);
      return { name: one.name, ms, hits: [...reached], failed };
    }),
  };
}

const textOf = (error) => String(error?.message ?? error).slice(0, 300);
const beat = (ms) => process.send({ beat: ms });

/** The first failure among some tests of a file. */
async function failure({ file, chosen, times }, generation, { id }) {
  active = id;
  tellPrograms(id);
  let failed;
  try {
    const suite = await suiteOf(file, generation);
    const tests = testsIn(suite);
    const limits = new Map(tests.map((one, index) => [one, 3000 + 8 * (times[index] ?? 0)]));
    await runSuite(suite, {
      chosen: new Set(chosen.map((index) => tests[index])),
      limitOf: (one) => limits.get(one),
      watch: (one) => beat(limits.get(one)),
      done(one, error) {
        if (error !== undefined) failed ??= { test: one.name, error: textOf(error) };
      },
    });
  } catch (error) {
    failed ??= { test: file, error: textOf(error) };
  } finally {
    active = -1;
  }
  return failed;
}

/** Whether a test detects the mutant. If it also fails without the mutant, the parent tries again in a new worker. */
async function tryMutant({ mutant, fixed, files }) {
  for (const part of files) {
    const generation = fixed ? `m${mutant.id}` : 'run';
    if (!fixed) await suiteOf(part.file, generation);
    const failed = await failure(part, generation, mutant);
    if (failed === undefined) continue;
    const without = await failure(part, 'run', { id: -1 });
    if (without !== undefined) return { unsure: { ...failed, file: part.file, without } };
    return { killed: { ...failed, file: part.file } };
  }
  return { survived: true };
}

process.on('message', async ({ cover: covered, run }) => {
  try {
    beat(20_000);
    process.send({ done: covered === undefined ? await tryMutant(run) : await cover(covered) });
  } catch (error) {
    process.send({ done: { failed: textOf(error?.stack ?? error) } });
  }
});
process.on('disconnect', () => process.exit());
