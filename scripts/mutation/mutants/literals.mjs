import { isProse } from './prose.mjs';
import { otherRegExps } from './regexps.mjs';

export const literals = {
  StringLiteral(node, mutation) {
    mutation.instead(node, [['string', node.value === '' ? '"mutant"' : '""']]);
  },
  TemplateLiteral(node, mutation) {
    mutation.instead(node, [['string', '``']]);
    mutation.visitAll(node.expressions);
  },
  TaggedTemplateExpression({ template }, mutation) {
    mutation.visitAll(template.expressions);
  },
  BooleanLiteral(node, mutation) {
    mutation.instead(node, [['boolean', String(!node.value)]]);
  },
  NumericLiteral(node, mutation) {
    mutation.instead(node, [['number', node.value <= 64 ? String(node.value + 1) : '0']]);
  },
  BigIntLiteral(node, mutation) {
    mutation.instead(node, [['number', `(${mutation.text.source(node)}+1n)`]]);
  },
  RegExpLiteral(node, mutation) {
    const others = otherRegExps(node.pattern, node.flags);
    mutation.instead(
      node,
      others.map((to) => ['regexp', to]),
    );
  },
  ArrayExpression(node, mutation) {
    if (node.elements.length > 0) mutation.instead(node, [['array', '[]']]);
    mutation.visitChildren(node);
  },
  ObjectExpression(node, mutation) {
    if (!node.properties.every(isProseProperty)) mutation.instead(node, [['object', '{}']]);
    mutation.visitChildren(node);
  },
};

const isProseProperty = ({ key, value }) => key !== undefined && value !== undefined && isProse(key.value, value);
