/**
 * Finds the mutants of a source, and writes them all into one text, each behind a switch:
 * `a < b` becomes `($mutant(7)?a <= b:$mutant(8)?a >= b:(a < b))`. One text serves all mutants of a file.
 */
import { parseSync } from '@swc/core';
import { calls } from './calls.mjs';
import { functions } from './functions.mjs';
import { literals } from './literals.mjs';
import { names } from './names.mjs';
import { operators } from './operators.mjs';
import { helpVariables } from './prose.mjs';
import { statements } from './statements.mjs';
import { MutatedText } from './text.mjs';

/** Type of a node -> what adds its mutants, `(node, mutation) => void`. Other nodes only have those of their children. */
const VISITORS = { __proto__: null, ...names, ...literals, ...operators, ...calls, ...statements, ...functions };

/** The text with its mutants, numbered from `first`, and their list. `fixed` mutants take effect when the module is loaded. */
export function mutate(text, { tsx = false, first = 0 } = {}) {
  // swc's offsets start at that of the first statement.
  const { body } = parseSync(`;${text}`, { syntax: 'typescript', tsx, decorators: true, target: 'es2023' });
  const [start, ...rest] = body;
  const mutated = new MutatedText(text, start.span.start + 1, first);
  new Mutation(mutated, helpVariables(rest)).visitAll(rest);
  return { text: mutated.toString(), mutants: mutated.mutants };
}

/** Walks through a syntax tree. */
class Mutation {
  /** How many functions enclose the current node. */
  #depth = 0;
  /** The name of the decorator whose arguments are visited. */
  decorator;

  /** @param helpVariables the names of the variables that hold help texts of metrics */
  constructor(text, helpVariables) {
    this.text = text;
    this.helpVariables = helpVariables;
  }

  /** Adds a mutant of a node. @returns its id */
  add(node, kind, to) {
    return this.text.add(node, kind, to, this.#depth === 0);
  }

  /** Adds `others` as replacements of the expression `node`. */
  instead(node, others) {
    if (others.length === 0) return;
    const cases = others.map(([kind, to]) => `$mutant(${this.add(node, kind, to)})?(${to}):`).join('');
    this.text.replace(node, (own) => `(${cases}(${own}))`);
  }

  visit(node) {
    const visitor = VISITORS[node.type];
    if (visitor !== undefined) return visitor(node, this);
    if (!node.type.startsWith('Ts')) this.visitChildren(node);
  }

  visitAll(nodes) {
    for (const node of nodes) if (node) this.visit(node);
  }

  /** Visits the name of a property, which may be computed. */
  visitKey(key) {
    if (key.type === 'Computed') this.visit(key.expression);
  }

  /** Visits what is in a function. */
  inFunction(visit) {
    this.#depth++;
    visit();
    this.#depth--;
  }

  /** Visits the arguments of a decorator. */
  inDecorator(name, visit) {
    this.decorator = name;
    visit();
    this.decorator = undefined;
  }

  visitChildren(node) {
    for (const value of Object.values(node)) {
      if (typeof value !== 'object' || value === null) continue;
      if (Array.isArray(value)) {
        for (const item of value) {
          if (typeof item?.type === 'string') this.visit(item);
          // An argument, or an element of an array.
          else if (typeof item?.expression?.type === 'string') this.visit(item.expression);
          else if (typeof item?.pat?.type === 'string') this.visit(item.pat);
        }
      } else if (typeof value.type === 'string') this.visit(value);
      else if (typeof value.expression?.type === 'string') this.visit(value.expression);
    }
  }
}
