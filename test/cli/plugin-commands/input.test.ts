import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { defineCommand, z } from 'esp-host';
import { inputOf, withInput } from '../../../src/cli/plugin-commands/input.js';

/** A command with this input, which keeps what it was given. */
function commandOf(input: z.ZodObject, positional: readonly string[] = []) {
  const definition = defineCommand({
    ...{ name: 'try', summary: '', input, arguments: positional },
    run: () => undefined,
    text: () => '',
  });
  let parsed: unknown;
  const command = withInput(new Command('try'), definition)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((...given: unknown[]) => {
      parsed = inputOf(given.at(-1) as Command, definition);
    });
  return {
    command,
    parse: (...words: string[]): unknown => {
      parsed = undefined;
      command.parse(words, { from: 'user' });
      return parsed;
    },
  };
}

describe('the options of a command', () => {
  it('are made from the keys of its input', () => {
    const { command } = commandOf(
      z.object({
        name: z.string().describe('a name'),
        keepDays: z.int().default(7).describe('days'),
        share: z.number().optional(),
        isPaid: z.boolean().describe('paid'),
        isOn: z.boolean().default(true),
        isOff: z.boolean().default(false),
        kind: z.enum(['new', 'old']),
        level: z.literal([1, 2]).default(1),
        item: z.array(z.string()).describe('items'),
        counts: z.array(z.int()).default([]),
      }),
    );
    expect(
      command.options.map(({ flags, description, mandatory, defaultValue, argChoices }) => [
        ...[flags, description, mandatory, defaultValue, argChoices],
      ]),
    ).toEqual([
      ['--name <text>', 'a name', true, undefined, undefined],
      ['--keep-days <n>', 'days', false, 7, undefined],
      ['--share <n>', '', false, undefined, undefined],
      ['--is-paid', 'paid', false, undefined, undefined],
      ['--is-on', '', false, true, undefined],
      ['--is-off', '', false, undefined, undefined],
      ['--kind <text>', '', true, undefined, ['new', 'old']],
      ['--level <n>', '', false, 1, ['1', '2']],
      ['--item <text>', 'items (repeatable)', true, undefined, undefined],
      ['--counts <n>', ' (repeatable)', false, undefined, undefined],
    ]);
  });

  it('give its input, with numbers as numbers', () => {
    const { parse } = commandOf(
      z.strictObject({
        name: z.string().optional(),
        keepDays: z.int().default(7),
        isPaid: z.boolean().default(false),
        item: z.array(z.string()).default([]),
        counts: z.array(z.number()).default([]),
      }),
    );
    expect(parse()).toEqual({ keepDays: 7, isPaid: false, item: [], counts: [] });
    expect(
      parse(
        ...['--name', '017', '--keep-days', '-3', '--is-paid'],
        ...['--item', 'a', '--item', 'b', '--counts', '1.5', '--counts', '2'],
      ),
    ).toEqual({ name: '017', keepDays: -3, isPaid: true, item: ['a', 'b'], counts: [1.5, 2] });
  });

  it.each<[string, number]>([
    ['0', 0],
    ['-1', -1],
    ['123456789012345', 123_456_789_012_345],
    ['1.123456789012345', 1.123456789012345],
  ])('take the number %s', (text, value) => {
    expect(commandOf(z.object({ count: z.number() })).parse(`--count=${text}`)).toEqual({ count: value });
  });

  it.each([
    '',
    ' 1',
    '1 ',
    'x1',
    '1x',
    '+1',
    '1.',
    '.5',
    '1e3',
    '0x1',
    '1234567890123456',
    '1.1234567890123456',
    '1,5',
  ])('take no number %j', (text) => {
    expect(() => commandOf(z.object({ count: z.number() })).parse(`--count=${text}`)).toThrow('Expected a number.');
    expect(() => commandOf(z.object({ counts: z.array(z.int()) })).parse(`--counts=${text}`)).toThrow(
      'Expected a number.',
    );
  });

  it('must be given if the input requires them', () => {
    expect(() => commandOf(z.object({ name: z.string() })).parse()).toThrow(
      "required option '--name <text>' not specified",
    );
    expect(() => commandOf(z.object({ item: z.array(z.string()) })).parse()).toThrow(
      "required option '--item <text>' not specified",
    );
    expect(() => commandOf(z.object({ isPaid: z.boolean() })).parse()).toThrow("option '--is-paid' is invalid");
  });

  it('fit the schema, or the error names the option', () => {
    const { parse } = commandOf(z.object({ keepDays: z.int().max(3, 'too long').default(1) }));
    expect(() => parse('--keep-days', '4')).toThrow("error: option '--keep-days' is invalid: too long");
  });
});

describe('the arguments of a command', () => {
  it('are made from the keys that it names', () => {
    const { command } = commandOf(
      z.object({
        name: z.string().describe('a name'),
        keepDays: z.int().default(7),
        more: z.array(z.string()).optional().describe('others'),
        other: z.string().optional(),
      }),
      ['name', 'keepDays', 'more'],
    );
    expect(
      command.registeredArguments.map((one) => [
        ...[one.name(), one.description, one.required, one.variadic, one.defaultValue],
      ]),
    ).toEqual([
      ['name', 'a name', true, false, undefined],
      ['keep-days', '', false, false, 7],
      ['more', 'others', false, true, undefined],
    ]);
    expect(command.options.map(({ flags }) => flags)).toEqual(['--other <text>']);
  });

  it('give its input in their order', () => {
    const input = z.strictObject({
      counts: z.array(z.int()).default([]),
      id: z.int(),
      kind: z.string().default('new'),
      item: z.string().optional(),
    });
    const { parse } = commandOf(input, ['id', 'kind', 'counts']);
    expect(parse('5')).toEqual({ id: 5, kind: 'new', counts: [] });
    expect(parse('5', 'old', '1', '2', '--item', 'x')).toEqual({ id: 5, kind: 'old', counts: [1, 2], item: 'x' });
    expect(() => parse('five')).toThrow('Expected a number.');
    expect(() => parse('5', 'old', 'one')).toThrow('Expected a number.');
    expect(() => parse()).toThrow("missing required argument 'id'");
  });

  it('fit the schema, or the error names the argument', () => {
    const { parse } = commandOf(z.object({ id: z.string().regex(/^\d+$/, 'not a number') }), ['id']);
    expect(() => parse('x')).toThrow("error: argument 'id' is invalid: not a number");
  });
});
