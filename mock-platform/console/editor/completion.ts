import { isMap, isPair, isScalar, isSeq, type Node, parseDocument, visit, type YAMLMap } from 'yaml';
import type { JsonSchema } from '../api/types.js';

/** What can be written at a place of a YAML file. */
export interface Completion {
  readonly label: string;
  readonly detail?: string;
  readonly info?: string;
  /** The text to insert; the caret goes to its end. */
  readonly insert: string;
}

export interface Completions {
  /** The offset of the word that a completion replaces. */
  readonly from: number;
  readonly options: readonly Completion[];
}

const WORD_CHARACTER = /[\w-]/;
/** A name that no file has. */
const CARET = 'caret__2f1';

/** The keys and values that a schema allows at an offset of a text. */
export function completionsAt(text: string, offset: number, schema: JsonSchema): Completions | undefined {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const before = line.slice(0, startOfWord(line));
  const word = line.slice(before.length);
  const from = offset - word.length;
  const rest = text.slice(offset).replace(/^[\w-]*:?/, '');
  const isKey = /^\s*(?:- +)*$/.test(before) || /[{,]\s*$/.test(before);
  if (!isKey && !/:\s+$/.test(before)) return undefined;
  const found = placeOf(`${text.slice(0, from)}${CARET}${isKey ? ': ' : ''}${rest}`);
  if (found === undefined) return undefined;
  const at = found.path.reduce<readonly JsonSchema[]>((schemas, key) => inside(schemas, key, schema), [schema]);
  const schemas = at.flatMap((one) => alternatives(one, schema));
  const options = isKey ? keysOf(schemas, found.siblings, indentOf(before), schema) : valuesOf(schemas);
  return options.length === 0 ? undefined : { from, options };
}

interface Place {
  /** Of the map that has the key, or of the value. Items of a list are numbers. */
  readonly path: readonly (string | number)[];
  readonly siblings: ReadonlySet<string>;
}

/** The place of CARET. */
function placeOf(text: string): Place | undefined {
  let found: Place | undefined;
  visit(parseDocument(text, { prettyErrors: false }), {
    Scalar: (key, node, ancestors) => {
      if (node.value !== CARET) return undefined;
      const path = pathOf([...ancestors, node]);
      const map = ancestors.findLast((one) => isMap(one)) as YAMLMap | undefined;
      const names = (map?.items ?? []).map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''));
      found = { path: key === 'key' ? path.slice(0, -1) : path, siblings: new Set(names) };
      return visit.BREAK;
    },
  });
  return found;
}

/** The path of the last of these nodes, each of which contains the next. */
const pathOf = (nodes: readonly unknown[]): (string | number)[] =>
  nodes.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ''];
    return isSeq(node) ? [node.items.indexOf(nodes[index + 1] as Node)] : [];
  });

/** The schemas of a key or an item. */
function inside(schemas: readonly JsonSchema[], key: string | number, root: JsonSchema): readonly JsonSchema[] {
  return schemas
    .flatMap((schema) => alternatives(schema, root))
    .flatMap(({ properties, additionalProperties, items }) => {
      if (typeof key === 'number') return items === undefined ? [] : [items];
      const property = Object.hasOwn(properties ?? {}, key) ? properties?.[key] : undefined;
      if (property !== undefined) return [property];
      return typeof additionalProperties === 'object' ? [additionalProperties] : [];
    });
}

/** The schema and its parts, without references. Deeper ones than any file has end. */
function alternatives(schema: JsonSchema, root: JsonSchema, depth = 0): readonly JsonSchema[] {
  if (depth > 8) return [];
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema;
  const referred = $ref === undefined ? undefined : root.$defs?.[$ref.replace('#/$defs/', '')];
  const parts = [...anyOf, ...oneOf, ...allOf, ...(referred === undefined ? [] : [referred])];
  return [schema, ...parts.flatMap((part) => alternatives(part, root, depth + 1))];
}

function keysOf(
  schemas: readonly JsonSchema[],
  siblings: ReadonlySet<string>,
  indent: string | undefined,
  root: JsonSchema,
): readonly Completion[] {
  const keys = schemas.flatMap(({ properties = {} }) => Object.entries(properties));
  const required = new Set(schemas.flatMap((schema) => schema.required ?? []));
  return keys
    .filter(([name], index) => !siblings.has(name) && keys.findIndex(([other]) => other === name) === index)
    .map(([name, property]) => {
      const types = typesOf(property, root);
      return {
        label: name,
        detail: [types.join(' or '), required.has(name) ? 'required' : ''].filter(Boolean).join(', '),
        ...(property.description === undefined ? {} : { info: property.description }),
        insert: `${name}:${afterKey(types, indent)}`,
      };
    });
}

/** In a flow mapping, everything stays on the line. */
function afterKey(types: readonly string[], indent: string | undefined): string {
  if (indent === undefined || types.length !== 1) return ' ';
  if (types[0] === 'object') return `\n${indent}  `;
  return types[0] === 'array' ? `\n${indent}  - ` : ' ';
}

function typesOf(schema: JsonSchema, root: JsonSchema): string[] {
  const types = alternatives(schema, root).flatMap(
    ({ type, const: value }) => type ?? (value === undefined ? [] : [typeof value]),
  );
  return [...new Set(types.flat())];
}

/** The indentation of the keys; undefined in a flow mapping. */
const indentOf = (before: string): string | undefined =>
  /^[\s-]*$/.test(before) ? ' '.repeat(before.length) : undefined;

function valuesOf(schemas: readonly JsonSchema[]): readonly Completion[] {
  const values = schemas.flatMap((schema) => {
    if (schema.const !== undefined) return [schema.const];
    return schema.enum ?? (schema.type === 'boolean' ? [true, false] : []);
  });
  return [...new Set(values)].map((value) => ({ label: String(value), insert: String(value) }));
}

/** Where the word at the end of a line begins. */
function startOfWord(line: string): number {
  let start = line.length;
  while (WORD_CHARACTER.test(line.charAt(start - 1))) start--;
  return start;
}
