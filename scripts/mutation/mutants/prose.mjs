/** Prose: a test would only repeat it. */
import { isText } from './nodes.mjs';

/** Calls whose texts are prose. `Option` is commander's class. */
const CALLS = new Set([
  'Option',
  'describe',
  'description',
  'summary',
  'addHelpText',
  'option',
  'requiredOption',
  'argument',
]);
/** Their second argument is the help text of a metric. */
const METRICS = new Set(['counter', 'gauge', 'histogram']);
const NAMES = new Set(['description', 'summary', 'help', 'title']);
/** Tables of error codes hold sentences for docs/reference/errors.md. */
const ERROR_CODE = /^ESP_[A-Z_]+$/;

/** Whether a property of this name holds prose. */
export const isProse = (name, value) => ERROR_CODE.test(name) || (NAMES.has(name) && isWording(value));

export const isProseVariable = (name, value, helpVariables) =>
  isProse(name, value) || (helpVariables.has(name) && isWording(value));

export const isProseArgument = (callee, argument, index) =>
  isWording(argument) && (CALLS.has(callee) || (METRICS.has(callee) && index === 1));

/** Whether an option of `@EspMethod` is prose. */
export const isProseOption = (decorator, name, value) =>
  decorator === 'EspMethod' && name === 'warning' && isWording(value);

/** A text, or several joined by `+`. */
const isWording = (node) =>
  isText(node) ||
  (node.type === 'BinaryExpression' && node.operator === '+' && [node.left, node.right].every(isWording));

/** The names of the variables that a tree passes as help texts of metrics, or as parts of them. */
export function helpVariables(tree) {
  const names = new Set();
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return;
    if (node.type === 'CallExpression' && METRICS.has(node.callee.property?.value)) {
      const help = node.arguments[1]?.expression;
      for (const part of [help, ...(help?.expressions ?? [])]) if (part?.type === 'Identifier') names.add(part.value);
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(tree);
  return names;
}
