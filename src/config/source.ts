import {
  type Alias,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { ConfigError, type ConfigProblem, MissingVariableError } from './errors.js';
import { syntaxMistakes } from './yaml-errors.js';

export type Path = readonly PropertyKey[];

/** `plugins[0].use`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** A YAML file: its values, and the position of each. */
export class Source {
  /** The values, with environment variables substituted. */
  readonly data: unknown;
  readonly #document: Document.Parsed<ParsedNode>;
  readonly #lines = new LineCounter();
  readonly #substituted = new Set<string>();

  /** @throws ConfigError if the text is not a YAML mapping, or uses variables that are not set */
  constructor(
    readonly file: string,
    text: string,
    env: NodeJS.ProcessEnv,
    /** What a file of this kind may contain. */
    example = 'application: { name: DMS }',
  ) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const parsed = { document: this.#document, text, lines: this.#lines };
    const broken = syntaxMistakes(parsed).map(({ offset, message }) =>
      this.#at(offset, `is not valid YAML: ${message}`, 'ESP_CONFIG_INVALID_YAML'),
    );
    if (broken.length > 0) throw new ConfigError(broken);
    const { contents } = this.#document;
    if (!isMap(contents)) {
      const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
      const message = isEmpty
        ? `is empty: it needs content such as ${example}`
        : `must be a mapping, such as ${example}`;
      throw new ConfigError([this.#at(0, message, 'ESP_CONFIG_INVALID_YAML')]);
    }
    const wrong = [...this.#unknownAliases(), ...this.#substitute(env)];
    if (wrong.length > 0) throw new ConfigError(wrong);
    try {
      this.data = this.#document.toJS();
    } catch (error) {
      throw new ConfigError([this.#at(0, `is not valid YAML: ${(error as Error).message}`, 'ESP_CONFIG_INVALID_YAML')]);
    }
  }

  /** Whether the value comes from the environment, which no error may show. */
  isSubstituted(path: Path): boolean {
    return this.#substituted.has(pathText(path));
  }

  /** A problem with the value at `path`, or with its nearest ancestor if there is no such value. */
  problem(path: Path, message: string, code: ConfigProblem['code'] = 'ESP_CONFIG_INVALID_VALUE'): ConfigProblem {
    return this.#at(this.#offset(path), message, code);
  }

  /** An unknown key, the last part of `path`. */
  unknownKey(path: Path, message: string): ConfigProblem {
    const parent = this.#node(path.slice(0, -1));
    const name = String(path.at(-1));
    const pair = isMap(parent) ? pairOf(parent, name) : undefined;
    return this.#at(
      (pair?.key as ParsedNode | undefined)?.range[0] ?? this.#offset(path),
      message,
      'ESP_CONFIG_UNKNOWN_KEY',
    );
  }

  /** An unquoted password that begins with `*` parses as an alias. The message must not show it. */
  #unknownAliases(): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    visit(this.#document, {
      Alias: (key, node, ancestors) => {
        if (node.resolve(this.#document) !== undefined) return;
        const path = pathText(pathOf(key, ancestors as readonly unknown[]));
        const message = 'is an undefined YAML alias: quote a string that begins with *';
        problems.push(this.#at((node as Alias.Parsed).range[0], `${path} ${message}`, 'ESP_CONFIG_INVALID_YAML'));
      },
    });
    return problems;
  }

  #substitute(env: NodeJS.ProcessEnv): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    visit(this.#document, {
      Scalar: (key, node, ancestors) => {
        if (key === 'key' || typeof node.value !== 'string' || !hasReference(node.value)) return;
        const path = pathOf(key, ancestors as readonly unknown[]);
        try {
          node.value = substitute(node.value, env);
          this.#substituted.add(pathText(path));
        } catch (error) {
          const message = `${pathText(path)} ${(error as MissingVariableError).message}`;
          problems.push(this.#at((node as Scalar.Parsed).range[0], message, 'ESP_CONFIG_MISSING_VARIABLE'));
        }
      },
    });
    return problems;
  }

  #node(path: Path): unknown {
    return path.reduce<unknown>(childOf, this.#document.contents);
  }

  #offset(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const range = (this.#node(path.slice(0, length)) as Node | undefined)?.range;
      if (range) return range[0];
    }
    return 0;
  }

  #at(offset: number, message: string, code: ConfigProblem['code']): ConfigProblem {
    const { line, col } = this.#lines.linePos(offset);
    return { code, file: this.file, line: Math.max(1, line), column: Math.max(1, col), message };
  }
}

/** The pair with this key, compared as strings: `904: here` has the key '904'. */
const pairOf = (map: YAMLMap, name: string) => map.items.find(({ key }) => isScalar(key) && String(key.value) === name);

function childOf(node: unknown, part: PropertyKey): unknown {
  if (isMap(node)) return pairOf(node, String(part))?.value;
  return isSeq(node) ? node.items[Number(part)] : undefined;
}

/** The path of a node, from its ancestors. */
function pathOf(key: number | string | null, ancestors: readonly unknown[]): PropertyKey[] {
  const path: PropertyKey[] = [];
  ancestors.forEach((ancestor, index) => {
    const pair = ancestor as { key?: { value?: unknown }; items?: unknown[] };
    const child = ancestors[index + 1];
    if (pair.key !== undefined) path.push(String(pair.key.value));
    else if (child !== undefined && !(child as { key?: unknown }).key && pair.items !== undefined) {
      path.push(pair.items.indexOf(child));
    }
  });
  if (typeof key === 'number') path.push(key);
  return path;
}

const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-((?:[^}\\]|\\.)*))?\}/g;

/** Replaces `${NAME}` and `${NAME:-default}`; `$${` is a literal `${`. @throws MissingVariableError */
function substitute(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(
    REFERENCE,
    (_whole, escaped: string | undefined, name: string, fallback: string | undefined) => {
      if (escaped !== undefined) return '${';
      const value = env[name];
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback === undefined) throw new MissingVariableError(name);
      return fallback;
    },
  );
}

const hasReference = (text: string): boolean => text.includes('${');
