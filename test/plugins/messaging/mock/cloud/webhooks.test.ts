import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MockWebhook, MockWebhookAnswer } from 'esp-host';
import { type Behaviour, type Webhook, Webhooks } from '../../../../../plugins/messaging/mock/cloud/webhooks.js';
import { LogLines } from '../../../../support/log-lines.js';
import { Clock } from '../harness.js';

const clock = new Clock();
let log: LogLines;
let posted: MockWebhook[];
let changes: number;
/** What the host answers. */
let answer: (webhook: MockWebhook) => Promise<MockWebhookAnswer> | MockWebhookAnswer;
let webhooks: Webhooks;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  log = new LogLines();
  posted = [];
  changes = 0;
  answer = () => answered(200);
  webhooks = new Webhooks(
    { to: '/hooks', appSecret: 'key', retryMs: [10, 20] },
    {
      ...{ now: clock.now, logger: log.logger },
      changed: () => {
        changes++;
      },
      post: async (webhook) => {
        posted.push(webhook);
        return answer(webhook);
      },
    },
  );
});
afterEach(() => {
  webhooks.stop();
  jest.useRealTimers();
});

const answered = (status: number, text = '', handled: Promise<boolean> = Promise.resolve(true)): MockWebhookAnswer => ({
  ...{ status, text, handled },
});

const webhook = (event: string, message = 'm', more: Partial<Webhook> = {}): Webhook => ({
  ...{ body: { event, text: 'é' }, about: { event, customer: '+1', message }, ...more },
});
const send = (behaviour?: Behaviour) => webhooks.send([webhook('sent'), webhook('delivered')], behaviour);
const events = () => posted.map(({ about }) => about.event);
const states = () => webhooks.list().map(({ state }) => state);
/** Lets what is due happen. */
const pass = (ms = 0) => jest.advanceTimersByTimeAsync(ms);

describe('a webhook', () => {
  it('is signed, and posted as it is listed', async () => {
    webhooks.send([webhook('sent')]);
    expect(webhooks.list()).toEqual([{ ...webhook('sent'), at: clock.ms, state: 'posting', attempts: 0 }]);
    await pass();
    const body = '{"event":"sent","text":"é"}';
    const signature = createHmac('sha256', 'key').update(body).digest('hex');
    const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'user-agent': 'facebookexternalua' };
    const { about } = webhook('sent');
    expect(posted).toEqual([{ to: '/hooks', headers, body, about }]);
    expect(webhooks.list()).toMatchObject([{ state: 'handled', attempts: 1, answer: '200' }]);
  });

  it('is accepted first, and handled when the host has done so', async () => {
    const handled = Promise.withResolvers<boolean>();
    answer = () => answered(200, 'ok', handled.promise);
    const accepted = jest.fn();
    webhooks.send([webhook('sent', 'm', { accepted })]);
    await pass();
    expect([states(), accepted.mock.calls.length]).toEqual([['accepted'], 1]);
    const before = changes;
    handled.resolve(true);
    await pass();
    expect([states(), changes]).toEqual([['handled'], before + 1]);
  });

  it('stays accepted if nobody knows whether it was handled', async () => {
    answer = () => answered(200, '', Promise.resolve(false));
    webhooks.send([webhook('sent')]);
    await pass();
    const before = changes;
    await pass();
    expect([states(), changes]).toEqual([['accepted'], before]);
  });

  it('waits for those of its message that are being posted, not for others', async () => {
    const first = Promise.withResolvers<MockWebhookAnswer>();
    answer = ({ about }) => (about.event === 'sent' && about.message === 'm' ? first.promise : answered(200));
    send();
    webhooks.send([webhook('sent', 'other')]);
    await pass();
    expect(events()).toEqual(['sent', 'sent']);
    first.resolve(answered(200));
    await pass();
    expect(events()).toEqual(['sent', 'sent', 'delivered']);
    expect(states()).toEqual(['handled', 'handled', 'handled']);
  });

  it('shows on the page at each step', async () => {
    webhooks.send([webhook('sent')], { hold: true });
    expect(changes).toBe(1);
    webhooks.release();
    expect(changes).toBe(2);
    await pass();
    // Answered, and handled.
    expect(changes).toBe(4);
    webhooks.release();
    expect(changes).toBe(4);
  });

  it('is listed until there are 1,000 newer ones', async () => {
    for (let count = 0; count < 1000; count++) webhooks.send([webhook('sent', `${count}`)], { never: true });
    expect([webhooks.list().length, webhooks.list()[0]?.about.message]).toEqual([1000, '0']);
    webhooks.send([webhook('sent', 'new'), webhook('delivered', 'new')], { never: true });
    expect([webhooks.list().length, webhooks.list()[0]?.about.message]).toEqual([1000, '2']);
  });

  it('is not posted later if it is no longer listed', async () => {
    webhooks.send([webhook('sent')], { delayMs: 50 });
    for (let count = 0; count < 1000; count++) webhooks.send([webhook('sent')], { never: true });
    await pass(100);
    expect(posted).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the webhooks of a message can', () => {
  it.each<[string, Behaviour, string[], string[]]>([
    ['come as usual', {}, ['sent', 'delivered'], ['handled', 'handled']],
    ['come twice', { twice: true }, ['sent', 'sent', 'delivered', 'delivered'], Array(4).fill('handled')],
    ['come in reverse order', { reversed: true }, ['delivered', 'sent'], ['handled', 'handled']],
    ['lack delivered', { noDelivered: true }, ['sent'], ['handled']],
    ['be held', { hold: true }, [], ['held', 'held']],
    ['be held instead of being late', { hold: true, delayMs: 0 }, [], ['held', 'held']],
    ['never come', { never: true, hold: true }, [], ['withheld', 'withheld']],
    [
      'come twice in reverse order',
      { twice: true, reversed: true, noDelivered: true },
      ['sent', 'sent'],
      Array(2).fill('handled'),
    ],
  ])('%s', async (_what, behaviour, expected, then) => {
    send(behaviour);
    await pass(1000);
    expect([events(), states()]).toEqual([expected, then]);
  });

  it('be late, or released before', async () => {
    send({ delayMs: 50 });
    expect(webhooks.list()).toMatchObject(Array(2).fill({ state: 'delayed', nextAt: clock.ms + 50 }));
    await pass(49);
    expect(posted).toEqual([]);
    await pass(1);
    expect([events(), states()]).toEqual([
      ['sent', 'delivered'],
      ['handled', 'handled'],
    ]);
    expect(webhooks.list()[0]?.nextAt).toBeUndefined();
    send({ delayMs: 50 });
    webhooks.release();
    await pass();
    expect(events()).toEqual(['sent', 'delivered', 'sent', 'delivered']);
    await pass(100);
    expect(posted).toHaveLength(4);
  });

  it('be released when they are held, which retry does not do', async () => {
    send({ hold: true });
    webhooks.send([webhook('read')], { never: true });
    webhooks.retry();
    await pass();
    expect(posted).toEqual([]);
    webhooks.release();
    await pass();
    expect([events(), states()]).toEqual([
      ['sent', 'delivered'],
      ['handled', 'handled', 'withheld'],
    ]);
  });
});

describe('a webhook that is not accepted', () => {
  it('is posted again after each pause, and then given up', async () => {
    answer = () => answered(401, 'wrong signature');
    const accepted = jest.fn();
    webhooks.send([webhook('sent', 'm', { accepted })]);
    await pass();
    const waiting = { state: 'waiting', answer: '401 wrong signature' };
    expect(webhooks.list()).toMatchObject([{ ...waiting, attempts: 1, nextAt: clock.ms + 10 }]);
    await pass(10);
    expect(webhooks.list()).toMatchObject([{ ...waiting, attempts: 2, nextAt: clock.ms + 20 }]);
    await pass(19);
    expect(posted).toHaveLength(2);
    expect(log.lines).toEqual([]);
    await pass(1);
    expect(webhooks.list()).toMatchObject([{ ...waiting, state: 'given up', attempts: 3 }]);
    expect(webhooks.list()[0]?.nextAt).toBeUndefined();
    expect(log.lines).toEqual([
      expect.stringMatching(/WARN {2}a webhook was given up attempts=3 answer="401 wrong signature" event=sent/),
    ]);
    await pass(1000);
    expect(posted).toHaveLength(3);
    expect(accepted).not.toHaveBeenCalled();
  });

  it.each([
    [201, '', '201'],
    [500, 'broken', '500 broken'],
  ])('with status %i and the text %j has the answer %j', async (status, text, shown) => {
    answer = () => answered(status, text);
    webhooks.send([webhook('sent')]);
    await pass();
    expect(webhooks.list()).toMatchObject([{ state: 'waiting', answer: shown }]);
  });

  it('may have no answer at all', async () => {
    answer = () => Promise.reject(new Error('no listeners.webhooks'));
    webhooks.send([webhook('sent')]);
    const before = changes;
    await pass();
    expect(webhooks.list()).toMatchObject([{ state: 'waiting', answer: 'no listeners.webhooks' }]);
    expect(changes).toBe(before + 1);
  });

  it('can be retried at once, even after it was given up, which release does not do', async () => {
    answer = () => answered(500);
    webhooks.send([webhook('sent')]);
    await pass();
    webhooks.release();
    await pass();
    expect(posted).toHaveLength(1);
    webhooks.retry();
    await pass();
    // The first pause was cancelled: the second counts.
    await pass(19);
    expect(posted).toHaveLength(2);
    await pass(1);
    expect([posted.length, states()]).toEqual([3, ['given up']]);
    answer = () => answered(200);
    webhooks.retry();
    await pass();
    expect([posted.length, states()]).toEqual([4, ['handled']]);
  });
});

describe('what is being posted', () => {
  it('is not posted again after clear, and does not keep others waiting', async () => {
    const first = Promise.withResolvers<MockWebhookAnswer>();
    answer = () => first.promise;
    send();
    await pass();
    webhooks.clear();
    expect(webhooks.list()).toEqual([]);
    first.resolve(answered(500));
    await pass(1000);
    expect(events()).toEqual(['sent']);
    expect(log.lines).toEqual([]);
    answer = () => answered(200);
    send();
    await pass();
    expect(states()).toEqual(['handled', 'handled']);
  });

  it('is given up without a word after clear', async () => {
    answer = () => answered(500);
    webhooks.send([webhook('sent')]);
    await pass(10);
    const last = Promise.withResolvers<MockWebhookAnswer>();
    answer = () => last.promise;
    await pass(20);
    expect(posted).toHaveLength(3);
    webhooks.clear();
    last.resolve(answered(500));
    await pass();
    expect(log.lines).toEqual([]);
  });

  it('is the last after stop', async () => {
    webhooks.send([webhook('sent')], { delayMs: 5 });
    webhooks.stop();
    expect(webhooks.list()).toEqual([]);
    send();
    webhooks.send([webhook('read')], { delayMs: 5 });
    await pass(10);
    expect(posted).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('waiting until the host has handled what is being posted', () => {
  it('ends when it has', async () => {
    const handled = Promise.withResolvers<boolean>();
    answer = ({ about }) => answered(200, '', about.event === 'sent' ? Promise.resolve(true) : handled.promise);
    send();
    let isOver = false;
    const waiting = webhooks.handled(10_000).then((refusal) => {
      isOver = true;
      return refusal;
    });
    await pass(9999);
    expect(isOver).toBe(false);
    handled.resolve(true);
    await pass();
    expect([isOver, await waiting]).toEqual([true, undefined]);
  });

  it('takes as long as it may', async () => {
    answer = () => answered(200, '', new Promise<boolean>(() => undefined));
    webhooks.send([webhook('sent')]);
    const waiting = webhooks.handled(50);
    await pass(50);
    expect(await waiting).toBeUndefined();
  });

  it.each([
    ['refuses', 'sent', '500 no'],
    ['refuses, and accepts others,', 'delivered', '500 no'],
  ])('says why it %s %s', async (_what, refused, refusal) => {
    answer = ({ about }) => (about.event === refused ? answered(500, 'no') : answered(200));
    send();
    const waiting = webhooks.handled(50);
    await pass(5);
    await pass(50);
    expect(await waiting).toBe(refusal);
  });

  it('does not wait for held ones', async () => {
    send({ hold: true });
    expect(await webhooks.handled(50)).toBeUndefined();
  });
});
