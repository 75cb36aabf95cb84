/** Statements, and the conditional expression. */
export const statements = {
  ExpressionStatement({ expression }, mutation) {
    const isDirective = expression.type === 'StringLiteral';
    if (isDirective) return;
    const isSuper = expression.type === 'CallExpression' && expression.callee.type === 'Super';
    if (!isSuper) mutation.instead(expression, [['statement', 'void 0']]);
    mutation.visit(expression);
  },
  IfStatement: visitBranches,
  ConditionalExpression: visitBranches,
  WhileStatement: visitLoop,
  DoWhileStatement: visitLoop,
  ForStatement({ init, test, update, body }, mutation) {
    if (test) visitCondition(test, ['false'], mutation);
    mutation.visitAll([init, update, body]);
  },
  ForOfStatement: visitItems,
  ForInStatement: visitItems,
};

function visitBranches({ test, consequent, alternate }, mutation) {
  visitCondition(test, ['true', 'false'], mutation);
  mutation.visitAll([consequent, alternate]);
}

function visitLoop({ test, body }, mutation) {
  visitCondition(test, ['false'], mutation);
  mutation.visit(body);
}

function visitItems({ right, body }, mutation) {
  mutation.visitAll([right, body]);
}

function visitCondition(test, values, mutation) {
  const outcomes = values.filter((value) => String(test.value) !== value);
  mutation.instead(
    test,
    outcomes.map((value) => ['condition', value]),
  );
  mutation.visit(test);
}
