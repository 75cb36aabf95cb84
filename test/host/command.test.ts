import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineCommand, textTable } from '../../src/index.js';

/** Defines a command that shows its input. */
const command = (name: string, shape: z.ZodRawShape = {}, positional?: readonly string[]) =>
  defineCommand({
    name,
    summary: 'Do it.',
    input: z.strictObject(shape),
    ...(positional === undefined ? {} : { arguments: positional }),
    run: ({ input }) => input,
    text: (result) => JSON.stringify(result),
  });

const refused = (message: string) => expect.objectContaining({ code: 'ESP_HOST_INVALID_PLUGIN', message });

describe('a command', () => {
  it.each(['orders', 'orders list', 'a', 'a b', 'a1-b2 c3-d4'])('may be called %s', (name) => {
    expect(command(name).name).toBe(name);
  });

  it.each([
    '',
    'Orders',
    'orders List',
    '1orders',
    '-orders',
    ' orders',
    'orders ',
    'orders  list',
    'a b c',
    'orders_list',
  ])('may not be called %j', (name) => {
    expect(() => command(name)).toThrow(
      refused(`defineCommand of '${name}' needs a name of one or two words in lower case, such as orders list`),
    );
  });

  it.each(['order', 'orderId', 'o', 'order2'])('may have the option %s', (key) => {
    expect(Object.keys(command('orders', { [key]: z.string() }).input.shape)).toEqual([key]);
  });

  it.each(['Order', 'order-id', 'order_id', '2nd', 'an order', 'order!', ''])('may not have the option %j', (key) => {
    expect(() => command('orders', { [key]: z.string() })).toThrow(
      refused(`defineCommand of 'orders' has option '${key}': it must be in camel case`),
    );
  });

  it.each(['config', 'json', 'help'])('may not have the option %s, which every command has', (key) => {
    expect(() => command('orders', { [key]: z.string() })).toThrow(
      refused(`defineCommand of 'orders' has option '${key}', which every command has`),
    );
  });

  it.each(['other', 'toString'])('may not have the argument %s if its input has no such key', (key) => {
    expect(() => command('orders', { order: z.string() }, ['order', key])).toThrow(
      refused(`defineCommand of 'orders' has no '${key}' in its input`),
    );
  });

  it('has its arguments in order, or none', () => {
    expect(command('orders', { a: z.string(), b: z.string(), c: z.string() }, ['c', 'a']).arguments).toEqual([
      'c',
      'a',
    ]);
    expect(command('orders', { a: z.string() }).arguments).toEqual([]);
  });

  it('runs, and prints its result', () => {
    const { summary, text } = command('orders');
    expect([summary, text({ order: '17' })]).toEqual(['Do it.', '{"order":"17"}']);
  });
});

describe('a table of text', () => {
  it('has columns as wide as their longest cell, and nothing after the last', () => {
    const rows = [
      ['1', 'in transit', 'x'],
      ['1000', 'lost', ''],
    ];
    expect(textTable(['id', 'state', 'by'], rows)).toBe('id    state       by\n1     in transit  x\n1000  lost\n');
  });

  it('counts characters, and leaves out missing cells', () => {
    expect(textTable(['who', 'n'], [['🙂', '1'], ['Zoë'], []])).toBe('who  n\n🙂    1\nZoë\n\n');
  });

  it('without rows is its head', () => {
    expect(textTable(['id', 'state'], [])).toBe('id  state\n');
  });
});
