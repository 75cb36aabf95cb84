import { describe, expect, it } from '@jest/globals';
import { orReference } from '../../src/cli/config-schema.js';

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
