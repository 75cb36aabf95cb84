import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { hasReference, MissingVariable, substitute } from './environment.js';
import { ConfigError, type Path, type Problem, pathText } from './problems.js';

/** A YAML file with its values, and the place of each. */
export class Source {
  /** The values, with the environment's put in. */
  readonly data: unknown;
  readonly #document: Document.Parsed<ParsedNode>;
  readonly #lines = new LineCounter();
  readonly #substituted = new Set<string>();

  /** @throws ConfigError for text that is no YAML map, and for variables that are not set */
  constructor(
    readonly file: string,
    text: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    // Behind a colon the parser repeats what stands there, which may be a secret.
    const broken = this.#document.errors.map(({ pos, message }) =>
      this.#at(pos[0], `is no YAML: ${message.split(': ', 1)[0]}`),
    );
    if (broken.length > 0) throw new ConfigError(broken);
    if (!isMap(this.#document.contents)) {
      throw new ConfigError([this.#at(0, 'must hold keys and values, such as application: { name: DMS }')]);
    }
    const wrong = [...this.#unknownAliases(), ...this.#substitute(env)];
    if (wrong.length > 0) throw new ConfigError(wrong);
    try {
      this.data = this.#document.toJS();
    } catch (error) {
      throw new ConfigError([this.#at(0, `cannot be read: ${(error as Error).message}`)]);
    }
  }

  /** Whether the value there came from the environment, so that no error may show it. */
  isSubstituted(path: Path): boolean {
    return this.#substituted.has(pathText(path));
  }

  /** A problem with the value at `path`, or where there is none, with what should hold it. */
  problem(path: Path, message: string): Problem {
    return this.#at(this.#offset(path), message);
  }

  /** A problem with the key that `path` ends in. */
  keyProblem(path: Path, message: string): Problem {
    const parent = this.#node(path.slice(0, -1));
    const name = String(path.at(-1));
    const pair = isMap(parent) ? pairOf(parent, name) : undefined;
    return this.#at((pair?.key as Node | undefined)?.range?.[0] ?? this.#offset(path), message);
  }

  /** Whoever writes a password that begins with an asterisk means no alias, and wants it in no message. */
  #unknownAliases(): Problem[] {
    const problems: Problem[] = [];
    visit(this.#document, {
      Alias: (key, node, ancestors) => {
        if (node.resolve(this.#document) !== undefined) return;
        const path = pathText(pathOf(key, ancestors as readonly unknown[]));
        const message = 'is an alias (*) of nothing: put a text that begins with * in quotes';
        problems.push(this.#at(node.range?.[0] ?? 0, `${path} ${message}`));
      },
    });
    return problems;
  }

  #substitute(env: NodeJS.ProcessEnv): Problem[] {
    const problems: Problem[] = [];
    visit(this.#document, {
      Scalar: (key, node, ancestors) => {
        if (key === 'key' || typeof node.value !== 'string' || !hasReference(node.value)) return;
        const path = pathOf(key, ancestors as readonly unknown[]);
        try {
          node.value = substitute(node.value, env);
          this.#substituted.add(pathText(path));
        } catch (error) {
          if (!(error instanceof MissingVariable)) throw error;
          problems.push(this.#at(node.range?.[0] ?? 0, `${pathText(path)} ${error.message}`));
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

  #at(offset: number, message: string): Problem {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col), message };
  }
}

/** The pair of a key as texts compare: `904: here` has the key '904'. */
const pairOf = (map: YAMLMap, name: string) => map.items.find(({ key }) => isScalar(key) && String(key.value) === name);

function childOf(node: unknown, part: PropertyKey): unknown {
  if (isMap(node)) return pairOf(node, String(part))?.value;
  return isSeq(node) ? node.items[Number(part)] : undefined;
}

/** The path of a scalar from the nodes above it. */
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
