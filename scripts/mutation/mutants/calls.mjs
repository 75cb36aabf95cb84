/** Calls and chains. A callee keeps its `this`, and a chain still short-circuits at `?.`. */
import { withoutBang } from './nodes.mjs';
import { isProseArgument } from './prose.mjs';

const OTHER_METHODS = {
  __proto__: null,
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  toUpperCase: 'toLowerCase',
  toLowerCase: 'toUpperCase',
};
const LEFT_OUT_METHODS = new Set(['filter', 'slice', 'trim', 'trimEnd', 'sort', 'toSorted', 'reverse', 'toReversed']);

export const calls = {
  CallExpression: visitChain,
  MemberExpression: visitChain,
  OptionalChainingExpression: visitChain,
  NewExpression: visitArguments,
  Decorator({ expression }, mutation) {
    if (expression.type !== 'CallExpression') return;
    mutation.inDecorator(expression.callee.value, () => visitArguments(expression, mutation));
  },
};

function visitChain(node, mutation) {
  const links = linksOf(node);
  const optional = links.some(({ type }) => type === 'OptionalChainingExpression');
  if (optional) mutation.instead(node, withoutOptional(node, links, mutation));
  for (const [index, link] of links.entries()) {
    if (link.type === 'CallExpression') {
      if (!optional || index === 0) mutation.instead(link, otherCalls(link, mutation));
      visitArguments(link, mutation);
    } else if (link.type === 'MemberExpression') mutation.visitKey(link.property);
  }
  const start = startOf(links.at(-1));
  if (start.type !== 'Super' && start.type !== 'Import') mutation.visit(start);
}

function visitArguments(call, mutation) {
  if (call.callee?.type === 'Import') return;
  const name = call.callee?.property?.value ?? call.callee?.value;
  for (const [index, { expression }] of (call.arguments ?? []).entries()) {
    if (!isProseArgument(name, expression, index)) mutation.visit(expression);
  }
}

/** Each `?.` of the chain as `.` */
function withoutOptional(node, links, mutation) {
  const whole = mutation.text.source(node);
  return links
    .filter(({ type, optional }) => type === 'OptionalChainingExpression' && optional)
    .map(({ base }) => {
      const at = whole.indexOf('?.', inner(base).span.end - node.span.start);
      const plain = base.type === 'MemberExpression' && base.property.type !== 'Computed' ? '.' : '';
      return ['optional', whole.slice(0, at) + plain + whole.slice(at + 2)];
    });
}

function otherCalls(call, mutation) {
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return [];
  const name = callee.property.value;
  const object = mutation.text.source(callee.object);
  if (LEFT_OUT_METHODS.has(name)) return [['method', object]];
  if (OTHER_METHODS[name] === undefined) return [];
  const behind = mutation.text.source({ span: { start: callee.property.span.end, end: call.span.end } });
  return [['method', `${object}.${OTHER_METHODS[name]}${behind}`]];
}

/** The calls, members and `?.` of a chain, from its end to its start, up to `super` or `import()`. */
function linksOf(node) {
  const links = [];
  for (let at = node; ; ) {
    if (at.type === 'OptionalChainingExpression') {
      links.push(at);
      at = at.base;
    }
    if (at.type !== 'CallExpression' && at.type !== 'MemberExpression') return links;
    links.push(at);
    at = startOf(at);
  }
}

const startOf = (link) => withoutBang(inner(link));

/** The callee of a call, or the object of a member. */
function inner(link) {
  if (link.type === 'CallExpression') return link.callee;
  return link.type === 'MemberExpression' ? link.object : link;
}
