import { runStrategy } from './interpreter.js';
import type { Strategy } from './model.js';
import type { End, Run } from './run.js';
import { type Forced, outcomesOf, type Samples } from './sweep-outcomes.js';
import type { DataValues } from './values.js';

/** Options of {@link sweepStrategy}. */
export interface SweepOptions {
  /** Overrides the strategy's data. @default none */
  readonly set?: DataValues | undefined;
  /** Maximum number of paths. @default 10000 */
  readonly paths?: number | undefined;
  /** Responses to force, by `Service.Method`: see {@link sampleResponses}. @default derived from the conditions */
  readonly responses?: Samples | undefined;
}

/** A path through a strategy: the outcome forced at each External Service step, and the end. */
export interface SweptPath {
  readonly forced: readonly { readonly step: string; readonly outcome: string }[];
  readonly steps: readonly string[];
  readonly end: End;
}

/** All paths through a strategy. */
export interface Sweep {
  readonly strategy: string;
  readonly file: string;
  readonly paths: readonly SweptPath[];
  /** Branches of `on.response` that no path took, such as `ask on.response[1]`. */
  readonly neverTaken: readonly string[];
  /** Steps that no path reached. */
  readonly neverReached: readonly string[];
  /** Whether the limits on paths or replies cut the sweep short. */
  readonly cut: boolean;
}

const PATHS = 10_000;

/** Other work gets its turn after this many paths. */
const SLICE = 50;

/** Allows one retry of a step per path; more would repeat the same loop. */
const VISITS = 2;

/** The outcome chosen for a step on a path. */
interface Choice {
  readonly outcomes: readonly Forced[];
  readonly index: number;
}

/**
 * Follows all paths through a strategy by forcing every outcome of every External Service step, depth-first and without
 * a network. @throws UnknownDataError
 */
export async function sweepStrategy(strategy: Strategy, options: SweepOptions = {}): Promise<Sweep> {
  const { set = {}, paths: maxPaths = PATHS, responses = {} } = options;
  const paths: SweptPath[] = [];
  const branches = new Set<string>();
  let cut = false;
  let choices: Choice[] | undefined = [];
  while (choices !== undefined && paths.length < maxPaths) {
    const path: FollowedPath = await follow(strategy, { set, responses }, choices);
    paths.push(sweptPath(path));
    for (const branch of branchesOf(path.run)) branches.add(branch);
    cut ||= path.cut;
    choices = nextChoices(path.choices);
    if (paths.length % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    strategy: strategy.name,
    file: strategy.file,
    paths,
    ...missed(strategy, paths, branches),
    cut: cut || choices !== undefined,
  };
}

interface FollowedPath {
  readonly run: Run;
  readonly choices: readonly Choice[];
  readonly cut: boolean;
}

/** Runs with the outcomes chosen so far, then with the first outcome of each further step. */
async function follow(
  strategy: Strategy,
  { set, responses }: { readonly set: DataValues; readonly responses: Samples },
  chosen: readonly Choice[],
): Promise<FollowedPath> {
  const choices: Choice[] = [];
  let cut = false;
  const ask: Parameters<typeof runStrategy>[2] = async (request, step, data) => {
    const before = chosen[choices.length];
    const made =
      before === undefined ? outcomesOf(request, step, data, responses) : { outcomes: before.outcomes, cut: false };
    const choice = { outcomes: made.outcomes, index: before?.index ?? 0 };
    choices.push(choice);
    cut ||= made.cut;
    return forcedOf(choice).outcome;
  };
  const run = await runStrategy(strategy, set, ask, { visits: VISITS, now: () => 0 });
  return { run, choices, cut };
}

function forcedOf({ outcomes, index }: Choice): Forced {
  const forced = outcomes[index];
  if (forced === undefined) throw new RangeError(`no outcome ${index}`);
  return forced;
}

/** Advances the last choice with outcomes left and drops later choices. Undefined when done. */
function nextChoices(choices: readonly Choice[]): Choice[] | undefined {
  const last = choices.findLastIndex(({ outcomes, index }) => index + 1 < outcomes.length);
  const choice = choices[last];
  if (choice === undefined) return undefined;
  return [...choices.slice(0, last), { ...choice, index: choice.index + 1 }];
}

function sweptPath({ run, choices }: FollowedPath): SweptPath {
  const askSteps = run.steps.filter(({ kind }) => kind === 'externalService');
  const forced = askSteps.flatMap(({ id }, index) => {
    const choice = choices[index];
    return choice === undefined ? [] : [{ step: id, outcome: forcedOf(choice).label }];
  });
  return { forced, steps: run.steps.map(({ id }) => id), end: run.end };
}

const branchesOf = ({ steps }: Run): string[] =>
  steps.flatMap((step) => (step.kind === 'externalService' ? [`${step.id} ${step.branch}`] : []));

function missed(
  { steps }: Strategy,
  paths: readonly SweptPath[],
  taken: ReadonlySet<string>,
): Pick<Sweep, 'neverTaken' | 'neverReached'> {
  const reached = new Set(paths.flatMap((path) => path.steps));
  const branches = steps.flatMap((step) =>
    step.kind === 'externalService' ? step.branches.map(({ name }) => `${step.id} ${name}`) : [],
  );
  return {
    neverTaken: branches.filter((branch) => !taken.has(branch)),
    neverReached: steps.flatMap(({ id }) => (reached.has(id) ? [] : [id])),
  };
}
