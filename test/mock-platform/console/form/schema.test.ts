import { describe, expect, it } from '@jest/globals';
import { z } from 'esp-host';
import type { JsonSchema } from '../../../../mock-platform/console/api/types.js';
import { fieldsOf } from '../../../../mock-platform/console/form/schema.js';

const fields = (schema: z.ZodType) => fieldsOf(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);

describe('the fields of a schema', () => {
  it('are of the kinds that a method can ask for', () => {
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

  it('know choices from literals and unions, and what may be null', () => {
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

  it('say of a default that it may be left out, whatever the schema requires', () => {
    const schema: JsonSchema = { properties: { a: { type: 'string', default: 'b' } }, required: ['a'] };
    expect(fieldsOf(schema)).toEqual([{ name: 'a', required: false, kind: 'text', byDefault: 'b' }]);
  });

  it('follow references, and end where a schema contains itself', () => {
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

  it('are none where a schema is no object', () => {
    expect(fieldsOf({ type: 'string' })).toEqual([]);
    expect(fieldsOf({ $ref: '#/$defs/missing' })).toEqual([]);
    expect(fieldsOf({ $ref: '#' })).toEqual([]);
  });
});
