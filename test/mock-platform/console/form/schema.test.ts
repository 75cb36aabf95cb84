import { describe, expect, it } from '@jest/globals';
import { z } from 'esp-host';
import type { JsonSchema } from '../../../../mock-platform/console/api/types.js';
import { fieldsOf } from '../../../../mock-platform/console/form/schema.js';

const fields = (schema: z.ZodType) => fieldsOf(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);

describe('the fields of a schema', () => {
  it("have the kinds of a method's parameters", () => {
    const schema = z.object({
      Account: z.string().describe('Which'),
      Currency: z.enum(['EUR', 'USD']).default('EUR'),
      Most: z.int32().optional(),
      Share: z.number().min(0).max(1).optional(),
      Open: z.boolean().optional(),
      Customer: z.object({ Name: z.string() }),
      Tag: z.array(z.string()).optional(),
      Anything: z.unknown().optional(),
    });
    expect(fields(schema)).toEqual([
      { name: 'Account', required: true, kind: 'text', description: 'Which' },
      { name: 'Currency', required: false, kind: 'choice', choices: ['EUR', 'USD'], byDefault: 'EUR' },
      { name: 'Most', required: false, kind: 'integer', least: -2147483648, most: 2147483647 },
      { name: 'Share', required: false, kind: 'number', least: 0, most: 1 },
      { name: 'Open', required: false, kind: 'boolean' },
      {
        name: 'Customer',
        required: true,
        kind: 'group',
        fields: [{ name: 'Name', required: true, kind: 'text' }],
      },
      { name: 'Tag', required: false, kind: 'repeat', item: { name: '', required: true, kind: 'text' } },
      { name: 'Anything', required: false, kind: 'any' },
    ]);
  });

  it('find choices in literals and unions, and allow null', () => {
    const schema = z.object({
      Kind: z.literal('delay'),
      Size: z.union([z.literal(1), z.literal('all')]),
      Name: z.string().nullable(),
    });
    expect(fields(schema)).toEqual([
      { name: 'Kind', required: true, kind: 'choice', choices: ['delay'] },
      { name: 'Size', required: true, kind: 'choice', choices: [1, 'all'] },
      { name: 'Name', required: true, kind: 'text' },
    ]);
  });

  it('are optional if they have a default, whatever the schema requires', () => {
    const schema: JsonSchema = { properties: { a: { type: 'string', default: 'b' } }, required: ['a'] };
    expect(fieldsOf(schema)).toEqual([{ name: 'a', required: false, kind: 'text', byDefault: 'b' }]);
  });

  it('follow references, and end at recursion', () => {
    const tree: JsonSchema = {
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } } } },
    };
    let depth = 0;
    let [, next] = fieldsOf(tree);
    while (next?.kind === 'group') {
      depth++;
      [, next] = next.fields;
    }
    expect(next?.kind).toBe('any');
    expect(depth).toBeLessThan(10);
  });

  it('are empty for a schema other than an object', () => {
    expect(fieldsOf({ type: 'string' })).toEqual([]);
    expect(fieldsOf({ $ref: '#/$defs/missing' })).toEqual([]);
    expect(fieldsOf({ $ref: '#' })).toEqual([]);
  });
});

describe('a reference in a schema', () => {
  it('may be the schema itself, part of a union with null, or of an intersection', () => {
    const self: JsonSchema = { properties: { again: { $ref: '#' } } };
    expect(fieldsOf(self)[0]).toMatchObject({
      name: 'again',
      kind: 'group',
      fields: [{ name: 'again', kind: 'group' }],
    });
    const some: JsonSchema = {
      properties: {
        a: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 1 }] },
        b: { allOf: [{ type: 'boolean' }] },
        c: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
        d: { enum: ['x', null] },
        e: { type: ['string', 'null'] },
        f: { type: ['string', 'integer'] },
        g: { properties: { h: { type: 'string' } } },
        i: { type: 'array' },
        j: { $ref: '#/$defs/k', description: 'its own' },
        l: { type: 'object' },
      },
      $defs: { k: { type: 'number', maximum: 2, description: 'of the definition', default: { m: 1 } } },
    };
    expect(fieldsOf(some)).toEqual([
      { name: 'a', required: false, kind: 'integer', least: 1 },
      { name: 'b', required: false, kind: 'boolean' },
      { name: 'c', required: false, kind: 'any' },
      { name: 'd', required: false, kind: 'any' },
      { name: 'e', required: false, kind: 'text' },
      { name: 'f', required: false, kind: 'any' },
      { name: 'g', required: false, kind: 'group', fields: [{ name: 'h', required: false, kind: 'text' }] },
      { name: 'i', required: false, kind: 'repeat', item: { name: '', required: true, kind: 'any' } },
      { name: 'j', required: false, kind: 'number', most: 2, description: 'its own', byDefault: '{"m":1}' },
      { name: 'l', required: false, kind: 'any' },
    ]);
  });

  it.each(['other.json#/$defs/a', '#/$defs/a/b', ''])('is ignored if %j leads elsewhere', ($ref) => {
    expect(fieldsOf({ properties: { a: { $ref } }, $defs: { a: { type: 'string' } } })).toMatchObject([
      { kind: 'any' },
    ]);
  });

  it('goes seven groups deep', () => {
    const self: JsonSchema = { properties: { again: { $ref: '#' } } };
    let depth = 0;
    for (let [field] = fieldsOf(self); field?.kind === 'group'; [field] = field.fields) depth++;
    expect(depth).toBe(7);
  });
});
