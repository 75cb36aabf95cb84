/** Routing strategies: read from YAML, run through an Interaction Server, tested, and swept. */
export { caseText, resultText } from './case-text.js';
export { type Ask, type RunOptions, runStrategy, UnknownData } from './interpreter.js';
export { junit } from './junit.js';
export { loadStrategies, loadStrategy } from './load.js';
export type { Expectation, ServiceRequest, Strategy, TestCase } from './model.js';
export type { Run, RunStep, StepOutcome } from './run.js';
export { type Sweep, type SweepOptions, type SweptPath, sweepStrategy } from './sweep.js';
export { sweepText } from './sweep-text.js';
export { type CaseResult, runCase, type StrategyResult, startOnFreePorts } from './test-case.js';
export { runText } from './text.js';
export { runThrough } from './through.js';
export type { Value as DataValue, Values as DataValues } from './values.js';
