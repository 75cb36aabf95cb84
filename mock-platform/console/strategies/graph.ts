/** A strategy as boxes and arrows, from its steps: those of the file as well as those that were read from it. */

export interface GraphStep {
  readonly id: string;
  readonly kind: string;
  /** What it does, on one line. */
  readonly text: string;
}

export interface GraphArrow {
  readonly from: string;
  readonly to: string;
  /** What a run calls the branch: `on.response[0]`, `on.fault.904`; empty: simply the next step. */
  readonly branch: string;
  /** For people: `Id not empty`, `fault 904`. */
  readonly label: string;
}

export interface Graph {
  readonly steps: readonly GraphStep[];
  readonly arrows: readonly GraphArrow[];
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

export function graphOf(steps: readonly unknown[]): Graph {
  const all = steps.map(fieldsOf);
  const ids = new Set(all.map(({ id }) => textOf(id)));
  const arrows = all.flatMap((step, index) => arrowsOf(step, all[index + 1]));
  return {
    steps: all.map((step) => ({ id: textOf(step.id), kind: kindOf(step), text: stepText(step) })),
    arrows: arrows.filter(({ to }) => ids.has(to)),
  };
}

function kindOf(step: Fields): string {
  if (typeof step.kind === 'string') return step.kind;
  return ['externalService', 'assign', 'routeTo', 'if'].find((kind) => kind in step) ?? 'step';
}

function stepText(step: Fields): string {
  switch (kindOf(step)) {
    case 'externalService': {
      const { appName, appType, service, method } = fieldsOf(step.service ?? step.externalService);
      return `${textOf(appName ?? appType)}  ${textOf(service)}.${textOf(method)}`.trim();
    }
    case 'assign':
      return Object.entries(fieldsOf(step.assign))
        .map(([name, value]) => `${name} = ${textOf(value)}`)
        .join(', ');
    default:
      return textOf(step[kindOf(step)]);
  }
}

function arrowsOf(step: Fields, next: Fields | undefined): GraphArrow[] {
  const from = textOf(step.id);
  const arrow = (to: unknown, branch: string, label = ''): GraphArrow[] =>
    typeof to === 'string' && to !== '' ? [{ from, to, branch, label }] : [];
  const on = { ...fieldsOf(step.on), ...step };
  const branches = listOf(step.branches ?? fieldsOf(step.on).response);
  const faults = Object.entries(fieldsOf(on.fault));
  const arrows = [
    ...branches.flatMap(({ name, when, go }, index) =>
      arrow(go, textOf(name ?? `on.response[${index}]`), conditionText(when, index)),
    ),
    ...faults.flatMap(([code, go]) => arrow(go, `on.fault.${code}`, faultText(code, faults.length))),
    ...arrow(on.timeout, 'on.timeout', 'timeout'),
    ...arrow(on.lost, 'on.lost', 'lost'),
    ...arrow(step.then, 'then', 'then'),
    ...arrow(step.else, 'else', 'else'),
    ...arrow(step.go, ''),
  ];
  const goesOn = branches.length === 0 && step.go === undefined && step.then === undefined;
  return goesOn && kindOf(step) !== 'routeTo' ? [...arrows, ...arrow(next?.id, '')] : arrows;
}

const faultText = (code: string, count: number): string =>
  code !== 'other' ? `fault ${code}` : count === 1 ? 'fault' : 'other fault';

/** `Id not empty`, from the file's `{ Id: { empty: false } }` or from conditions that were read. */
function conditionText(when: unknown, index: number): string {
  const conditions = Array.isArray(when)
    ? listOf(when).map(({ subject, operator, operands }) => compared(subjectText(subject), textOf(operator), operands))
    : Object.entries(fieldsOf(when)).flatMap(([subject, test]) => tests(subject, test));
  if (conditions.length > 0) return conditions.join(' and ');
  return index === 0 ? 'response' : 'otherwise';
}

function tests(subject: string, test: unknown): string[] {
  if (typeof test !== 'object') return [compared(subject, 'equals', test)];
  return Object.entries(fieldsOf(test)).map(([operator, operand]) => compared(subject, operator, operand));
}

function subjectText(subject: unknown): string {
  if (typeof subject === 'string') return subject;
  const { name, text, parameter, template } = fieldsOf(subject);
  return textOf(name ?? parameter ?? text ?? template);
}

const SIGNS: Readonly<Record<string, string>> = {
  equals: '=',
  notEquals: '≠',
  oneOf: 'is one of',
  startsWith: 'starts with',
  atLeast: '≥',
  atMost: '≤',
};

function compared(subject: string, operator: string, operand: unknown): string {
  const values = [operand ?? []].flat();
  const value = values.map((one) => textOf(typeof one === 'object' ? one : String(one))).join(', ');
  if (operator === 'empty') return `${subject} ${value === 'false' ? 'not empty' : 'empty'}`;
  return `${subject} ${SIGNS[operator] ?? operator} ${value}`.trim();
}

/** The names of the data that the steps ask for and no step sets: what a run can be given. */
export function dataNames(steps: readonly unknown[]): readonly string[] {
  const all = steps.map(fieldsOf);
  const set = new Set(all.flatMap(({ assign, save }) => [...Object.keys(fieldsOf(assign)), textOf(save)]));
  const named = [...JSON.stringify(all).matchAll(/\{\{\s*([^{}.\s]+)[^{}]*\}\}/g)].map(([, name = '']) => name);
  return [...new Set(named)].filter((name) => !set.has(name));
}
