import type { StrategyStep } from '../api/types.js';

/** A strategy as boxes and arrows. */
export interface Graph {
  readonly steps: readonly GraphStep[];
  readonly arrows: readonly GraphArrow[];
}

export interface GraphStep {
  readonly id: string;
  readonly kind: StrategyStep['kind'];
  /** What the step does, on one line. */
  readonly text: string;
}

export interface GraphArrow {
  readonly from: string;
  readonly to: string;
  /** The name of the branch in a run: `on.response[0]`, `on.fault.904`; empty after an assign step. */
  readonly branch: string;
  /** For people: `Id not empty`, `fault 904`. */
  readonly label: string;
}

type AskStep = Extract<StrategyStep, { kind: 'externalService' }>;
type Condition = AskStep['branches'][number]['when'][number];

export const graphOf = (steps: readonly StrategyStep[]): Graph => ({
  steps: steps.map((step) => ({ id: step.id, kind: step.kind, text: stepText(step) })),
  arrows: steps.flatMap(arrowsOf),
});

function stepText(step: StrategyStep): string {
  switch (step.kind) {
    case 'externalService': {
      const { appName, appType, service, method } = step.service;
      return `${appName ?? appType ?? ''}  ${service}.${method}`.trim();
    }
    case 'assign':
      return Object.entries(step.assign)
        .map(([name, value]) => `${name} = ${typeof value === 'object' ? JSON.stringify(value) : value}`)
        .join(', ');
    case 'routeTo':
      return step.routeTo;
  }
}

function arrowsOf(step: StrategyStep): GraphArrow[] {
  switch (step.kind) {
    case 'externalService':
      return outcomesOf(step);
    case 'assign':
      return [{ from: step.id, to: step.go, branch: '', label: '' }];
    case 'routeTo':
      return [];
  }
}

function outcomesOf({ id: from, branches, fault, timeout, lost }: AskStep): GraphArrow[] {
  const faults = Object.entries(fault);
  return [
    ...branches.map(({ name, when, go }, index) => ({ from, to: go, branch: name, label: whenText(when, index) })),
    ...faults.map(([code, to]) => ({ from, to, branch: `on.fault.${code}`, label: faultText(code, faults.length) })),
    ...(timeout === undefined ? [] : [{ from, to: timeout, branch: 'on.timeout', label: 'timeout' }]),
    ...(lost === undefined ? [] : [{ from, to: lost, branch: 'on.lost', label: 'lost' }]),
  ];
}

const faultText = (code: string, count: number): string =>
  code !== 'other' ? `fault ${code}` : count === 1 ? 'fault' : 'other fault';

function whenText(when: readonly Condition[], index: number): string {
  if (when.length > 0) return when.map(conditionText).join(' and ');
  return index === 0 ? 'response' : 'otherwise';
}

const SIGNS: Readonly<Record<Exclude<Condition['operator'], 'empty'>, string>> = {
  equals: '=',
  notEquals: '≠',
  oneOf: 'is one of',
  startsWith: 'starts with',
  atLeast: '≥',
  atMost: '≤',
};

/** `Id not empty`, `Segment = gold`. */
function conditionText({ subject: { name }, operator, operands }: Condition): string {
  if (operator === 'empty') return `${name} ${operands[0] === 'false' ? 'not empty' : 'empty'}`;
  return `${name} ${SIGNS[operator]} ${operands.join(', ')}`;
}
