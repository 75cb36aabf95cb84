/** Routing strategies: loads them from YAML, and runs, tests and sweeps them. */

export { type CallingStep, callingSteps } from './calling-steps.js';
export { type Asked, checkAsked, type Unanswered } from './check-asked.js';
export { differences } from './differences.js';
export { type Ask, type RunOptions, runStrategy } from './interpreter.js';
export { junit } from './junit.js';
export { loadStrategies, loadStrategy, parseStrategy, strategyFiles } from './load.js';
export type {
  CaseFault,
  CaseStubs,
  CaseTime,
  Expectation,
  ServiceRequest,
  Strategy,
  TestCase,
  UpstreamSettings,
  WaitFor,
} from './model.js';
export type { CaseResult, End, Run, RunStep, StepOutcome, StrategyResult } from './run.js';
export { strategySchema } from './schema.js';
export { type Sweep, type SweepOptions, type SweptPath, sweepStrategy } from './sweep.js';
export type { Samples } from './sweep-outcomes.js';
export { caseText, resultText, runText, sweepText } from './text.js';
export { runThrough } from './through.js';
export { type DataValue, type DataValues, valuesOf } from './values.js';
