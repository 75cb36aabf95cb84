/** Functions and methods: an empty body replaces theirs. */
import { isBlock, statementsOf } from './nodes.mjs';

const CALLS = ['CallExpression', 'OptionalChainingExpression', 'AwaitExpression', 'NewExpression'];

export const functions = {
  FunctionDeclaration: visitFunction,
  FunctionExpression: visitFunction,
  ArrowFunctionExpression({ params, body }, mutation) {
    mutation.inFunction(() => {
      mutation.visitAll(params);
      if (isBlock(body)) return visitBody(body, mutation);
      if (CALLS.includes(body.type)) mutation.instead(body, [['function', 'undefined']]);
      mutation.visit(body);
    });
  },
  MethodProperty: visitMethodProperty,
  GetterProperty: visitMethodProperty,
  SetterProperty: visitMethodProperty,
  ClassMethod(node, mutation) {
    mutation.visitKey(node.key);
    mutation.visitAll(node.function.decorators ?? []);
    visitFunction(node.function, mutation);
  },
  PrivateMethod(node, mutation) {
    visitFunction(node.function, mutation);
  },
  Constructor({ params, body }, mutation) {
    mutation.inFunction(() => {
      mutation.visitAll(params);
      if (body) mutation.visitAll(statementsOf(body));
    });
  },
  Parameter({ decorators, pat }, mutation) {
    mutation.visitAll([...(decorators ?? []), pat]);
  },
};

function visitMethodProperty(node, mutation) {
  mutation.visitKey(node.key);
  visitFunction(node, mutation);
}

function visitFunction({ params, body }, mutation) {
  mutation.inFunction(() => {
    mutation.visitAll(params ?? []);
    if (body) visitBody(body, mutation);
  });
}

function visitBody(body, mutation) {
  const inside = statementsOf(body);
  const [only] = inside;
  // The mutants of a single statement cover the body.
  if (inside.length > 1 || (only !== undefined && only.type !== 'ExpressionStatement')) {
    const id = mutation.add(body, 'function', '{}');
    mutation.text.insertIn(body, `if($mutant(${id}))return;`);
  }
  mutation.visitAll(inside);
}
