import { describe, expect, it } from '@jest/globals';
import type { Entry, FaultKind } from '../../../../mock-platform/console/api/types.js';
import { faultLike, problemAt } from '../../../../mock-platform/console/faults/like.js';
import { summary } from '../summary.js';

const kinds = ['delay', 'noAnswer', 'espFault', 'upstreamStatus'].map(
  (kind): FaultKind => ({ kind, description: '', match: true, upstream: kind.startsWith('up'), settings: {} }),
);
const UPSTREAMS = [{ name: 'whatsapp', url: 'http://127.0.0.1:9090', kind: 'mock' as const }];
const call = (url: string, status: number) => ({ method: 'GET', url, at: 1, durationMs: 1, status });

const like = (change: object, known = kinds) => {
  const entry = { ...summary(), upstream: [], logs: [], ...change } as object as Entry;
  const { kind, values, match } = faultLike(entry, known, UPSTREAMS);
  return { kind, values, rows: match.parameters.map(({ key, text }) => `${key}=${text}`), service: match.service };
};

describe('a fault like a request', () => {
  it('puts down the upstream that was called, for the number of the request', () => {
    const parameters = [
      ['_umsChannel', 'str', 'whatsapp'],
      ['Id', 'str', '+1-631-555-1002'],
    ];
    expect(like({ parameters, upstream: [call('http://127.0.0.1:9090/v1/x', 200)] })).toEqual({
      kind: 'upstreamStatus',
      values: { upstream: 'whatsapp', status: '503' },
      rows: ['Id=+1-631-555-1002'],
      service: 'Messaging',
    });
  });

  it('prefers the call that failed; an unknown upstream has no name', () => {
    const upstream = [call('http://127.0.0.1:9090/', 200), call('http://other/', 500)];
    expect(like({ upstream }).values).toEqual({ status: '503' });
  });

  it('has the fault of a request without calls, or no answer', () => {
    const parameters = [
      ['Password', 'str', '*******'],
      ['Name', 'str', 'Ann'],
    ];
    expect(like({ parameters, faultCode: '904', faultText: 'no' })).toMatchObject({
      kind: 'espFault',
      values: { code: '904', text: 'no' },
      rows: ['Name=Ann'],
    });
    expect(like({})).toMatchObject({ kind: 'noAnswer', values: {}, rows: [] });
    expect(like({}, []).kind).toBeUndefined();
  });
});

it.each([
  ['ms: is required', 'ms'],
  ['Times: must be a number', 'times'],
  ['body: ms must be at least 1', 'ms'],
  ['body.ms: must be a number', 'ms'],
  ['kind: there is no such fault', ''],
])('%j stands at %j', (message, field) => expect(problemAt(message, ['ms', 'times'])).toEqual({ [field]: message }));
