import { fill } from './template.js';
import { type DataValues, lookUp, textOf } from './values.js';

/** Compares a value with one or more operands. */
interface Comparison {
  holds(text: string, operands: readonly string[]): boolean;
  /** Sample texts that match and that do not. */
  samples(operands: readonly string[]): string[];
}

const other = (text: string): string => `not ${text}`;

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** Samples below, at and above a bound. */
const around = ([bound]: readonly string[]): string[] => [-1, 0, 1].map((step) => String(Number(bound) + step));

const comparisons = {
  empty: {
    holds: (text, [wanted]) => (text === '') === (wanted === 'true'),
    samples: () => ['anything', ''],
  },
  equals: {
    holds: (text, [operand]) => text === operand,
    samples: ([operand = '']) => [operand, other(operand)],
  },
  notEquals: {
    holds: (text, [operand]) => text !== operand,
    samples: ([operand = '']) => [other(operand), operand],
  },
  oneOf: {
    holds: (text, operands) => operands.includes(text),
    samples: (operands) => [...operands, other(operands.join(' or '))],
  },
  startsWith: {
    holds: (text, [operand = '']) => text.startsWith(operand),
    samples: ([operand = '']) => [operand, ''],
  },
  atLeast: {
    holds: (text, [bound]) => isNumber(text) && Number(text) >= Number(bound),
    samples: around,
  },
  atMost: {
    holds: (text, [bound]) => isNumber(text) && Number(text) <= Number(bound),
    samples: around,
  },
} as const satisfies Record<string, Comparison>;

export type Operator = keyof typeof comparisons;

/** A parameter of the reply, or a name in the interaction's data. */
export interface Subject {
  readonly of: 'reply' | 'data';
  readonly name: string;
}

/** One comparison of `when`. */
export interface Condition {
  readonly subject: Subject;
  readonly operator: Operator;
  /** May contain templates. */
  readonly operands: readonly string[];
}

const operandsOf = ({ operands }: Condition, data: DataValues): string[] =>
  operands.map((operand) => textOf(fill(operand, data)));

/** Whether a condition holds for a reply and the data. */
export function holds(condition: Condition, reply: DataValues, data: DataValues): boolean {
  const { subject, operator } = condition;
  const text = textOf(lookUp(subject.of === 'reply' ? reply : data, subject.name));
  return comparisons[operator].holds(text, operandsOf(condition, data));
}

/** Sample values of a condition's subject that match and that do not. */
export const samples = (condition: Condition, data: DataValues): string[] =>
  comparisons[condition.operator].samples(operandsOf(condition, data));

/** Formats a condition for display. */
export function conditionText({ subject, operator, operands }: Condition): string {
  const name = subject.of === 'reply' ? subject.name : `{{${subject.name}}}`;
  return `${name} ${operator} ${operands.join(', ')}`;
}
