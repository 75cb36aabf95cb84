import { describe, expect, it } from '@jest/globals';
import type { Entry, LogLine, UpstreamCall } from '../../../../mock-platform/console/api/types.js';
import {
  lanesOf,
  momentsOf,
  shownAs,
  toggled,
  unfoldedIn,
  unfoldedPart,
} from '../../../../mock-platform/console/journal/story.js';
import { summary } from '../summary.js';

const FRAME = { message: null, hex: '', ranges: [] };

const log = (at: number): LogLine => ({ at, level: 'info', message: 'x', fields: {} });
const call = (at: number, durationMs: number): UpstreamCall => ({ at, durationMs, method: 'GET', url: 'http://a/' });

const entry = (change: Partial<Entry> = {}): Entry => ({
  ...summary({ at: 1000, durationMs: 10.4 }),
  ...{ cause: { kind: 'method', text: '' }, request: FRAME, reply: FRAME, logs: [], upstream: [] },
  ...change,
});

const ids = (change: Partial<Entry>): string[] => momentsOf(entry(change)).map(({ id }) => id);

describe('the moments of an exchange', () => {
  it('are in the order of their start, the request first', () => {
    const logs = [log(999), log(1011), log(1003)];
    expect(ids({ logs, upstream: [call(1002, 5), call(1001, 3)] })).toEqual([
      ...['request', 'log-1', 'call-2', 'call-1', 'log-3', 'log-2', 'reply'],
    ]);
  });

  it('may follow the reply', () => {
    expect(ids({ logs: [log(1011), log(1012)], upstream: [call(1050, 1)] })).toEqual([
      ...['request', 'log-1', 'reply', 'log-2', 'call-1'],
    ]);
  });

  it('end with the missing reply, which has no time', () => {
    const moments = momentsOf(entry({ reply: null, durationMs: null, logs: [log(5000)] }));
    expect(moments.map(({ id, at }) => [id, at])).toEqual([
      ['request', 1000],
      ['log-1', 5000],
      ['reply', undefined],
    ]);
    expect(momentsOf(entry({ reply: null })).at(-1)?.at).toBeUndefined();
  });

  it('have a place on one axis', () => {
    const lanes = lanesOf(momentsOf(entry({ durationMs: 20, logs: [log(1005)], upstream: [call(1010, 5)] })));
    expect([...lanes]).toEqual([
      ['request', { start: 0, width: 0 }],
      ['log-1', { start: 25, width: 0 }],
      ['call-1', { start: 50, width: 25 }],
      ['reply', { start: 100, width: 0 }],
    ]);
  });

  it('have an axis that ends with a call that outlasts the reply, or begins with an early line', () => {
    const late = lanesOf(momentsOf(entry({ durationMs: 10, upstream: [call(1000, 20)] })));
    expect([late.get('call-1'), late.get('reply')?.start]).toEqual([{ start: 0, width: 100 }, 50]);
    expect(lanesOf(momentsOf(entry({ durationMs: 10, logs: [log(990)] }))).get('request')?.start).toBe(50);
    expect(lanesOf(momentsOf(entry({ durationMs: 0 }))).get('reply')).toEqual({ start: 0, width: 0 });
    expect(lanesOf(momentsOf(entry({ upstream: [call(1000, -1)] }))).get('call-1')?.width).toBe(0);
  });
});

describe('what is unfolded', () => {
  const moments = momentsOf(entry({ logs: [log(1001), log(1002)], upstream: [call(1003, 1)] }));

  it.each([
    [undefined, []],
    ['', []],
    ['request.call-1', ['request', 'call-1']],
    ['message', ['request', 'reply']],
    ['frame', ['request-bytes']],
    ['log', ['log-1', 'log-2']],
    ['upstream.log-9', ['call-1', 'log-9']],
    ['all', ['request', 'log-1', 'log-2', 'call-1', 'reply']],
    ['constructor', ['constructor']],
  ])('is in the address: %s', (part, expected) => {
    expect([...unfoldedIn(part, moments)]).toEqual(expected);
  });

  it('is unfolded and folded, as a list or as bytes', () => {
    const part = (set: ReadonlySet<string>): string => unfoldedPart(set);
    const one = new Set(['call-1']);
    expect(part(toggled(one, 'request'))).toBe('call-1.request');
    expect(part(toggled(new Set(['request', 'call-1']), 'request'))).toBe('call-1');
    expect(part(toggled(new Set(['request-bytes', 'call-1']), 'request'))).toBe('call-1');
    expect(part(shownAs(new Set(['request', 'call-1']), 'request', 'bytes'))).toBe('call-1.request-bytes');
    expect(part(shownAs(new Set(['request-bytes']), 'request', 'list'))).toBe('request');
  });
});
