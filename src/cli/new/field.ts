import { CommandFailed } from '../command-failed.js';

const TYPES = ['string', 'int', 'list', 'binary'] as const;
export type FieldType = (typeof TYPES)[number];

/** A parameter of a method or of its response, as the command line writes it: `Account:string`, `Tags:string[]?`. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** `[]`: the key may be repeated. */
  readonly many: boolean;
  /** `?`: it may be left out. */
  readonly optional: boolean;
}

export const FIELD_FORM = `name:type, types ${TYPES.join(', ')}; [] behind it: a repeated key; ? behind it: may be left out`;

/** @throws CommandFailed */
export function parseField(text: string): Field {
  const [, name = '', type = 'string', many, optional] =
    /^([^:]*?)(?::([^[\]?]*)(\[\])?)?(\?)?$/.exec(text.trim()) ?? [];
  if (!/^(?!__)[A-Za-z_]\w*$/.test(name)) {
    throw new CommandFailed(
      `'${text}' is no parameter: ${FIELD_FORM}; names are letters, digits and _, a letter first`,
    );
  }
  if (name === '_umsChannel') {
    throw new CommandFailed("_umsChannel is read by the host: write the method's channel type as --channel TYPE");
  }
  const known = TYPES.find((one) => one === type);
  if (known === undefined) throw new CommandFailed(`'${text}': there is no type '${type}'; ${FIELD_FORM}`);
  return { name, type: known, many: many !== undefined, optional: optional !== undefined };
}

/** @throws CommandFailed for one that is named twice */
export function parseFields(texts: readonly string[]): Field[] {
  const fields = texts.map(parseField);
  for (const [index, { name }] of fields.entries()) {
    if (fields.findIndex((other) => other.name === name) < index) throw new CommandFailed(`${name} is there twice`);
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

/** `Account: 'some Account'`: a value that fits. */
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

/** The same as `esp-host send` takes it: `Account=17`. */
export function wordOf({ name, type }: Field): string {
  const words: Readonly<Record<FieldType, string>> = {
    string: `=some${name}`,
    int: ':=1',
    list: `:='{"Key":"value"}'`,
    binary: ':hex=01',
  };
  return name + words[type];
}
