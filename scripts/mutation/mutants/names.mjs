/** Names, types and targets: only what is computed in them has mutants. */
import { isProse, isProseOption, isProseVariable } from './prose.mjs';

const nothing = () => undefined;
const itsExpression = ({ expression }, mutation) => mutation.visit(expression);

export const names = {
  ImportDeclaration: nothing,
  ExportNamedDeclaration: nothing,
  ExportAllDeclaration: nothing,
  TsInterfaceDeclaration: nothing,
  JSXText: nothing,
  MetaProperty: nothing,
  TsAsExpression: itsExpression,
  TsConstAssertion: itsExpression,
  TsSatisfiesExpression: itsExpression,
  TsNonNullExpression: itsExpression,
  TsParameterProperty({ param }, mutation) {
    mutation.visit(param);
  },
  KeyValueProperty({ key, value }, mutation) {
    mutation.visitKey(key);
    if (isProse(key.value, value) || isProseOption(mutation.decorator, key.value, value)) return;
    mutation.visit(value);
  },
  KeyValuePatternProperty({ key, value }, mutation) {
    mutation.visitKey(key);
    mutation.visit(value);
  },
  ClassProperty(node, mutation) {
    if (node.declare) return;
    mutation.visitKey(node.key);
    mutation.visitAll(node.decorators ?? []);
    visitPropertyValue(node, mutation);
  },
  PrivateProperty: visitPropertyValue,
  VariableDeclarator({ id, init }, mutation) {
    mutation.visit(id);
    if (init && !isProseVariable(id.value, init, mutation.helpVariables)) mutation.visit(init);
  },
  AssignmentPattern({ left, right }, mutation) {
    mutation.visitAll([left, right]);
  },
  JSXAttribute({ value }, mutation) {
    if (value?.type === 'JSXExpressionContainer') mutation.visit(value.expression);
  },
};

function visitPropertyValue({ value, isStatic }, mutation) {
  if (!value) return;
  if (isStatic) mutation.visit(value);
  else mutation.inFunction(() => mutation.visit(value));
}
