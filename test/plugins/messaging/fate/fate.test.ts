import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  FATE_STATUSES,
  type Fate,
  type FateNews,
  isReference,
  newReference,
  resolutionOf,
  statusOf,
  withNews,
} from '../../../../plugins/messaging/fate/index.js';

const REQUESTED: Fate = { channel: 'whatsapp', to: '+16315551002', template: 'welcome', times: { requested: 1000 } };

const told = (...news: FateNews[]): Fate => news.reduce(withNews, REQUESTED);

describe('the status of an invitation', () => {
  it.each([
    ['requested', []],
    ['accepted', ['accepted']],
    ['not_sent', ['not_sent']],
    ['unknown', ['unknown']],
    ['sent', ['accepted', 'sent']],
    ['sent', ['sent', 'accepted']],
    ['sent', ['unknown', 'sent']],
    ['read', ['read', 'sent', 'accepted']],
    ['read', ['accepted', 'sent', 'read', 'delivered']],
    ['failed', ['failed', 'sent', 'accepted']],
    ['delivered', ['delivered', 'failed']],
  ] as const)('is %s after %j', (status, order) => {
    const fate = told(...order.map((one, index) => ({ status: one, at: 2000 + index })));
    expect(statusOf(fate).status).toBe(status);
  });

  it('is that of the first report, with its errors', () => {
    const late = { status: 'failed', at: 3000, errors: [{ code: 131049 }] } as const;
    const early = { status: 'failed', at: 2000, errors: [{ code: 131026 }] } as const;
    for (const fate of [told(late, early), told(early, late)]) {
      expect(statusOf(fate)).toEqual({ status: 'failed', at: 2000 });
      expect(fate.errors).toEqual([{ code: 131026 }]);
    }
  });

  it('keeps the id of the message that came first', () => {
    const fate = told({ status: 'sent', at: 2000, messageId: 'wamid.1' }, { status: 'accepted', at: 2500 });
    expect(fate.messageId).toBe('wamid.1');
  });

  it('is kept with the first id of the message and the first fault', () => {
    const fate = told(
      { status: 'unknown', at: 2000, fault: 'no answer' },
      { status: 'sent', at: 3000, messageId: 'wamid.1', fault: 'other' },
      { status: 'delivered', at: 4000, messageId: 'wamid.2' },
    );
    const times = { requested: 1000, unknown: 2000, sent: 3000, delivered: 4000 };
    expect(fate).toEqual({ ...REQUESTED, times, messageId: 'wamid.1', fault: 'no answer' });
  });

  it('learns the id of the message, a fault or an earlier time from a repeated report', () => {
    const fate = told({ status: 'sent', at: 2000 });
    expect(withNews(fate, { status: 'sent', at: 2001, messageId: 'wamid.1' })).toEqual({
      ...fate,
      messageId: 'wamid.1',
    });
    expect(withNews(fate, { status: 'sent', at: 2000, fault: 'why' })).toEqual({ ...fate, fault: 'why' });
    expect(withNews(fate, { status: 'sent', at: 1999 }).times).toEqual({ requested: 1000, sent: 1999 });
  });

  it('has the errors of a failure alone, of several at the same time those with the lowest code', () => {
    const failed = (...codes: number[]): FateNews => ({
      ...{ status: 'failed', at: 2000 },
      errors: codes.map((code) => ({ code })),
    });
    expect(told({ ...failed(5), status: 'sent' }).errors).toBeUndefined();
    expect(told({ status: 'failed', at: 2000 }).errors).toEqual([]);
    expect(told({ status: 'failed', at: 2000 }, failed(5)).errors).toEqual([{ code: 5 }]);
    expect(told(failed(5), { status: 'failed', at: 2000 }).errors).toEqual([{ code: 5 }]);
    for (const order of [
      [failed(5), failed(4, 9)],
      [failed(4, 9), failed(5)],
    ])
      expect(told(...order).errors).toEqual([{ code: 4 }, { code: 9 }]);
    expect(told(failed(5), { ...failed(4), at: 2001 }).errors).toEqual([{ code: 5 }]);
  });

  it('of a record without times is requested', () => {
    expect(statusOf({ ...REQUESTED, times: {} })).toEqual({ status: 'requested', at: 0 });
  });

  it('is the same object if nothing is new', () => {
    const news: FateNews = { status: 'failed', at: 2000, messageId: 'wamid.1', errors: [{ code: 1 }] };
    const fate = told(news);
    expect(withNews(fate, news)).toBe(fate);
    expect(withNews(fate, { ...news, at: 3000 })).toBe(fate);
  });
});

describe('any reports', () => {
  const news = fc.record({
    status: fc.constantFrom(...FATE_STATUSES),
    at: fc.integer({ min: 1, max: 5 }),
    errors: fc.array(fc.record({ code: fc.integer({ min: 1, max: 3 }) }), { maxLength: 1 }),
  });
  const order = fc.array(news, { maxLength: 12 }).chain((all) =>
    fc.record({
      all: fc.constant(all),
      shuffled: fc.shuffledSubarray(all, { minLength: all.length }),
      again: fc.shuffledSubarray(all),
    }),
  );

  it('in any order, and however often they come, give the same fate', () => {
    fc.assert(
      fc.property(order, ({ all, shuffled, again }) => {
        const first = told(...all);
        const other = told(...shuffled, ...again);
        expect({ status: statusOf(other), times: other.times, code: other.errors?.[0]?.code }).toEqual({
          status: statusOf(first),
          times: first.times,
          code: first.errors?.[0]?.code,
        });
      }),
    );
  });

  it('never weaken the status', () => {
    const rank = (fate: Fate) => FATE_STATUSES.indexOf(statusOf(fate).status);
    fc.assert(
      fc.property(fc.array(news), news, (all, one) => {
        const fate = told(...all);
        expect(rank(withNews(fate, one))).toBeGreaterThanOrEqual(rank(fate));
      }),
    );
  });
});

describe('an unknown outcome', () => {
  const unknown: FateNews = { status: 'unknown', at: 2000 };
  it.each([
    ['sent', [unknown, { status: 'sent', at: 1 }]],
    ['sent', [{ status: 'sent', at: 1 }, unknown]],
    ['failed', [unknown, { status: 'failed', at: 1 }]],
    ['delivered', [unknown, { status: 'delivered', at: 1 }]],
    ['read', [unknown, { status: 'read', at: 1 }]],
    [undefined, []],
    [undefined, [unknown]],
    [undefined, [{ status: 'sent', at: 1 }]],
    [undefined, [unknown, { status: 'accepted', at: 1 }, { status: 'sent', at: 1 }]],
  ] as [string | undefined, FateNews[]][])('becomes %s', (outcome, news) => {
    expect(resolutionOf(told(...news))).toBe(outcome);
  });
});

it('a reference has 24 letters, each of 16', () => {
  expect(newReference()).toMatch(/^[a-p]{24}$/);
  const letters = new Set(Array.from({ length: 50 }, newReference).join(''));
  expect([...letters].toSorted().join('')).toBe('abcdefghijklmnop');
  const reference = newReference();
  expect(isReference(reference)).toBe(true);
  for (const text of ['a', `${reference}a`, `a${reference}`, reference.slice(1), `q${reference.slice(1)}`])
    expect([text, isReference(text)]).toEqual([text, false]);
});
