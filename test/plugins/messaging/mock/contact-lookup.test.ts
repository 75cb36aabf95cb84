import { describe, expect, it } from '@jest/globals';
import { ContactLookup, callsEveryNumberValid } from '../../../../plugins/messaging/mock/contact-lookup.js';
import { Directory, NumberReader } from '../../../../plugins/messaging/mock/phone-number.js';
import { Clock, DAY_MS, NUMBERS } from './harness.js';

const KNOWN = '+16315551002';
const UNKNOWN = '+16315551003';

function setUp(version = '2.41.3') {
  const clock = new Clock();
  const directory = new Directory();
  for (const number of NUMBERS) directory.add(number);
  const lookup = new ContactLookup(directory, new NumberReader('+919876543210'), clock.now);
  const ask = (contacts: string[], blocking: 'wait' | 'no_wait' = 'wait', forceCheck = false) =>
    lookup.answer({ blocking, contacts, forceCheck }, version);
  const statusOf = (...request: Parameters<typeof ask>) => ask(...request).map(({ status }) => status);
  return { clock, directory, lookup, ask, statusOf };
}

describe('contacts up to 2.42', () => {
  it('answers contacts in order, echoes the input, and returns a wa_id only for valid ones', () => {
    const { ask } = setUp();
    expect(ask(['+1-631-555-1002', '6315551002', '+1 (516) 283-7151', 'hello', '+163155588'])).toEqual([
      { input: '+1-631-555-1002', status: 'valid', wa_id: '16315551002' },
      { input: '6315551002', status: 'invalid' },
      { input: '+1 (516) 283-7151', status: 'valid', wa_id: '15162837151' },
      { input: 'hello', status: 'failed' },
      { input: '+163155588', status: 'failed' },
    ]);
  });

  it('answers no_wait with processing at first, then with the result', () => {
    const { ask } = setUp();
    expect(ask([KNOWN, UNKNOWN], 'no_wait')).toEqual([
      { input: KNOWN, status: 'processing', wa_id: '16315551002' },
      { input: UNKNOWN, status: 'processing', wa_id: '16315551003' },
    ]);
    expect(ask(['+1 631 555 1002', UNKNOWN], 'no_wait')).toEqual([
      { input: '+1 631 555 1002', status: 'valid', wa_id: '16315551002' },
      { input: UNKNOWN, status: 'invalid' },
    ]);
  });

  it('fails a contact without a lookup', () => {
    expect(setUp().statusOf(['hello'], 'no_wait')).toEqual(['failed']);
  });

  it('gives the same answer twice for a repeated number', () => {
    expect(setUp().statusOf([KNOWN, '+1 631 555 1002'], 'no_wait')).toEqual(['processing', 'processing']);
  });

  it('shows a change of the directory after 7 days', () => {
    const { clock, directory, statusOf } = setUp();
    expect(statusOf([KNOWN, UNKNOWN])).toEqual(['valid', 'invalid']);
    directory.remove(KNOWN);
    directory.add(UNKNOWN);
    clock.ms += 7 * DAY_MS - 1;
    expect(statusOf([KNOWN, UNKNOWN])).toEqual(['valid', 'invalid']);
    clock.ms += 1;
    expect(statusOf([KNOWN, UNKNOWN], 'no_wait')).toEqual(['processing', 'processing']);
    expect(statusOf([KNOWN, UNKNOWN], 'no_wait')).toEqual(['invalid', 'valid']);
  });

  it('bypasses the cache with force_check, and caches the result', () => {
    const { directory, statusOf } = setUp();
    statusOf([UNKNOWN]);
    directory.add(UNKNOWN);
    expect(statusOf([UNKNOWN])).toEqual(['invalid']);
    expect(statusOf([UNKNOWN], 'wait', true)).toEqual(['valid']);
    expect(statusOf([UNKNOWN])).toEqual(['valid']);
    expect(statusOf([UNKNOWN], 'no_wait', true)).toEqual(['processing']);
  });

  it('can clear its results', () => {
    const { directory, lookup, statusOf } = setUp();
    statusOf([UNKNOWN]);
    directory.add(UNKNOWN);
    lookup.forgetResults();
    expect(statusOf([UNKNOWN])).toEqual(['valid']);
  });
});

describe('contacts from 2.43 on', () => {
  it('reports every number as valid, whatever the directory says', () => {
    const { ask } = setUp('2.45.1');
    expect(ask([KNOWN, '6315551002', '+163155588', 'hello'], 'no_wait')).toEqual([
      { input: KNOWN, status: 'valid', wa_id: '16315551002' },
      { input: '6315551002', status: 'valid', wa_id: '916315551002' },
      { input: '+163155588', status: 'valid', wa_id: '163155588' },
      { input: 'hello', status: 'failed' },
    ]);
  });

  it.each([
    ['2.41.3', false],
    ['v2.42.9', false],
    ['2.43', true],
    ['v2.43.1', true],
    ['2.45.1', true],
    ['2.100.0', true],
    ['1.99.0', false],
    ['3.0.0', true],
    ['next', false],
  ])('%s: %s', (version, expected) => {
    expect(callsEveryNumberValid(version)).toBe(expected);
  });
});
