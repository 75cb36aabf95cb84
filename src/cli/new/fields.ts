import { createInterface } from 'node:readline/promises';
import { CommandError } from '../errors.js';

const TYPES = ['string', 'int', 'list', 'binary'] as const;
export type FieldType = (typeof TYPES)[number];

/** A parameter of a method or of its response. The command line writes it `Account:string` or `Tags:string[]?`. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** `[]`: the key may be repeated. */
  readonly many: boolean;
  /** `?`: the parameter is optional. */
  readonly optional: boolean;
}

export const FIELD_FORM = `name:type, where type is ${TYPES.join(', ')}; append [] for a repeated key, ? if optional`;

/** @throws CommandError */
export function parseField(text: string): Field {
  const [, name = '', type = 'string', many, optional] =
    /^([^:]*?)(?::([^[\]?]*)(\[\])?)?(\?)?$/.exec(text.trim()) ?? [];
  if (!/^(?!__)[A-Za-z_]\w*$/.test(name)) {
    throw new CommandError(
      `'${text}' is not a parameter: expected ${FIELD_FORM}; names have letters, digits and _, and start with a letter`,
    );
  }
  if (name === '_umsChannel') {
    throw new CommandError("_umsChannel is read by the host: set the type of the method's channel with --channel");
  }
  const known = TYPES.find((one) => one === type);
  if (known === undefined) throw new CommandError(`'${text}' has the unknown type '${type}': expected ${FIELD_FORM}`);
  return { name, type: known, many: many !== undefined, optional: optional !== undefined };
}

/** @throws CommandError, also for a duplicate name */
export function parseFields(texts: readonly string[]): Field[] {
  const fields = texts.map(parseField);
  for (const [index, { name }] of fields.entries()) {
    if (fields.findIndex((other) => other.name === name) < index) throw new CommandError(`duplicate parameter ${name}`);
  }
  return fields;
}

const SCHEMAS: Readonly<Record<FieldType, string>> = {
  string: 'z.string()',
  int: 'z.int()',
  list: 'z.record(z.string(), z.union([z.string(), z.int()]))',
  binary: 'z.instanceof(Uint8Array)',
};

/** `Account: z.string()` */
export function schemaOf({ name, type, many, optional }: Field): string {
  const one = many ? `z.array(${SCHEMAS[type]})` : SCHEMAS[type];
  return `${name}: ${one}${optional ? '.optional()' : ''}`;
}

/** `Account: 'some Account'`: a valid value. */
export function sampleOf({ name, type, many }: Field): string {
  const samples: Readonly<Record<FieldType, readonly [string, string]>> = {
    string: [`'some ${name}'`, `'more ${name}'`],
    int: ['1', '2'],
    list: ["{ Key: 'value' }", "{ Key: 'other' }"],
    binary: ['Uint8Array.of(1)', 'Uint8Array.of(2)'],
  };
  const [one] = samples[type];
  return `${name}: ${many ? `[${samples[type].join(', ')}]` : one}`;
}

/** The same in the form of `esp-host send`: `Account=17`. */
export function wordOf({ name, type }: Field): string {
  const words: Readonly<Record<FieldType, string>> = {
    string: `=some${name}`,
    int: ':=1',
    list: `:='{"Key":"value"}'`,
    binary: ':hex=01',
  };
  return name + words[type];
}

/** Prompts for fields on stdin. */
export class Questions {
  readonly #lines = createInterface({ input: process.stdin, output: process.stderr });
  readonly #answers = this.#lines[Symbol.asyncIterator]();

  /** Whether stdin has ended. Lines that were read before may still be waiting. */
  #closed = false;

  constructor() {
    this.#lines.setPrompt('> ');
    this.#lines.on('SIGINT', () => process.exit(130));
    this.#lines.on('close', () => {
      this.#closed = true;
    });
  }

  /** Reads one field per line, up to an empty line or the end of piped input. @throws CommandError after Ctrl-D */
  async fields(what: string): Promise<Field[]> {
    process.stderr.write(`${what}, one per line (${FIELD_FORM}). An empty line ends the list.\n`);
    const fields: Field[] = [];
    for (let text = await this.#ask(); text !== ''; text = await this.#ask()) {
      try {
        const field = parseField(text);
        if (fields.some(({ name }) => name === field.name)) process.stderr.write(`duplicate parameter ${field.name}\n`);
        else fields.push(field);
      } catch (error) {
        process.stderr.write(`${(error as Error).message}\n`);
      }
    }
    return fields;
  }

  close(): void {
    this.#lines.close();
  }

  async #ask(): Promise<string> {
    if (!this.#closed) this.#lines.prompt();
    const { value, done } = await this.#answers.next();
    if (!done) return value.trim();
    if (process.stdin.isTTY) {
      process.stderr.write('\n');
      throw new CommandError('cancelled; an empty line ends a list, --yes skips the prompts');
    }
    return '';
  }
}
