import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Metrics } from 'esp-host';
import { whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import { MessageLimits } from '../../../../plugins/messaging/limits/message-limits.js';
import { LocalRateLimiter } from '../../../../plugins/messaging/limits/rate-limiter.js';
import { cloudChannel } from '../cloud/setting.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');

function open(limits: object) {
  jest.spyOn(Date, 'now').mockReturnValue(NOW);
  const { api } = whatsAppChannel.schema.parse(cloudChannel({ api: { limits } }));
  if (api.driver !== 'cloud') throw new Error('the channel is another one');
  const metrics = new Metrics();
  const series = async () =>
    Object.fromEntries(
      (await metrics.text())
        .split('\n')
        .filter((line) => line.startsWith('esp_'))
        .map((line) => line.split(' ') as [string, string]),
    );
  return { limits: new MessageLimits('w', api, undefined, metrics), series };
}
afterEach(() => void jest.restoreAllMocks());

const limited = (throughput: number, pair: number, users: number): object => ({
  'esp_messages_limited_total{channel="w",limit="throughput"}': String(throughput),
  'esp_messages_limited_total{channel="w",limit="pair"}': String(pair),
  'esp_messages_limited_total{channel="w",limit="users"}': String(users),
});
const left = (users: number): object => ({ 'esp_messages_users_left{channel="w"}': String(users) });

const refused = (why: string) => ({
  code: 'ESP_UPSTREAM_EXECUTION_FAILED',
  why,
  cause: { code: 'ESP_MESSAGING_NOT_CALLED', message: why.replace(/; .*/, '') },
});

describe('the limits of messages', () => {
  it('are not those of customers unless the channel has such a limit', async () => {
    const { limits, series } = open({});
    expect(await limits.admit('a')).toBeUndefined();
    expect(await series()).toEqual(limited(0, 0, 0));
  });

  it('refuse the 46th message to a customer at once', async () => {
    const { limits, series } = open({});
    for (let sent = 0; sent < 45; sent++) await limits.admit('a');
    await expect(limits.admit('a')).rejects.toMatchObject(
      refused('too many messages to this customer; try again in 6 s'),
    );
    expect(await series()).toEqual(limited(0, 1, 0));
    jest.spyOn(Date, 'now').mockReturnValue(NOW + 1);
    await expect(limits.admit('a')).rejects.toMatchObject({ why: expect.stringMatching(/in 6 s$/) });
  });

  it('refuse one customer too many, and show how many are left', async () => {
    const { limits, series } = open({ usersPerDay: 2 });
    expect(await series()).toEqual({ ...limited(0, 0, 0), ...left(2) });
    await limits.admit('a');
    const giveBack = await limits.admit('b');
    expect(await series()).toEqual({ ...limited(0, 0, 0), ...left(0) });
    const spent = refused('limit of 2 customers in 24 hours is reached; try again in 86400 s');
    await expect(limits.admit('c')).rejects.toMatchObject(spent);
    expect(await series()).toEqual({ ...limited(0, 0, 1), ...left(0) });
    expect(await limits.admit('a')).toBeUndefined();
    await giveBack?.();
    expect(await series()).toEqual({ ...limited(0, 0, 1), ...left(1) });
    expect(await limits.admit('c')).toBeInstanceOf(Function);
  });

  it('count the messages that the throughput has delayed', async () => {
    const { limits, series } = open({ messagesPerSecond: 1000 });
    jest.spyOn(performance, 'now').mockReturnValue(0);
    await Promise.all([limits.turn(), limits.turn(), limits.turn()]);
    expect(await series()).toEqual(limited(2, 0, 0));
  });
});

it('the turns of a rate are spread evenly, and none is saved up', async () => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(5);
  const limiter = new LocalRateLimiter(200);
  expect(await Promise.all([limiter.turn(), limiter.turn(), limiter.turn()])).toEqual([0, 5, 10]);
  now.mockReturnValue(100);
  expect(await Promise.all([limiter.turn(), limiter.turn()])).toEqual([0, 5]);
});
