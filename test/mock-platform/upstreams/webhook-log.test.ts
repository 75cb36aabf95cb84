import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WebhookLog } from '../../../mock-platform/upstreams/webhook-log.js';

let log: WebhookLog;
beforeEach(() => {
  jest.useFakeTimers();
  log = new WebhookLog();
});
afterEach(() => {
  jest.useRealTimers();
});

const post = (order: string, more: Record<string, string> = {}, at = 5) =>
  log.posted({ to: '/orders', body: 'secret', about: { order, ...more } }, at);

describe('the posted webhooks', () => {
  it('are listed, oldest first, with what became of them', () => {
    const [accepted, failed] = [post('17'), post('18', {}, 6)];
    accepted({ status: 200, outcome: 'accepted' });
    expect(log.list()).toEqual([
      { at: 5, to: '/orders', about: { order: '17' }, status: 200, outcome: 'accepted' },
      { at: 6, to: '/orders', about: { order: '18' } },
    ]);
    failed({ outcome: 'failed', error: 'no listener' });
    accepted({ outcome: 'handled' });
    expect(log.list()).toMatchObject([
      { status: 200, outcome: 'handled' },
      { outcome: 'failed', error: 'no listener' },
    ]);
    log.clear();
    expect(log.list()).toEqual([]);
  });

  it('are the last 1,000', () => {
    for (let count = 0; count < 1000; count++) post(`${count}`);
    expect([log.list().length, log.list()[0]?.about]).toEqual([1000, { order: '0' }]);
    post('new');
    expect([log.list().length, log.list()[0]?.about]).toEqual([1000, { order: '1' }]);
  });
});

describe('waiting for a webhook', () => {
  it('ends with the first that matches, which may have been posted before', async () => {
    post('17')({ status: 200, outcome: 'handled' });
    post('17', { again: 'yes' })({ outcome: 'handled' });
    expect(await log.until({ about: { order: '17' } })).toEqual(log.list()[0]);
    expect(await log.until({ about: { order: '/^1/', again: 'yes' } })).toEqual(log.list()[1]);
    expect(await log.until({})).toEqual(log.list()[0]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends when it is handled, or has the expected outcome', async () => {
    const ended = post('17');
    const waiting = log.until({ about: { order: '17' } });
    const accepted = log.until({ outcome: 'accepted' });
    ended({ status: 200, outcome: 'accepted' });
    expect(await accepted).toMatchObject({ outcome: 'accepted' });
    ended({ outcome: 'handled' });
    expect(await waiting).toMatchObject({ outcome: 'handled', status: 200 });
    expect(await log.until({ outcome: 'accepted' })).toMatchObject({ outcome: 'handled' });
    post('18')({ outcome: 'refused', status: 500 });
    expect(await log.until({ outcome: 'refused' })).toMatchObject({ about: { order: '18' } });
  });

  it('takes 10 s at most, and says what came instead', async () => {
    for (let count = 0; count < 20; count++) post(`${count}`)({ status: 200, outcome: 'handled' });
    post('pending');
    const waiting = log.until({ about: { order: '/x/', missing: '1' } }).catch((error: unknown) => error);
    jest.advanceTimersByTime(9999);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    const shown = Array.from({ length: 19 }, (_, index) => `{"order":"${index + 1}"} handled 200`);
    expect(await waiting).toMatchObject({
      code: 'ESP_MOCK_WEBHOOK_TIMEOUT',
      posted: [...shown, '{"order":"pending"} pending'],
      message: expect.stringContaining('no webhook matched {"order":"/x/","missing":"1"} within 10000 ms'),
    });
  });

  it('takes as long as it may', async () => {
    const waiting = log.until({}, { timeoutMs: 5 }).catch((error: unknown) => error);
    jest.advanceTimersByTime(5);
    expect(await waiting).toMatchObject({ message: 'no webhook matched {} within 5 ms; posted were: none' });
  });

  it('needs a valid pattern', async () => {
    await expect(log.until({ about: { order: '/(/' } })).rejects.toMatchObject({ code: 'ESP_MOCK_INVALID_PATTERN' });
  });
});
