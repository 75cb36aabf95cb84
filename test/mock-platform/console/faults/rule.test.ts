import { describe, expect, it } from '@jest/globals';
import {
  ANY,
  appliesTo,
  hitsText,
  matchText,
  ruleOf,
  settingsText,
} from '../../../../mock-platform/console/faults/rule.js';
import { fieldsOf } from '../../../../mock-platform/console/form/schema.js';
import { newRow } from '../../../../mock-platform/console/message/rows.js';

const FIELDS = fieldsOf({ properties: { delayMs: { type: 'integer' } }, required: ['delayMs'] });

/** A fault without settings. */
const ACTIVE = { id: 'f1', kind: 'delay', title: 'delay 250', since: 1_700_000_000_000, hits: 0, isUsedUp: false };

describe('a rule', () => {
  it('is built from the typed values', () => {
    const parameters = [{ ...newRow(), key: 'Id', text: '+1' }, newRow()];
    const match = { appName: 'DMS', service: 'Messaging', method: '', parameters, times: '3' };
    expect(ruleOf('delay', FIELDS, { delayMs: '250' }, match)).toEqual({
      kind: 'delay',
      delayMs: 250,
      match: { appName: 'DMS', service: 'Messaging', parameters: { Id: '+1' } },
      times: 3,
    });
    expect(ruleOf('no-reply', [], {}, ANY)).toEqual({ kind: 'no-reply' });
  });

  it.each([
    [{}, ANY, 'delayMs: is required'],
    [{ delayMs: 'x' }, ANY, "delayMs: 'x' is not an int"],
    [{ delayMs: '1' }, { ...ANY, times: '0' }, "Times: '0' is not a positive integer"],
    [{ delayMs: '1' }, { ...ANY, times: 'often' }, "Times: 'often' is not a positive integer"],
  ])('reports the error: %j', (values, match, problem) => {
    expect(() => ruleOf('delay', FIELDS, values, match)).toThrow(problem);
  });

  it.each([
    ['delay', undefined, 'every request'],
    ['delay', { method: 'M' }, '*.M'],
    ['upstreamReset', undefined, 'every call'],
    ['upstreamReset', { method: 'M' }, 'calls for *.M'],
    ['upstreamReset', {}, 'calls for every request'],
    ['gone', undefined, 'every request'],
  ])('%s with match %j applies to %s', (kind, match, text) => {
    const kinds = ['delay', 'upstreamReset'].map((one) => ({
      ...{ kind: one, description: '', match: true, settings: {} },
      upstream: one === 'upstreamReset',
    }));
    expect(appliesTo({ ...ACTIVE, kind, ...(match && { match }) }, kinds)).toBe(text);
  });

  it('is formatted on one line', () => {
    const rule = { ...ACTIVE, kind: 'delay', hits: 2, delayMs: 250, when: { a: 'b' } };
    expect(settingsText(rule)).toBe('delayMs=250 when={a=b}');
    expect([hitsText(rule), hitsText({ ...rule, times: 5 })]).toEqual(['2', '2 of 5']);
    expect(matchText()).toBe('every request');
    expect(matchText({ method: 'M' })).toBe('*.M');
    expect(matchText({ appName: 'DMS' })).toBe('every request where AppName=DMS');
    expect(matchText({ service: 'S', parameters: { Id: '+1' } })).toBe('S.* where Id=+1');
  });
});

describe('how often a rule applies', () => {
  it.each(['', ' ', '1'])('%j is fine', (times) => {
    const made = ruleOf('no-reply', [], {}, { ...ANY, times });
    expect('times' in made).toBe(times === '1');
  });
  it.each(['-1', '0', '1.5'])('%j is not', (times) =>
    expect(() => ruleOf('no-reply', [], {}, { ...ANY, times })).toThrow('is not a positive integer'),
  );
});
