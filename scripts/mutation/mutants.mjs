/**
 * Finds the mutants of a source, and writes them all into one text, each behind a switch:
 * `a < b` becomes `($mutant(7)?a <= b:$mutant(8)?a >= b:(a < b))`. One text serves all mutants of a file.
 */
import { parseSync } from '@swc/core';

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

/** The string arguments of these are prose: a test would only repeat them. `Option` is commander's class. */
const PROSE_CALLS = new Set([
  'Option',
  'describe',
  'description',
  'summary',
  'addHelpText',
  'option',
  'requiredOption',
  'argument',
]);
const PROSE_KEYS = new Set(['description', 'summary', 'help', 'title']);
/** Tables of error codes hold sentences for docs/reference/errors.md. */
const ERROR_CODE = /^ESP_[A-Z_]+$/;

/** The text with its mutants, numbered from `first`, and their list. `fixed` mutants take effect when the module is loaded. */
export function mutate(text, { tsx = false, first = 0 } = {}) {
  return new Mutation(text, tsx, first).result();
}

class Mutation {
  /** One character per byte, as swc counts. */
  #bytes;
  #first;
  #edits = [];
  #mutants = [];
  #lines;
  /** How many functions enclose the current node. */
  #depth = 0;

  constructor(text, tsx, first) {
    this.#bytes = Buffer.from(text).toString('latin1');
    this.#first = first;
    // swc's offsets start at that of the first statement.
    const { body } = parseSync(`;${text}`, { syntax: 'typescript', tsx, decorators: true, target: 'es2023' });
    this.base = body[0].span.start + 1;
    for (const statement of body.slice(1)) this.#visit(statement);
  }

  result() {
    const edits = this.#edits.toSorted((a, b) => a.start - b.start || b.end - a.end || a.order - b.order);
    const written = this.#written(0, this.#bytes.length, edits);
    return { text: Buffer.from(written, 'latin1').toString(), mutants: this.#mutants };
  }

  #written(start, end, edits) {
    let out = '';
    let at = start;
    for (let i = 0; i < edits.length; ) {
      const edit = edits[i];
      let next = i + 1;
      while (next < edits.length && edits[next].start < edit.end) next++;
      const inside = edits.slice(i + 1, next);
      out += this.#bytes.slice(at, edit.start) + edit.write(this.#written(edit.start, edit.end, inside));
      at = edit.end;
      i = next;
    }
    return out + this.#bytes.slice(at, end);
  }

  #source({ span }) {
    return this.#bytes.slice(span.start - this.base, span.end - this.base);
  }

  #mutant(node, kind, to, from = this.#source(node)) {
    const id = this.#first + this.#mutants.length;
    const line = this.#lineOf(node.span.start - this.base);
    const utf8 = (latin1) => Buffer.from(latin1, 'latin1').toString();
    this.#mutants.push({ id, line, kind, from: utf8(from), to: utf8(to), fixed: this.#depth === 0 });
    return id;
  }

  #lineOf(offset) {
    this.#lines ??= [...this.#bytes.matchAll(/\n/g)].map(({ index }) => index);
    const line = this.#lines.findIndex((end) => end >= offset);
    return (line === -1 ? this.#lines.length : line) + 1;
  }

  /** Adds `others` as replacements of the expression `node`. */
  #instead(node, others) {
    if (others.length === 0) return;
    const cases = others.map(([kind, to]) => `$mutant(${this.#mutant(node, kind, to)})?(${to}):`).join('');
    this.#edit(node.span.start - this.base, node.span.end - this.base, (own) => `(${cases}(${own}))`);
  }

  #edit(start, end, write) {
    this.#edits.push({ start, end, write, order: this.#edits.length });
  }

  #visitAll(nodes) {
    for (const node of nodes) if (node) this.#visit(node);
  }

  #visit(node) {
    const visitor = this[node.type];
    if (visitor !== undefined) return visitor.call(this, node);
    if (node.type.startsWith('Ts')) return;
    this.#children(node);
  }

  #children(node) {
    for (const value of Object.values(node)) {
      if (typeof value !== 'object' || value === null) continue;
      if (Array.isArray(value)) {
        for (const item of value) {
          if (typeof item?.type === 'string') this.#visit(item);
          // An argument, or an element of an array.
          else if (typeof item?.expression?.type === 'string') this.#visit(item.expression);
          else if (typeof item?.pat?.type === 'string') this.#visit(item.pat);
        }
      } else if (typeof value.type === 'string') this.#visit(value);
      else if (typeof value.expression?.type === 'string') this.#visit(value.expression);
    }
  }

  // Nothing to change in these.
  ImportDeclaration() {}
  ExportNamedDeclaration() {}
  ExportAllDeclaration() {}
  TsInterfaceDeclaration() {}
  JSXText() {}

  // Type annotations around expressions.
  TsAsExpression(node) {
    this.#visit(node.expression);
  }
  TsConstAssertion(node) {
    this.#visit(node.expression);
  }
  TsSatisfiesExpression(node) {
    this.#visit(node.expression);
  }
  TsNonNullExpression(node) {
    this.#visit(node.expression);
  }
  TsParameterProperty(node) {
    this.#visit(node.param);
  }

  // Names and targets.
  KeyValueProperty(node) {
    this.#key(node.key);
    if (ERROR_CODE.test(node.key.value) || (PROSE_KEYS.has(node.key.value) && isText(node.value))) return;
    this.#visit(node.value);
  }
  ClassProperty(node) {
    if (node.declare) return;
    this.#key(node.key);
    this.#visitAll(node.decorators ?? []);
    this.#propertyValue(node);
  }
  PrivateProperty(node) {
    this.#propertyValue(node);
  }
  #propertyValue(node) {
    if (!node.value) return;
    if (node.isStatic) this.#visit(node.value);
    else this.#inFunction(() => this.#visit(node.value));
  }
  MethodProperty(node) {
    this.#key(node.key);
    this.#function(node);
  }
  GetterProperty(node) {
    this.#key(node.key);
    this.#function(node);
  }
  SetterProperty(node) {
    this.GetterProperty(node);
  }
  KeyValuePatternProperty(node) {
    this.#key(node.key);
    this.#visit(node.value);
  }
  #key(key) {
    if (key.type === 'Computed') this.#visit(key.expression);
  }
  AssignmentPattern(node) {
    this.#visitAll([node.left, node.right]);
  }
  Decorator({ expression }) {
    if (expression.type === 'CallExpression') this.#arguments(expression);
  }
  TaggedTemplateExpression(node) {
    this.#visitAll(node.template.expressions);
  }
  JSXAttribute({ value }) {
    if (value?.type === 'JSXExpressionContainer') this.#visit(value.expression);
  }
  MetaProperty() {}

  // Literals.
  StringLiteral(node) {
    this.#instead(node, [['string', node.value === '' ? '"mutant"' : '""']]);
  }
  TemplateLiteral(node) {
    this.#instead(node, [['string', '``']]);
    this.#visitAll(node.expressions);
  }
  BooleanLiteral(node) {
    this.#instead(node, [['boolean', String(!node.value)]]);
  }
  NumericLiteral(node) {
    this.#instead(node, [['number', node.value <= 64 ? String(node.value + 1) : '0']]);
  }
  BigIntLiteral(node) {
    this.#instead(node, [['number', `(${this.#source(node)}+1n)`]]);
  }
  RegExpLiteral(node) {
    this.#instead(
      node,
      regExpMutants(node.pattern, node.flags).map((to) => ['regexp', to]),
    );
  }
  ArrayExpression(node) {
    if (node.elements.length > 0) this.#instead(node, [['array', '[]']]);
    this.#children(node);
  }
  ObjectExpression(node) {
    if (node.properties.length > 0) this.#instead(node, [['object', '{}']]);
    this.#children(node);
  }

  // Operators.
  BinaryExpression(node) {
    const { operator, left, right } = node;
    const whole = (other) => `${this.#source(left)} ${other} ${this.#source(right)}`;
    const joins = operator === '+' && (isText(left) || isText(right));
    const others = [
      ...(COMPARISONS[operator] ?? []).map((other) => ['comparison', whole(other)]),
      ...(ARITHMETIC[operator] === undefined || joins ? [] : [['arithmetic', whole(ARITHMETIC[operator])]]),
    ];
    if (LOGICAL[operator] !== undefined) {
      const bracketed = `(${this.#source(left)}) ${LOGICAL[operator]} (${this.#source(right)})`;
      others.push(['logical', bracketed]);
    }
    this.#instead(node, others);
    this.#visitAll([left, right]);
  }
  UnaryExpression(node) {
    if (node.operator === 'delete' || node.operator === 'void') return;
    if (node.operator === '!') this.#instead(node, [['negation', this.#source(node.argument)]]);
    if (node.operator === '-' && node.argument.type === 'NumericLiteral') {
      this.#instead(node, [['number', this.#source(node.argument)]]);
      return;
    }
    this.#visit(node.argument);
  }
  UpdateExpression(node) {
    const other = node.operator === '++' ? '--' : '++';
    const target = this.#source(node.argument);
    this.#instead(node, [['update', node.prefix ? `${other}${target}` : `${target}${other}`]]);
  }
  AssignmentExpression(node) {
    const other = ASSIGNMENTS[node.operator];
    if (other !== undefined) {
      this.#instead(node, [['assignment', `${this.#source(node.left)} ${other} ${this.#source(node.right)}`]]);
    }
    this.#visit(node.right);
  }
  ConditionalExpression(node) {
    this.#condition(node.test, ['true', 'false']);
    this.#visitAll([node.consequent, node.alternate]);
  }

  // Calls and chains. A callee keeps its `this`, and a chain still short-circuits at `?.`.
  CallExpression(node) {
    this.#chain(node);
  }
  MemberExpression(node) {
    this.#chain(node);
  }
  OptionalChainingExpression(node) {
    this.#chain(node);
  }
  NewExpression(node) {
    this.#arguments(node);
  }
  #chain(node) {
    const links = linksOf(node);
    const optional = links.some(({ type }) => type === 'OptionalChainingExpression');
    if (optional) this.#instead(node, this.#withoutOptional(node, links));
    for (const [index, link] of links.entries()) {
      if (link.type === 'CallExpression') {
        if (!optional || index === 0) this.#instead(link, this.#otherCalls(link));
        this.#arguments(link);
      } else if (link.type === 'MemberExpression') this.#key(link.property);
    }
    const [start] = [baseOf(links.at(-1))];
    if (start.type !== 'Super' && start.type !== 'Import') this.#visit(start);
  }
  /** Each `?.` of the chain as `.` */
  #withoutOptional(node, links) {
    const start = node.span.start - this.base;
    const whole = this.#source(node);
    return links
      .filter(({ type, optional }) => type === 'OptionalChainingExpression' && optional)
      .map(({ base }) => {
        const at = whole.indexOf('?.', inner(base).span.end - this.base - start);
        const plain = base.type === 'MemberExpression' && base.property.type !== 'Computed' ? '.' : '';
        return ['optional', whole.slice(0, at) + plain + whole.slice(at + 2)];
      });
  }
  #otherCalls(call) {
    const { callee } = call;
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return [];
    const name = callee.property.value;
    const object = this.#source(callee.object);
    const behind = this.#bytes.slice(callee.property.span.end - this.base, call.span.end - this.base);
    if (OTHER_METHODS[name] !== undefined) return [['method', `${object}.${OTHER_METHODS[name]}${behind}`]];
    return LEFT_OUT_METHODS.has(name) ? [['method', object]] : [];
  }
  #arguments(call) {
    const name = call.callee?.property?.value ?? call.callee?.value;
    if (call.callee?.type === 'Import') return;
    for (const { expression } of call.arguments ?? []) {
      if (PROSE_CALLS.has(name) && isText(expression)) continue;
      this.#visit(expression);
    }
  }

  // Statements.
  ExpressionStatement({ expression }) {
    const isSuper = expression.type === 'CallExpression' && expression.callee.type === 'Super';
    const isDirective = expression.type === 'StringLiteral';
    if (isDirective) return;
    if (!isSuper) this.#instead(expression, [['statement', 'void 0']]);
    this.#visit(expression);
  }
  IfStatement(node) {
    this.#condition(node.test, ['true', 'false']);
    this.#visitAll([node.consequent, node.alternate]);
  }
  WhileStatement(node) {
    this.#condition(node.test, ['false']);
    this.#visit(node.body);
  }
  DoWhileStatement(node) {
    this.WhileStatement(node);
  }
  ForStatement(node) {
    if (node.test) this.#condition(node.test, ['false']);
    this.#visitAll([node.init, node.update, node.body]);
  }
  ForOfStatement(node) {
    this.#visitAll([node.right, node.body]);
  }
  ForInStatement(node) {
    this.#visitAll([node.right, node.body]);
  }
  #condition(test, values) {
    const outcomes = values.filter((value) => String(test.value) !== value);
    this.#instead(
      test,
      outcomes.map((value) => ['condition', value]),
    );
    this.#visit(test);
  }

  #inFunction(visit) {
    this.#depth++;
    visit();
    this.#depth--;
  }

  // A function body is replaced by nothing.
  FunctionDeclaration(node) {
    this.#function(node);
  }
  FunctionExpression(node) {
    this.#function(node);
  }
  ArrowFunctionExpression(node) {
    const call = ['CallExpression', 'OptionalChainingExpression', 'AwaitExpression', 'NewExpression'];
    this.#inFunction(() => {
      this.#visitAll(node.params);
      if (isBlock(node.body)) return this.#body(node.body);
      if (call.includes(node.body.type)) this.#instead(node.body, [['function', 'undefined']]);
      this.#visit(node.body);
    });
  }
  ClassMethod(node) {
    this.#key(node.key);
    this.#visitAll(node.function.decorators ?? []);
    this.#function(node.function);
  }
  PrivateMethod(node) {
    this.#function(node.function);
  }
  Constructor(node) {
    this.#inFunction(() => {
      this.#visitAll(node.params);
      if (node.body) this.#visitAll(statementsOf(node.body));
    });
  }
  Parameter(node) {
    this.#visitAll([...(node.decorators ?? []), node.pat]);
  }
  #function(node) {
    this.#inFunction(() => {
      this.#visitAll(node.params ?? []);
      if (node.body) this.#body(node.body);
    });
  }
  #body(body) {
    const statements = statementsOf(body);
    const [only] = statements;
    // The mutants of a single statement cover the body.
    if (statements.length > 1 || (only !== undefined && only.type !== 'ExpressionStatement')) {
      const id = this.#mutant(body, 'function', '{}');
      const at = body.span.start - this.base + 1;
      this.#edit(at, at, () => `if($mutant(${id}))return;`);
    }
    this.#visitAll(statements);
  }
}

const statementsOf = (body) => body.stmts ?? body.statements;
const isBlock = ({ type }) => type === 'BlockStatement' || type === 'FunctionBody';
const isText = ({ type }) => type === 'StringLiteral' || type === 'TemplateLiteral';

/** The callee of a call, or the object of a member. */
const inner = (link) => {
  if (link.type === 'CallExpression') return link.callee;
  return link.type === 'MemberExpression' ? link.object : link;
};
const baseOf = (link) => bare(inner(link));

function bare(node) {
  return node.type === 'TsNonNullExpression' ? bare(node.expression) : node;
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
    at = baseOf(at);
  }
}

/** Small changes of a regular expression that are still valid. */
export function regExpMutants(pattern, flags) {
  const others = [];
  const replace = (at, length, by) => others.push(pattern.slice(0, at) + by + pattern.slice(at + length));
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') {
      const next = pattern[at + 1];
      if (/[dDsSwW]/.test(next))
        replace(at + 1, 1, next === next.toLowerCase() ? next.toUpperCase() : next.toLowerCase());
      at++;
    } else if (inClass) {
      if (character === ']') inClass = false;
    } else if (character === '[') {
      inClass = true;
      if (pattern[at + 1] === '^') replace(at + 1, 1, '');
      else replace(at + 1, 0, '^');
    } else if (character === '^' || character === '$') replace(at, 1, '');
    else if ((character === '+' || character === '*') && pattern[at - 1] !== '(') replace(at, 1, '');
  }
  return others.filter((other) => other !== '' && isRegExp(other, flags)).map((other) => `/${other}/${flags}`);
}

function isRegExp(pattern, flags) {
  try {
    return new RegExp(pattern, flags) !== undefined;
  } catch {
    return false;
  }
}
