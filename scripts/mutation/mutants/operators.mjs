import { isText } from './nodes.mjs';

const COMPARISONS = {
  __proto__: null,
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
};
const ARITHMETIC = {
  __proto__: null,
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '^': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
};
const LOGICAL = { __proto__: null, '&&': '||', '||': '&&', '??': '&&' };
const ASSIGNMENTS = {
  __proto__: null,
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '||=': '&&=',
  '&&=': '||=',
  '??=': '&&=',
};

export const operators = {
  BinaryExpression(node, mutation) {
    const { left, right } = node;
    const sources = [left, right].map((side) => mutation.text.source(side));
    mutation.instead(node, othersOf(node, ...sources));
    mutation.visitAll([left, right]);
  },
  UnaryExpression(node, mutation) {
    const { operator, argument } = node;
    if (operator === 'delete' || operator === 'void') return;
    if (operator === '!') mutation.instead(node, [['negation', mutation.text.source(argument)]]);
    if (operator === '-' && argument.type === 'NumericLiteral')
      mutation.instead(node, [['number', mutation.text.source(argument)]]);
    else mutation.visit(argument);
  },
  UpdateExpression(node, mutation) {
    const other = node.operator === '++' ? '--' : '++';
    const target = mutation.text.source(node.argument);
    mutation.instead(node, [['update', node.prefix ? `${other}${target}` : `${target}${other}`]]);
  },
  AssignmentExpression(node, mutation) {
    const { operator, left, right } = node;
    const other = ASSIGNMENTS[operator];
    if (other !== undefined) {
      mutation.instead(node, [['assignment', `${mutation.text.source(left)} ${other} ${mutation.text.source(right)}`]]);
    }
    mutation.visit(right);
  },
};

function othersOf({ operator, left, right }, leftSource, rightSource) {
  const others = (COMPARISONS[operator] ?? []).map((other) => ['comparison', `${leftSource} ${other} ${rightSource}`]);
  const joins = operator === '+' && (isText(left) || isText(right));
  if (ARITHMETIC[operator] !== undefined && !joins)
    others.push(['arithmetic', `${leftSource} ${ARITHMETIC[operator]} ${rightSource}`]);
  if (LOGICAL[operator] !== undefined)
    others.push(['logical', `(${leftSource}) ${LOGICAL[operator]} (${rightSource})`]);
  return others;
}
