import { describe, expect, it } from '@jest/globals';
import type { JsonEntry } from '#wire';
import { summary, summaryOf } from '../../../mock-platform/admin/summary.js';
import type { JournalCall, JournalEntry } from '../../../mock-platform/journal/index.js';

const message = (parameters: JsonEntry[]) => ({
  ...{ messageId: 500, referenceId: 1, userData: null },
  request: [
    ['Service', 'str', 'A'],
    ['Parameters', 'list', parameters],
  ] satisfies JsonEntry[],
});

const ENTRY = {
  ...{ id: 7, at: 5, client: 'a', application: 'DMS', service: 'A', method: 'B', outcome: 'response', logs: [] },
  request: { json: message([['Id', 'str', '1']]) },
  upstream: [],
};
const entry = (more: object = {}): JournalEntry => ({ ...ENTRY, ...more }) as never;

describe('an exchange in short', () => {
  it('has only what it has', () => {
    const short = {
      ...{ id: 7, at: 5, durationMs: null, client: 'a', application: 'DMS', service: 'A', method: 'B', referenceId: 1 },
      ...{ outcome: 'response', parameters: [['Id', 'str', '1']], results: [], upstreamCalls: 0 },
    };
    expect(summaryOf(entry())).toEqual(short);
    expect(Object.keys(summaryOf(entry()))).toHaveLength(12);
    expect(summary.parse(short)).toEqual(short);
  });

  it.each([undefined, { ...message([]), referenceId: null }])('has no ReferenceId without one: %j', (json) => {
    expect(summaryOf(entry({ request: { json } }))).not.toHaveProperty('referenceId');
  });

  it('has all that an exchange can have', () => {
    const more = {
      ...{ via: 'I', appName: 'N', appType: '171', faultCode: '904', faultText: 'T', why: 'W', stub: 'S' },
    };
    const reply = { json: message([['Found', 'int', 1]]) };
    const injectedFault = { id: 'f', kind: 'delay', title: '', since: 1 };
    const short = summaryOf(entry({ ...more, reply, injectedFault, durationMs: 3, upstream: [{}, {}] }));
    expect(short).toEqual({
      ...summaryOf(entry()),
      ...{ ...more, durationMs: 3, results: [['Found', 'int', 1]], upstreamCalls: 2 },
      ...{ injectedFault: 'delay', injectedFaultId: 'f' },
    });
    expect(summary.parse(short)).toEqual(short);
  });

  it('names the fault of its last call that had one', () => {
    const fault = (id: string): Partial<JournalCall> => ({ injectedFault: { id, kind: id, title: '', since: 1 } });
    const upstream = [fault('a'), fault('b'), {}];
    expect(summaryOf(entry({ upstream }))).toMatchObject({ injectedFault: 'b', injectedFaultId: 'b' });
    const own = { id: 'own', kind: 'own', title: '', since: 1 };
    expect(summaryOf(entry({ upstream, injectedFault: own }))).toMatchObject({ injectedFaultId: 'own' });
  });

  it.each([
    [{ json: undefined }],
    [{ json: { ...message([]), request: null } }],
    [{ json: { ...message([]), request: [] } }],
    [{ json: { ...message([]), request: [['Parameters', 'str', 'x']] } }],
  ])('may have no parameters: %j', (request) => expect(summaryOf(entry({ request })).parameters).toEqual([]));
});

describe('the parameters in short', () => {
  const shortened = (...parameters: JsonEntry[]) =>
    summaryOf(entry({ request: { json: message(parameters) } })).parameters;
  const x = (length: number): string => 'x'.repeat(length);

  it('are 2,000 characters of keys and values, with an even number of a longer one', () => {
    // A key counts with its quotes: 3 of 2,000.
    expect(shortened(['A', 'str', x(1997)])).toEqual([['A', 'str', x(1997)]]);
    expect(shortened(['A', 'str', x(1998)])).toEqual([['A', 'str', x(1996)]]);
    expect(shortened(['AB', 'str', x(3000)])).toEqual([['AB', 'str', x(1996)]]);
  });

  it('end where nothing fits', () => {
    expect(shortened(['A', 'str', x(1993)], ['B', 'int', 1], ['C', 'int', 2])).toEqual([
      ['A', 'str', x(1993)],
      ['B', 'int', 1],
    ]);
    expect(shortened(['A', 'str', x(1994)], ['B', 'int', 1])).toEqual([['A', 'str', x(1994)]]);
  });

  it('keep lists, and count what is in them', () => {
    const inner: JsonEntry[] = [
      ['B', 'str', x(1991)],
      ['C', 'int', 12],
    ];
    expect(shortened(['A', 'list', inner], ['D', 'int', 1])).toEqual([['A', 'list', inner.slice(0, 1)]]);
    expect(shortened([{ hex: 'ff' }, 'int', 5])).toEqual([[{ hex: 'ff' }, 'int', 5]]);
  });

  it('have no half characters', () => {
    const [[, , text] = []] = shortened(['A', 'str', `x${'😀'.repeat(1500)}`]);
    expect(String(text).isWellFormed()).toBe(true);
  });
});
