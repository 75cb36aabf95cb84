import { describe, expect, it } from '@jest/globals';
import { CallLog } from '../../../mock-platform/upstreams/call-log.js';

const call = (at: number) => ({ at, method: 'POST', path: '/v1/contacts' });

describe('the record of calls', () => {
  it('keeps the last 1,000 and counts them all', () => {
    const calls = new CallLog();
    for (let at = 0; at < 1005; at += 1) calls.record(call(at));
    expect(calls.list()).toHaveLength(1000);
    expect(calls.list()[0]?.at).toBe(5);
    expect(calls.count('/v1/contacts')).toBe(1005);
    expect(calls.count('/v1/health')).toBe(0);
  });

  it('keeps exactly 1,000', () => {
    const calls = new CallLog();
    for (let at = 0; at < 1000; at += 1) calls.record(call(at));
    expect([calls.list().length, calls.list()[0]?.at]).toEqual([1000, 0]);
  });

  it('announces each call, until nobody listens', () => {
    const calls = new CallLog();
    const heard: number[] = [];
    const stop = calls.subscribe(() => heard.push(calls.list().length));
    calls.record(call(1));
    calls.record(call(2));
    stop();
    calls.record(call(3));
    expect(heard).toEqual([1, 2]);
  });

  it('can be cleared', () => {
    const calls = new CallLog();
    calls.record(call(1));
    calls.clear();
    expect(calls.list()).toEqual([]);
    expect(calls.count('/v1/contacts')).toBe(0);
  });

  it('remembers a bounded number of paths', () => {
    const calls = new CallLog();
    for (let index = 0; index <= 1000; index += 1) calls.record({ at: 0, method: 'GET', path: `/${index}` });
    expect(calls.count('/0')).toBe(0);
    expect(calls.count('/1')).toBe(1);
  });
});
