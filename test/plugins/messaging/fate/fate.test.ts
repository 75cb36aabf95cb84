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
    [undefined, [unknown]],
    [undefined, [{ status: 'sent', at: 1 }]],
    [undefined, [unknown, { status: 'accepted', at: 1 }, { status: 'sent', at: 1 }]],
  ] as [string | undefined, FateNews[]][])('becomes %s', (outcome, news) => {
    expect(resolutionOf(told(...news))).toBe(outcome);
  });
});

it('a reference has letters alone', () => {
  expect(newReference()).toMatch(/^[a-p]{24}$/);
  expect([isReference(newReference()), isReference('a'), isReference(`${newReference()}a`)]).toEqual([
    true,
    false,
    false,
  ]);
});
