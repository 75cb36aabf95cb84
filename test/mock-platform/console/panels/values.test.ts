import { describe, expect, it } from '@jest/globals';
import type { PanelAction } from '../../../../mock-platform/console/api/types.js';
import { fieldsOf } from '../../../../mock-platform/console/form/schema.js';
import {
  initialValues,
  isCurrent,
  isFailed,
  requestOf,
  rowsOf,
  search,
  textOf,
} from '../../../../mock-platform/console/panels/values.js';

const action = (change: Partial<PanelAction> = {}): PanelAction => ({
  ...{ title: 'Set', method: 'PUT', path: 'billing', values: {}, row: {}, when: {}, form: null },
  ...change,
});

describe('the rows of a table', () => {
  it('are objects, or values that become objects', () => {
    expect(rowsOf({ all: [{ a: 1 }, 'b', 3, null, ['c']] }, 'all')).toEqual([
      { a: 1 },
      { value: 'b' },
      { value: 3 },
      { value: null },
      { value: ['c'] },
    ]);
  });

  it.each([undefined, null, 'text', { a: 1 }])('are none in %j', (all) => expect(rowsOf({ all }, 'all')).toEqual([]));
});

describe('a value', () => {
  it.each([
    [undefined, '–'],
    [null, '–'],
    ['', '–'],
    [[], '–'],
    [0, '0'],
    [false, 'false'],
    [['a', 2], 'a, 2'],
    [{ a: 1 }, '{"a":1}'],
    ['x'.repeat(1001), `${'x'.repeat(1000)}…`],
  ])('%j is shown as %j', (value, text) => expect(textOf(value)).toBe(text));

  it.each([
    [200, false],
    [399, false],
    [400, true],
    [503, true],
    ['reset', true],
    ['hang', true],
    [undefined, false],
  ])('is the status %j, failed: %j', (status, failed) => expect(isFailed(status)).toBe(failed));
});

describe('a search', () => {
  const rows = [
    { id: '+16315551002', name: 'Ada', secret: 'Bob' },
    { id: '+353', name: 'BOB' },
  ];
  const found = (text: string) => search(rows, ['id', 'name'], text).map(({ id }) => id);

  it.each([
    ['', ['+16315551002', '+353']],
    ['+', ['+16315551002', '+353']],
    ['(631) 555', ['+16315551002']],
    ['bob', ['+353']],
    ['nobody', []],
  ])('for %j finds %j', (text, ids) => expect(found(text)).toEqual(ids));

  it('for no letter or digit finds all rows, in whatever keys', () => expect(search(rows, [], ' +')).toBe(rows));
});

describe('an action', () => {
  it('sends its fixed values, those of the row and those of the form', () => {
    const given = action({ values: { notify: true, asked: 'fixed' }, row: { account: 'id' } });
    expect(requestOf(given, { id: '17', other: 1 }, { asked: 'typed', note: 'x' })).toEqual({
      method: 'PUT',
      path: 'billing',
      body: { notify: true, asked: 'fixed', note: 'x', account: '17' },
    });
  });

  it('puts the parameters of its path there, encoded', () => {
    const given = action({ path: 'billing/:account/items/:item', row: { account: 'id' } });
    expect(requestOf(given, { id: '+1/7' }, { item: 3, note: 'x' })).toEqual({
      method: 'PUT',
      path: 'billing/%2B1%2F7/items/3',
      body: { note: 'x' },
    });
    expect(requestOf(given, {}, {})).toEqual({ method: 'PUT', path: 'billing//items/', body: undefined });
  });

  it('without values sends no body', () => {
    expect(requestOf(action({ method: 'POST' }), {}, {})).toEqual({ method: 'POST', path: 'billing', body: undefined });
  });

  it.each([
    [{ mode: 'a' }, { mode: 'a' }, true],
    [{ mode: 'a' }, { mode: 'b' }, false],
    [{ mode: 'a', on: true }, { mode: 'a', on: false }, false],
    [{}, { mode: 'a' }, false],
  ])('with the values %j in the state %j is current: %j', (values, state, current) => {
    expect(isCurrent(action({ values }), state)).toBe(current);
  });
});

it('a form starts with the values of the same names that it can show', () => {
  const fields = fieldsOf({
    type: 'object',
    properties: {
      text: { type: 'string' },
      count: { type: 'integer' },
      on: { type: 'boolean' },
      list: { type: 'array', items: { type: 'string' } },
      deep: { type: 'array', items: { type: 'object', properties: {} } },
      group: { type: 'object', properties: { a: { type: 'string' } } },
      missing: { type: 'string' },
    },
  });
  const source = { text: 'a', count: 3, on: false, list: ['x', 'y'], deep: [{}], group: { a: 'b' }, other: 1 };
  expect(initialValues(fields, source)).toEqual({ text: 'a', count: '3', on: 'false', list: ['x', 'y'] });
});
