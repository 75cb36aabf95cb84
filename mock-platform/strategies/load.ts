import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'esp-host';
import { ConfigError, type LoadedFile, loadYaml, parseYaml } from '#server';
import { checkNames } from './check-names.js';
import { checkSteps, runsOn } from './check-steps.js';
import { checkTests } from './check-tests.js';
import type { Condition, Operator, Subject } from './condition.js';
import { Findings, type Path } from './findings.js';
import type { AskStep, Branch, CaseStubs, CaseTime, Step, Strategy, TestCase, UpstreamSettings } from './model.js';
import { type StepFile, type StrategyFile, strategySchema } from './schema.js';
import { templateNames } from './template.js';

const EXAMPLE = '{ name: To the queue, steps: [{ id: queue, routeTo: SMS queue }] }';

/** Loads a strategy. @throws ConfigError with file:line:column of each problem */
export const loadStrategy = (file: string): Strategy =>
  strategyIn(loadYaml(file, strategySchema, process.env, EXAMPLE));

/** Reads a strategy from text; `file` is its name in errors. @throws ConfigError like `loadStrategy` */
export const parseStrategy = (text: string, file: string): Strategy =>
  strategyIn(parseYaml(text, file, strategySchema, process.env, EXAMPLE));

function strategyIn(loaded: LoadedFile<StrategyFile>): Strategy {
  const { file } = loaded;
  const { name, data, steps, tests } = loaded.config;
  const findings = new Findings(loaded);
  checkSteps(steps, findings);
  checkNames(loaded.config, findings);
  checkTests(loaded.config, findings);
  findings.throwAny();
  const [first, ...rest] = steps.map((step, index) => stepOf(step, steps[index + 1]?.id));
  if (first === undefined) throw loaded.problem(['steps'], 'must have at least one step');
  return { name, file, data, steps: [first, ...rest], tests: tests.map((_, index) => testCase(loaded, index)) };
}

function testCase(loaded: LoadedFile<StrategyFile>, index: number): TestCase {
  const { upstreams, faults, stubs, upstreamStubs, clock, ...test } = loaded.config.tests[
    index
  ] as StrategyFile['tests'][number];
  return {
    ...test,
    upstreams: Object.entries(upstreams).map(([name, given]) =>
      settingsAt(loaded, ['tests', index, 'upstreams', name], name, given),
    ),
    faults: faults.map((definition, at) => ({
      definition,
      problem: (message) => loaded.problem(['tests', index, 'faults', at], `is not valid: ${message}`),
    })),
    stubs: stubsAt(loaded, ['tests', index, 'stubs'], stubs),
    upstreamStubs: stubsAt(loaded, ['tests', index, 'upstreamStubs'], upstreamStubs),
    clock: clock && timeOf(clock),
  };
}

const stubsAt = (loaded: LoadedFile<unknown>, path: Path, given: Readonly<Record<string, unknown[]>>): CaseStubs[] =>
  Object.entries(given).map(([owner, definitions]) => ({
    owner,
    definitions,
    problem: (message, choices) => loaded.problem([...path, owner], message, choices, owner),
  }));

const timeOf = ({ at, advanceMs }: NonNullable<StrategyFile['tests'][number]['clock']>): CaseTime => ({
  at: at === undefined ? undefined : Date.parse(at),
  advanceMs,
});

/** Checks and returns only the keys in the file: missing keys default to the platform's settings, not the schema's. */
const settingsAt = (loaded: LoadedFile<unknown>, path: Path, name: string, given: object): UpstreamSettings => ({
  name,
  check: ({ shape }) => {
    const keys = Object.entries(shape).map(([key, type]) => [key, key in given ? type : z.never().optional()]);
    return loaded.validate(path, z.strictObject(Object.fromEntries(keys)));
  },
  problem: (message, choices) => loaded.problem(path, message, choices, name),
});

/** Loads a strategy, or all strategies in a folder and its subfolders. @throws ConfigError with all problems */
export function loadStrategies(path: string): Strategy[] {
  const problems: ConfigError[] = [];
  const strategies = strategyFiles(path).flatMap((file) => {
    try {
      return [loadStrategy(file)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(error);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems.flatMap((error) => error.problems));
  return strategies;
}

/** The path itself, or the strategy files in a folder and its subfolders. @throws ConfigError if there are none */
export function strategyFiles(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
  if (files.length === 0) {
    const message = 'contains no strategies (.yaml or .yml files)';
    throw new ConfigError([{ code: 'ESP_CONFIG_UNREADABLE_FILE', file: path, line: 1, column: 1, message }]);
  }
  return files.toSorted().map((file) => join(path, file));
}

/** Converts a checked step. `next` is the id of the following step. */
function stepOf(step: StepFile, next = ''): Step {
  const { id, externalService, assign, routeTo = '', go = next } = step;
  if (externalService !== undefined) return { ...askStep(step, next), service: externalService };
  return assign === undefined ? { kind: 'routeTo', id, routeTo } : { kind: 'assign', id, assign, go };
}

function askStep(step: StepFile, next: string): Omit<AskStep, 'service'> {
  const { id, save, on, waitFor } = step;
  const branches = (on?.response ?? []).map(
    ({ when = {}, go }, index): Branch => ({ name: `on.response[${index}]`, when: conditions(when, save), go }),
  );
  return {
    kind: 'externalService',
    id,
    waitFor,
    save,
    branches: runsOn(step) ? [{ name: 'next step', when: [], go: next }] : branches,
    fault: on?.fault ?? {},
    timeout: on?.timeout,
    lost: on?.lost,
  };
}

type WhenFile = NonNullable<NonNullable<NonNullable<StepFile['on']>['response']>[number]['when']>;

function conditions(when: WhenFile, save: string | undefined): Condition[] {
  return Object.entries(when).flatMap(([name, test]) =>
    Object.entries(test).map(([operator, operand]) => ({
      subject: subjectOf(name, save),
      operator: operator as Operator,
      operands: [operand].flat().map(String),
    })),
  );
}

/** Plain names refer to the reply, templates to the data. Templates may refer to the reply by its `save` name. */
function subjectOf(text: string, save: string | undefined): Subject {
  const [name] = templateNames(text);
  if (name === undefined) return { of: 'reply', name: text };
  return save !== undefined && name.startsWith(`${save}.`)
    ? { of: 'reply', name: name.slice(save.length + 1) }
    : { of: 'data', name };
}
