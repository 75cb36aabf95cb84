import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { PluginCommand } from '../../host/index.js';

type Json = z.core.JSONSchema.BaseSchema;

/** One key of a command's input. */
interface Field {
  readonly key: string;
  readonly json: Json;
  readonly isRequired: boolean;
}

/** Gives a command the options and arguments that its input names. */
export function withInput(command: Command, { input, arguments: positional }: PluginCommand): Command {
  const fields = fieldsOf(input);
  for (const key of positional) addArgument(command, fields.find((one) => one.key === key) as Field);
  for (const field of fields) if (!positional.includes(field.key)) command.addOption(optionOf(field));
  return command;
}

/** The parsed input of a command. Ends with a usage error if it does not fit the schema. */
export function inputOf(command: Command, { input, arguments: positional }: PluginCommand): Record<string, unknown> {
  const options = command.opts();
  const given = fieldsOf(input).map(({ key }) => {
    const at = positional.indexOf(key);
    return [key, at < 0 ? options[key] : command.processedArgs[at]] as const;
  });
  const result = input.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = String(issue?.path[0] ?? '');
  const subject = positional.includes(key) ? `argument '${key}'` : `option '${flagOf(key)}'`;
  return command.error(`error: ${subject} is invalid: ${issue?.message}`);
}

function fieldsOf(input: z.ZodObject): Field[] {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Json;
  return Object.entries(properties).map(([key, json]) => ({
    key,
    json: json as Json,
    isRequired: required.includes(key),
  }));
}

function addArgument(command: Command, { key, json, isRequired }: Field): void {
  const many = json.type === 'array' ? '...' : '';
  const name = `${flagOf(key).slice('--'.length)}${many}`;
  const flags = isRequired ? `<${name}>` : `[${name}]`;
  const { description = '' } = json;
  if (json.type === 'array') command.argument(flags, description, repeated(itemsOf(json)));
  else command.argument(flags, description, parserOf(json), json.default);
}

function optionOf({ key, json, isRequired }: Field): Option {
  const { description = '', type } = json;
  const values = type === 'array' ? itemsOf(json) : json;
  const option = new Option(
    type === 'boolean' ? flagOf(key) : `${flagOf(key)} <${placeholderOf(values)}>`,
    type === 'array' ? `${description} (repeatable)` : description,
  );
  if (isRequired && type !== 'boolean') option.makeOptionMandatory();
  if (type === 'array') return option.argParser(repeated(values));
  if (json.default !== undefined && json.default !== false) option.default(json.default);
  if (values.enum !== undefined) return option.choices(values.enum.map(String));
  return type === 'boolean' ? option : option.argParser(parserOf(values));
}

const flagOf = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const itemsOf = ({ items = {} }: Json): Json => items as Json;

const isNumber = ({ type }: Json): boolean => type === 'integer' || type === 'number';

const placeholderOf = (json: Json): string => (isNumber(json) ? 'n' : 'text');

/** @throws InvalidArgumentError */
const parserOf =
  (json: Json) =>
  (text: string): unknown => {
    if (!isNumber(json)) return text;
    if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) throw new InvalidArgumentError('Expected a number.');
    return Number(text);
  };

const repeated =
  (items: Json) =>
  (text: string, before: unknown[] = []): unknown[] => [...before, parserOf(items)(text)];
