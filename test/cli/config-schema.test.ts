import { describe, expect, it } from '@jest/globals';
import { defineChannel, definePlugin, z } from 'esp-host';
import { configJsonSchema, orReference, pluginUses } from '../../src/cli/config-schema.js';
import { fits } from '../support/json-schema.js';

const REFERENCE = { type: 'string', pattern: '\\$\\{[A-Za-z_]' };
const open = (schema: object) => ({ anyOf: [schema, REFERENCE] });

describe('a value from the environment', () => {
  it.each<object>([
    { type: 'number' },
    { type: 'integer', minimum: 1 },
    { type: 'boolean' },
    { enum: ['a', 'b'] },
    { type: 'string', pattern: '^a' },
    { type: 'string', format: 'uri' },
    { type: 'string', maxLength: 5 },
  ])('%j accepts a reference too', (schema) => expect(orReference({ ...schema })).toEqual(open(schema)));

  it.each<object>([{ type: 'string' }, { type: 'string', minLength: 1 }, { type: 'null' }, {}])(
    '%j takes one as it is',
    (schema) => expect(orReference({ ...schema })).toEqual(schema),
  );

  it('keeps description and default where editors look for them', () => {
    expect(orReference({ type: 'integer', description: 'A port.', default: 7190 })).toEqual({
      description: 'A port.',
      default: 7190,
      ...open({ type: 'integer' }),
    });
  });

  it.each(['additionalProperties', 'items', 'contains', 'not', 'propertyNames'])('stands below %s', (key) => {
    expect(orReference({ [key]: { type: 'integer' } })).toEqual({ [key]: open({ type: 'integer' }) });
  });

  it.each(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'])('stands in each of the list of %s', (key) => {
    const list = [{ type: 'boolean' }, { type: 'string' }];
    expect(orReference({ [key]: list })).toEqual({ [key]: [open({ type: 'boolean' }), { type: 'string' }] });
  });

  it.each(['properties', 'patternProperties'])('stands behind each name of %s', (key) => {
    const members = { type: { type: 'integer' }, 'a.*': { type: 'string' } };
    expect(orReference({ [key]: members })).toEqual({ [key]: { ...members, type: open({ type: 'integer' }) } });
  });

  it('is not allowed elsewhere: in values, and in objects that only look like schemas', () => {
    const values = { additionalProperties: false, const: null, default: { type: 'integer' }, required: ['type'] };
    expect(orReference(values)).toEqual(values);
  });
});

describe('the schema of a configuration', () => {
  interface Node {
    readonly id: string;
    readonly next?: Node | undefined;
  }
  const node: z.ZodType<Node> = z.strictObject({
    id: z.string(),
    get next() {
      return node.optional();
    },
  });
  const texts = definePlugin({
    name: 'texts',
    methods: [],
    options: z.strictObject({ sender: z.string(), size: z.int().default(7) }),
    channels: [
      defineChannel(z.looseObject({ type: z.literal('sms'), retries: z.int().default(1), start: z.date().optional() })),
      defineChannel(z.strictObject({ type: z.literal('tree'), root: node.optional() })),
    ],
  });
  const plain = definePlugin({ name: 'plain', methods: [] });
  const schema = configJsonSchema([
    { use: './texts', definition: texts },
    { use: './plain', definition: plain },
  ]);
  const config = (more: object) => ({ application: { name: 'Own' }, ...more });

  it('is of draft 7, and has the keys of the host, which may have defaults', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'config.yaml of esp-host',
    });
    expect(Object.keys(schema.properties as object)).toEqual(
      expect.arrayContaining(['application', 'plugins', 'channels', 'listeners', 'limits', 'logging']),
    );
    expect(fits(schema, config({}))).toBe(true);
    expect(fits(schema, config({ nonsense: 1 }))).toBe(false);
    expect(fits(schema, config({ limits: { drainMs: 5 } }))).toBe(true);
    expect(fits(schema, config({ limits: { drainMs: '${DRAIN}' } }))).toBe(true);
    expect(fits(schema, config({ limits: { drainMs: 'x' } }))).toBe(false);
  });

  it('has a rule for the options of each plugin', () => {
    const using = (plugin: object) => fits(schema, config({ plugins: [plugin] }));
    expect(using({ use: './texts', options: { sender: 'ACD' } })).toBe(true);
    expect(using({ use: './texts', options: { sender: 'ACD', size: '${SIZE}' } })).toBe(true);
    expect(using({ use: './texts', options: { size: 3 } })).toBe(false);
    expect(using({ use: './texts', options: {} })).toBe(false);
    expect(using({ use: './texts' })).toBe(false);
    expect(using({ use: './plain' })).toBe(true);
    expect(using({ use: './plain', options: {} })).toBe(true);
    expect(using({ use: './plain', options: { sender: 'ACD' } })).toBe(false);
    expect(using({ use: './other', options: { any: 'thing' } })).toBe(true);
    expect(using({ ues: './plain' })).toBe(false);
  });

  it('has a rule for the channels of each type', () => {
    const having = (channel: object) => fits(schema, config({ channels: { main: channel } }));
    expect(having({ type: 'sms' })).toBe(true);
    expect(having({ type: 'sms', retries: 3, more: true, start: 'any' })).toBe(true);
    expect(having({ type: 'sms', retries: 'three' })).toBe(false);
    expect(having({ type: 'mms' })).toBe(false);
    expect(having({})).toBe(false);
    // A schema that refers to itself allows anything.
    expect(having({ type: 'tree', root: { any: 'thing' } })).toBe(true);
    const { additionalProperties } = (schema.properties as { channels: { additionalProperties: object } }).channels;
    expect(additionalProperties).toMatchObject({ properties: { type: { type: 'string', enum: ['sms', 'tree'] } } });
  });
});

it('the plugins of a configuration may be missing, but not be without use', () => {
  expect(pluginUses.parse({ more: 1 })).toEqual({ more: 1, plugins: [] });
  expect(pluginUses.parse({ plugins: [{ use: './a', options: {} }] })).toEqual({
    plugins: [{ use: './a', options: {} }],
  });
  expect(pluginUses.safeParse({ plugins: [{ ues: './a' }] }).success).toBe(false);
});
