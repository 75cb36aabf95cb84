import { fill } from './template.js';
import { type DataValues, lookUp, textOf } from './values.js';

/** How a value is compared with one text, or with several. */
interface Comparison {
  holds(text: string, operands: readonly string[]): boolean;
  /** Texts worth trying: such that fit, and such that don't. */
  samples(operands: readonly string[]): string[];
}

const other = (text: string): string => `not ${text}`;

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** Samples on both sides of a bound. */
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

/** The names of a reply's parameters, or of the interaction's data. */
export interface Subject {
  readonly of: 'reply' | 'data';
  readonly name: string;
}

/** One comparison of `when`. */
export interface Condition {
  readonly subject: Subject;
  readonly operator: Operator;
  /** As written, with templates. */
  readonly operands: readonly string[];
}

const operandsOf = ({ operands }: Condition, data: DataValues): string[] =>
  operands.map((operand) => textOf(fill(operand, data)));

/** Whether a reply and the data fit a condition. */
export function holds(condition: Condition, reply: DataValues, data: DataValues): boolean {
  const { subject, operator } = condition;
  const text = textOf(lookUp(subject.of === 'reply' ? reply : data, subject.name));
  return comparisons[operator].holds(text, operandsOf(condition, data));
}

/** DataValues to try for a condition's subject: such that fit it, and such that don't. */
export const samples = (condition: Condition, data: DataValues): string[] =>
  comparisons[condition.operator].samples(operandsOf(condition, data));

/** A condition as people write it. */
export function conditionText({ subject, operator, operands }: Condition): string {
  const name = subject.of === 'reply' ? subject.name : `{{${subject.name}}}`;
  return `${name} ${operator} ${operands.join(', ')}`;
}
