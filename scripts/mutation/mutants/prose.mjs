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

/** Whether a property or variable of this name holds prose. */
export const isProse = (name, value) => ERROR_CODE.test(name) || (NAMES.has(name) && isText(value));

export const isProseArgument = (callee, argument, index) =>
  isText(argument) && (CALLS.has(callee) || (METRICS.has(callee) && index === 1));
