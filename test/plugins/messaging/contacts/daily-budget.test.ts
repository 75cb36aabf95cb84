import { afterEach, describe, expect, it } from '@jest/globals';
import type { ContactAnswer } from '../../../../plugins/messaging/contacts/contact-lookup.js';
import { BudgetedLookup, LocalUsage } from '../../../../plugins/messaging/contacts/daily-budget.js';
import { CallError, type Outcome } from '../../../../plugins/messaging/errors.js';
import { ConnectionFailedError } from '../../../../src/esp/index.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { freePort } from '../../../support/free-port.js';
import { LogLines } from '../../../support/log-lines.js';
import { Clock, DAY_MS } from '../mock/harness.js';
import { answers, found, metric, numbers, onPremises, Setting } from '../setting.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const CONTACTS = '/v1/contacts';
const LEFT = 'esp_contacts_budget_left{channel="whatsapp"}';

describe('the lookup budget of a day', () => {
  it('warns before it is spent, allows what is left, and then answers a fault', async () => {
    const api = await setting.api();
    const more = ', batch: { size: 8 }, limits: { lookupsPerDay: 10 }';
    const host = await setting.host({ whatsapp: onPremises(api.url, more) });
    const client = await setting.client(host);
    expect(await metric(host, LEFT)).toBe(10);
    const ids = numbers(16);
    expect(await answers(client, ...ids.slice(0, 8))).toEqual(Array(8).fill(found('')));
    await setting.log.line(
      /WARN {2}channel whatsapp: 8 of today's 10 lookups are spent; after the last, there are none/,
    );
    expect(await metric(host, LEFT)).toBe(2);
    const spent =
      '920 whatsapp failed to execute request Messaging.ValidateContact: budget of 10 lookups a day is spent';
    expect(await answers(client, ...ids.slice(8))).toEqual([found(''), found(''), ...Array(6).fill(spent)]);
    await setting.log.line(/WARN {2}channel whatsapp: today's 10 lookups are spent until 00:00 UTC/);
    await answers(client, ...ids);
    expect(setting.log.matching(/lookups are spent/)).toHaveLength(2);
    expect(api.calls.list().flatMap(({ contacts }) => contacts ?? [])).toHaveLength(10);
    expect(await metric(host, LEFT)).toBe(0);
    expect(await metric(host, 'esp_contacts_turned_away_total{channel="whatsapp",reason="budget"}')).toBe(12);
  });

  it('is not spent by cached numbers', async () => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: onPremises(api.url, ', limits: { lookupsPerDay: 1 }') });
    const client = await setting.client(host);
    for (let round = 0; round < 3; round++) expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
    expect(await metric(host, LEFT)).toBe(0);
  });

  it('answers the empty string if whenSpent says so, and does not cache it', async () => {
    const api = await setting.api();
    const more = ', batch: { size: 1 }, calls: { atOnce: 1 }, limits: { lookupsPerDay: 1, whenSpent: empty }';
    const host = await setting.host({ whatsapp: onPremises(api.url, more) });
    const client = await setting.client(host);
    await answers(client, '+4930123456');
    expect(await answers(client, KNOWN, KNOWN)).toEqual([found(''), found('')]);
    expect(api.calls.count(CONTACTS)).toBe(1);
    expect(await metric(host, 'esp_contacts_cache_total{channel="whatsapp",result="hit"}')).toBe(0);
  });

  it('is not spent by lookups that never reached the API', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const host = await setting.host({ whatsapp: onPremises(url, ', limits: { lookupsPerDay: 10 }') });
    const client = await setting.client(host);
    expect((await answers(client, ...numbers(5)))[0]).toMatch(/^901 /);
    expect(await metric(host, LEFT)).toBe(10);
  });
});

const NOBODY = { number: undefined, unreliable: false, version: undefined, knownSince: undefined };

/** A budget of 4 in front of lookups that end as `end` says, with a clock to turn. */
function start(end: () => ContactAnswer | Error) {
  const log = new LogLines();
  const metrics = new Metrics();
  const asked: string[] = [];
  const clock = new Clock(Date.parse('2026-11-30T23:59:59.999Z'));
  const inner = {
    async lookUp(number: string): Promise<ContactAnswer> {
      asked.push(number);
      const ended = end();
      if (ended instanceof Error) throw ended;
      return ended;
    },
  };
  const settings = { lookupsPerDay: 4, warnAt: 0.5, whenSpent: 'fault' } as const;
  const rejected = metrics.counter('turned_away', 'turned away');
  const usage = new LocalUsage();
  const budget = new BudgetedLookup(inner, 'one', settings, usage, log.logger, metrics, rejected, clock.now);
  const ask = (count: number) => Promise.allSettled(numbers(count).map((number) => budget.lookUp(number)));
  const read = async () =>
    [...(await metrics.text()).matchAll(/^(\w+).* (\d+)$/gm)].map(([, name, n]) => `${name} ${n}`);
  return { ask, log, asked, clock, inner, read };
}

describe('a day', () => {
  it('ends at midnight UTC; each has its own budget and its own warnings', async () => {
    const { ask, log, asked, clock } = start(() => NOBODY);
    const ends = (await ask(6)).map(({ status }) => status);
    expect(ends).toEqual([...Array(4).fill('fulfilled'), ...Array(2).fill('rejected')]);
    clock.ms += 1;
    await ask(2);
    await ask(3);
    expect(asked).toHaveLength(8);
    clock.ms += DAY_MS;
    await ask(1);
    expect(log.matching(/lookups are spent/)).toEqual([
      expect.stringMatching(/2 of today's 4 lookups are spent;/),
      expect.stringMatching(/today's 4 lookups are spent until/),
      expect.stringMatching(/2 of today's 4 lookups are spent;/),
      expect.stringMatching(/today's 4 lookups are spent until/),
    ]);
  });

  it.each<[Outcome, number]>([
    ['unreachable', 12],
    ['refused', 12],
    ['not_made', 12],
    ['broken', 4],
    ['timeout', 4],
    ['server_error', 4],
  ])('gets a lookup back if the API was not reached: %s', async (outcome, made) => {
    const cause = new CallError(outcome, outcome);
    const { ask, asked } = start(() => new ConnectionFailedError('one', 'http://one', { cause }));
    for (let round = 0; round < 3; round++) await ask(4);
    expect(asked).toHaveLength(made);
  });

  it('does not change the next day when its last lookups fail', async () => {
    const gate = Promise.withResolvers<ContactAnswer>();
    const { ask, asked, clock, inner } = start(() => NOBODY);
    const { lookUp } = inner;
    const begun = Promise.withResolvers<void>();
    inner.lookUp = () => {
      begun.resolve();
      return gate.promise;
    };
    const late = ask(1);
    await begun.promise;
    clock.ms += 1;
    inner.lookUp = lookUp;
    await ask(4);
    gate.reject(new ConnectionFailedError('one', 'http://one', { cause: new CallError('unreachable', 'x') }));
    await late;
    await ask(1);
    expect(asked).toHaveLength(4);
  });
});

describe('a budget', () => {
  const totals = (given: readonly number[], whenSpent: 'fault' | 'empty', warnAt = 0.5) => {
    const log = new LogLines();
    const metrics = new Metrics();
    const left = [...given];
    let last = 0;
    const usage = {
      add(_day: string, lookups: number) {
        if (lookups > 0) last = left.shift() ?? last;
        return last;
      },
    };
    const settings = { lookupsPerDay: 4, warnAt, whenSpent };
    const rejected = metrics.counter('turned_away', 'turned away');
    const inner = { lookUp: async () => NOBODY };
    const budget = new BudgetedLookup(inner, 'one', settings, usage, log.logger, metrics, rejected, () => 0);
    const ask = () =>
      budget.lookUp('+1').then(
        (answer) => answer,
        (error: Error) => error.message,
      );
    return { ask, budget, log, metrics };
  };
  const warned = ({ log }: { readonly log: LogLines }) =>
    log.matching(/lookups/).map((line) => line.replace(/^.*WARN +/, ''));

  it('says how it is spent', async () => {
    const budget = totals([1, 2, 3, 4, 5], 'fault');
    for (let asked = 0; asked < 4; asked++) expect(await budget.ask()).toEqual(NOBODY);
    expect(await budget.ask()).toBe('one: budget of 4 lookups a day is spent');
    const until = 'until 00:00 UTC (contacts.limits.whenSpent: fault) channel=one';
    expect(warned(budget)).toEqual([
      `channel one: 2 of today's 4 lookups are spent; after the last, there are none ${until}`,
      `channel one: today's 4 lookups are spent ${until}`,
    ]);
    expect(await budget.metrics.text()).toContain('esp_contacts_budget_limit{channel="one"} 4');
  });

  it('that other hosts have spent at once is warned about once', async () => {
    const budget = totals([7, 7, 3], 'empty');
    expect([await budget.ask(), await budget.ask()]).toEqual([NOBODY, NOBODY]);
    expect(await budget.ask()).toEqual(NOBODY);
    expect(warned(budget)).toEqual([
      "channel one: today's 4 lookups are spent until 00:00 UTC (contacts.limits.whenSpent: empty) channel=one",
    ]);
    expect(await budget.metrics.text()).toMatch(/^turned_away 2$/m);
  });

  it('shows the remaining lookups whenever it is read, never below 0', async () => {
    const { ask, read } = start(() => NOBODY);
    const values = (left: number, away: number) =>
      ['turned_away', 'esp_contacts_budget_left', 'esp_contacts_budget_limit'].map(
        (name, index) => `${name} ${[away, left, 4][index]}`,
      );
    await ask(0);
    expect(await read()).toEqual(values(4, 0));
    await ask(3);
    expect(await read()).toEqual(values(1, 0));
    await ask(3);
    expect(await read()).toEqual(values(0, 2));
  });

  it('of the next day is whole', async () => {
    const { ask, clock, read } = start(() => NOBODY);
    await ask(3);
    clock.ms += 1;
    await read();
    expect(await read()).toContain('esp_contacts_budget_left 4');
  });
});

it('the usage of a day that is over neither counts nor replaces that of today', () => {
  const usage = new LocalUsage();
  expect([usage.add('2026-11-30', 2), usage.add('2026-11-29', 5)]).toEqual([2, 0]);
  usage.set('2026-11-29', 7);
  expect(usage.add('2026-11-30', 1)).toBe(3);
  usage.set('2026-12-01', 7);
  expect([usage.add('2026-12-01', -10), usage.add('2026-12-01', 1)]).toEqual([0, 1]);
});
