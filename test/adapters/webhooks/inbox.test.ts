import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Inbox, type InboxSettings, type Leader, WebhookMetrics } from '../../../src/adapters/webhooks/index.js';
import type { ReadyWebhook, WebhookCall, WebhookEvent, WebhookObserver } from '../../../src/host/index.js';
import { Records, StateFile } from '../../../src/state/index.js';
import { Metrics } from '../../../src/telemetry/index.js';
import { FakeClock } from '../../../src/testing/index.js';
import { until } from '../../support/eventually.js';
import { seriesValue } from '../../support/http.js';
import { LogLines } from '../../support/log-lines.js';
import { diskFull, intercept } from '../../support/state.js';

const HOUR = { keepMs: 3_600_000 };
const SETTINGS: InboxSettings = { waiting: 1000, attempts: 3, rememberMs: 3_600_000, deadlineMs: 5000 };

let state: StateFile;
let clock: FakeClock;
let inbox: Inbox;
let metrics: Metrics;
let log: LogLines;

function open(settings = SETTINGS, observer?: WebhookObserver): void {
  metrics = new Metrics();
  inbox = new Inbox({ state, metrics: new WebhookMetrics(metrics), logger: log.logger, settings, clock, observer });
}

/** Replaces the inbox with that of a host that shares its state. */
async function share(stored: () => void): Promise<void> {
  await inbox.stop(0);
  const leader = { stored } as Leader;
  inbox = new Inbox({
    state,
    leader,
    metrics: new WebhookMetrics(metrics),
    logger: log.logger,
    settings: SETTINGS,
    clock,
  });
}

beforeEach(() => {
  state = StateFile.inMemory();
  clock = new FakeClock();
  log = new LogLines();
  open();
});
afterEach(async () => {
  await inbox.stop(0);
  await state.close();
});

type Handle = (event: WebhookEvent, call: WebhookCall) => void | Promise<void>;

const webhook = (handle: Handle): ReadyWebhook => ({
  path: '/a',
  plugin: 'one',
  logger: log.logger,
  receiver: { receive: () => [], handle },
});

const use = (handle: Handle, settings = SETTINGS): Promise<void> => inbox.use([webhook(handle)], settings);
const event = (id: string, key?: string): WebhookEvent => ({ id, key, data: id });
const value = async (series: string) => seriesValue(await metrics.text(), series);
const events = (outcome: string) => value(`esp_webhook_events_total{path="/a",outcome="${outcome}"}`);
const count = (outcome: string, times: number) => until(async () => (await events(outcome)) === times);

describe('events of one key', () => {
  it('are handled one after the other, others meanwhile', async () => {
    const begun: string[] = [];
    const first = Promise.withResolvers<void>();
    await use(({ id }) => {
      begun.push(id);
      return id === 'a1' ? first.promise : undefined;
    });
    await inbox.accept('/a', [event('a1', 'a'), event('a2', 'a'), event('b1', 'b'), event('c1')]);
    await count('handled', 2);
    expect(begun).toEqual(['a1', 'b1', 'c1']);
    first.resolve();
    await count('handled', 4);
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2']);
  });

  it('wait for one that is retried; others do not', async () => {
    const begun: string[] = [];
    await use(({ id }, { attempt }) => {
      begun.push(`${id} ${attempt}`);
      if (id === 'a1' && attempt < 3) throw new Error('not yet');
    });
    await inbox.accept('/a', [event('a1', 'a'), event('a2', 'a'), event('b1', 'b')]);
    await count('handled', 1);
    await log.line(/next attempt in 1 s/);
    await until(async () => (await state.do('waiting', {}))[0]?.attempts === 1);
    clock.advance(999);
    expect(begun).toEqual(['a1 1', 'b1 1']);
    clock.advance(1);
    await log.line(/next attempt in 2 s/);
    await until(async () => (await state.do('waiting', {}))[0]?.attempts === 2);
    clock.advance(2000);
    await count('handled', 3);
    expect(begun).toEqual(['a1 1', 'b1 1', 'a1 2', 'a1 3', 'a2 1']);
  });

  it('have their effects in order, whatever the order of keys and webhooks', async () => {
    const keys = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }), { maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(keys, async (webhooks) => {
        const name = `${run++}`;
        const want = new Map<string, string[]>();
        await use(async ({ id, key }, call) => {
          const ids = (await call.state.get<string[]>(key ?? '')) ?? [];
          await call.state.put(key ?? '', [...ids, id], HOUR);
        });
        for (const [index, own] of webhooks.entries()) {
          const sent = own.map((key, at) => event(`${name} ${index} ${at}`, `${name}${key}`));
          for (const { id, key = '' } of sent) want.set(key, [...(want.get(key) ?? []), id]);
          await inbox.accept('/a', sent);
          await inbox.accept('/a', sent.slice(0, 2));
        }
        await until(async () => (await state.do('waiting', {})).length === 0);
        const records = new Records(state, 'one');
        for (const [key, ids] of want) expect(await records.get(key)).toEqual(ids);
      }),
      { numRuns: 30 },
    );
  });
});

describe('an event', () => {
  it('is handled again if data that it read has changed', async () => {
    await use(async (_event, call) => {
      await call.state.put('sum', ((await call.state.get<number>('sum')) ?? 0) + 1, HOUR);
    });
    await inbox.accept(
      '/a',
      Array.from({ length: 40 }, (_, index) => event(`e${index}`)),
    );
    await count('handled', 40);
    expect(await new Records(state, 'one').get('sum')).toBe(40);
    expect(await events('failed')).toBeUndefined();
  });

  it('is tried again after an error that cannot be looked at', async () => {
    const throwing = (): never => {
      throw new Error('of a trap');
    };
    await use((_event, { attempt }) => {
      if (attempt === 1) throw new Proxy(new Error('it'), { get: throwing, getPrototypeOf: throwing });
      if (attempt === 2) throw Object.defineProperty(new Error('it'), 'stack', { get: throwing });
    });
    await inbox.accept('/a', [event('e1')]);
    for (const attempts of [1, 2]) {
      await until(async () => (await state.do('waiting', {}))[0]?.attempts === attempts);
      clock.advance(4000);
    }
    await count('handled', 1);
  });

  it('has its follow-ups once, after its commit, however often it is handled', async () => {
    const followed: unknown[] = [];
    await use(async ({ id }, { attempt, onHandled, state: records }) => {
      const sum = (await records.get<number>('sum')) ?? 0;
      await records.put('sum', sum + 1, HOUR);
      onHandled(() => {
        throw new Error('of the follow-up');
      });
      onHandled(() => followed.push(id));
      if (id === 'e1' && attempt === 1) throw new Error('not yet');
    });
    await inbox.accept('/a', [event('e1'), event('e2'), event('e3')]);
    await until(async () => (await state.do('waiting', {}))[0]?.attempts === 1);
    clock.advance(1000);
    await count('handled', 3);
    expect(followed.toSorted()).toEqual(['e1', 'e2', 'e3']);
    expect(await new Records(state, 'one').get('sum')).toBe(3);
    await log.line(/ERROR webhook event handled, but what follows failed: of the follow-up/);
    expect(await events('failed')).toBe(1);
  });

  it('that is handled again has the data that was sent', async () => {
    const lengths: number[] = [];
    await use(async ({ data }, call) => {
      const sum = (await call.state.get<number>('sum')) ?? 0;
      lengths.push((data as number[]).push(1));
      await call.state.put('sum', sum + 1, HOUR);
    });
    const lists = ['e1', 'e2', 'e3'].map((id) => ({ ...event(id), data: [] }));
    await inbox.accept('/a', lists);
    await count('handled', 3);
    expect(lengths.length).toBeGreaterThan(3);
    expect(new Set(lengths)).toEqual(new Set([1]));
  });

  it('whose handler fails is rolled back', async () => {
    await use(async (_event, call) => {
      await call.state.put('a', 1, HOUR);
      throw new Error('in the end');
    });
    await inbox.accept('/a', [event('e1')]);
    await count('failed', 1);
    expect(await new Records(state, 'one').get('a')).toBeUndefined();
  });

  it('that takes too long fails, and its signal aborts', async () => {
    const signals: AbortSignal[] = [];
    await use((_event, { signal }) => {
      signals.push(signal);
      return new Promise<void>(() => undefined);
    });
    await inbox.accept('/a', [event('e1')]);
    await until(() => signals.length === 1);
    clock.advance(5000);
    await log.line(/webhook event failed \(next attempt in 1 s\): timed out after 5000 ms/);
    expect(signals[0]?.reason).toMatchObject({ message: 'timed out after 5000 ms' });
  });

  it('that has gone before it is handled ends without a word', async () => {
    const stored = ['e1', 'e2'].map((id) => ({ id, key: 'k', data: '1' }));
    await state.do('accept', { path: '/a', now: Date.now(), events: stored });
    await inbox.start();
    await state.do('drop', { seqs: [1] });
    const handled: string[] = [];
    await use(({ id }) => void handled.push(id));
    await count('handled', 1);
    expect([handled, await value('esp_webhook_events_waiting'), log.matching(/failed/)]).toEqual([['e2'], 0, []]);
  });

  it('that another host has handled meanwhile has no follow-ups, and does not count', async () => {
    const seen: string[] = [];
    await inbox.stop(0);
    open(SETTINGS, { stored: () => undefined, handled: (_path, id) => void seen.push(id) });
    await use(async ({ id }, { onHandled }) => {
      onHandled(() => seen.push('follow-up'));
      if (id === 'e1') await state.do('drop', { seqs: [1] });
    });
    await inbox.accept('/a', [event('e1', 'k'), event('e2', 'k')]);
    await count('handled', 1);
    expect([seen, await value('esp_webhook_events_waiting')]).toEqual([['e1', 'follow-up', 'e2'], 0]);
  });

  it('is parked after its attempts, and the next of its key handled', async () => {
    await use(({ id }) => {
      if (id === 'a1') throw new Error('never');
    });
    await inbox.accept('/a', [event('a1', 'a'), event('a2', 'a')]);
    for (const attempts of [1, 2]) {
      await until(async () => (await state.do('waiting', {}))[0]?.attempts === attempts);
      clock.advance(4000);
    }
    await count('handled', 1);
    expect([await events('parked'), await value('esp_webhook_events_parked')]).toEqual([1, 1]);
    expect(log.matching(/ERROR webhook event failed \(parked\): never/)).toHaveLength(1);
  });

  it('that fails is logged with its receiver and the stack', async () => {
    await use((_event, { onHandled, attempt }) => {
      if (attempt === 1) throw new Error('of the handler');
      onHandled(() => {
        throw new Error('of the follow-up');
      });
    });
    await inbox.accept('/a', [event('e1')]);
    expect(await log.line(/WARN {2}webhook event failed \(next attempt in 1 s\): of the handler/)).toMatch(
      /webhook=\/a plugin=one\n +Error: of the handler\n/,
    );
    await until(async () => (await state.do('waiting', {}))[0]?.attempts === 1);
    clock.advance(1000);
    expect(await log.line(/what follows failed: of the follow-up/)).toMatch(
      /webhook=\/a plugin=one\n +Error: of the follow-up\n/,
    );
  });

  it('whose records change each time fails after 100 runs', async () => {
    let runs = 0;
    await use(async (_event, call) => {
      runs++;
      await call.state.get('sum');
      await new Records(state, 'one').put('sum', runs, HOUR);
      await call.state.put('sum', 0, HOUR);
    });
    await inbox.accept('/a', [event('e1')]);
    await log.line(/webhook event failed \(next attempt in 1 s\): its records changed during 100 attempts/);
    expect(runs).toBe(100);
  });

  it('pauses for 5 minutes at most', async () => {
    await use(
      () => {
        throw new Error('never');
      },
      { ...SETTINGS, attempts: 100 },
    );
    await state.do('accept', { path: '/a', now: Date.now(), events: [{ id: 'old', key: undefined, data: '1' }] });
    await state.do('fail', { term: undefined, seq: 1, attempts: 8, parked: false });
    await inbox.start();
    inbox.take([]);
    await log.line(/next attempt in 256 s/);
    await until(async () => (await state.do('waiting', {}))[0]?.attempts === 9);
    clock.advance(256_000);
    await log.line(/next attempt in 300 s/);
  });

  it.each([
    ['id', (text: string) => event(text)],
    ['key', (text: string) => event('e1', text)],
  ])('may have 1,000 characters in its %s', async (_what, of) => {
    await use(() => undefined);
    expect(await inbox.accept('/a', [of('a'.repeat(1000))])).toBe(true);
    await expect(inbox.accept('/a', [of('a'.repeat(1001))])).rejects.toThrow(
      'an event needs an id of 1 to 1000 characters, and so does its key if it has one',
    );
    await count('handled', 1);
  });

  it('has null as data if it has none', async () => {
    const got: unknown[] = [];
    await use(({ data }) => void got.push(data));
    await inbox.accept('/a', [{ id: 'e1', data: undefined }]);
    await count('handled', 1);
    expect(got).toEqual([null]);
  });

  it('without a receiver waits for one', async () => {
    await inbox.accept('/b', [event('b1')]);
    await use(() => undefined);
    await inbox.accept('/a', [event('a1')]);
    await count('handled', 1);
    expect(await value('esp_webhook_events_waiting')).toBe(1);
    await inbox.use([{ ...webhook(() => undefined), path: '/b' }], SETTINGS);
    await until(async () => (await value('esp_webhook_events_waiting')) === 0);
  });

  it('with an invalid id or key is not stored', async () => {
    const wrong = [event(''), event('a'.repeat(1001)), event('a', ''), { ...event('a'), id: JSON.parse('5') }];
    for (const one of wrong) await expect(inbox.accept('/a', [event('good'), one])).rejects.toThrow(TypeError);
    expect(await state.do('waiting', {})).toEqual([]);
  });
});

describe('an inbox', () => {
  it('that is full accepts nothing until events end', async () => {
    const held = Promise.withResolvers<void>();
    await use(() => held.promise, { ...SETTINGS, waiting: 2 });
    expect(await inbox.accept('/a', [event('e1'), event('e2'), event('e3')])).toBe(false);
    expect(await inbox.accept('/a', [event('e1'), event('e2')])).toBe(true);
    expect(await inbox.accept('/a', [event('e3')])).toBe(false);
    held.resolve();
    await count('handled', 2);
    expect(await inbox.accept('/a', [event('e3')])).toBe(true);
  });

  it('keeps room for what is being stored, and gives it back if that fails', async () => {
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const waits = held.map(({ promise }) => promise);
    intercept(state, ({ kind }) => (kind === 'accept' ? waits.shift() : undefined));
    await use(() => undefined, { ...SETTINGS, waiting: 2 });
    const [first, second] = [inbox.accept('/a', [event('e1')]), inbox.accept('/a', [event('e2')])];
    expect(await value('esp_webhook_events_waiting')).toBe(2);
    expect(await inbox.accept('/a', [event('e3')])).toBe(false);
    held[0].reject(new Error('of the state'));
    await expect(first).rejects.toThrow('of the state');
    expect(await value('esp_webhook_events_waiting')).toBe(1);
    expect(await inbox.accept('/a', [event('e3')])).toBe(true);
    held[1].resolve();
    expect(await second).toBe(true);
    await count('handled', 2);
    expect(await value('esp_webhook_events_waiting')).toBe(0);
  });

  it('has no room if the state that it shares has none', async () => {
    const real = state.do.bind(state);
    state.do = ((kind, input) => (kind === 'accept' ? Promise.resolve([]) : real(kind, input))) as typeof state.do;
    await use(() => undefined);
    expect([await inbox.accept('/a', [event('e1')]), await events('accepted')]).toEqual([false, undefined]);
  });

  it('counts what it has stored, and what it had already', async () => {
    await use(() => undefined);
    await inbox.accept('/a', [event('e1'), event('e2')]);
    expect(await inbox.accept('/a', [event('e2'), event('e3')])).toBe(true);
    await count('handled', 3);
    expect([await events('accepted'), await events('duplicate')]).toEqual([3, 1]);
  });

  it('does not wait for those at work of a receiver that stays', async () => {
    const held = Promise.withResolvers<void>();
    const [stays, added] = [webhook(() => held.promise), { ...webhook(() => undefined), path: '/b' }];
    await inbox.use([stays], SETTINGS);
    await inbox.accept('/a', [event('e1')]);
    await inbox.use([stays, added], SETTINGS);
    expect([...inbox.webhooks.keys()]).toEqual(['/a', '/b']);
    held.resolve();
    await count('handled', 1);
  });

  it('hands over when those at work have finished', async () => {
    const held = Promise.withResolvers<void>();
    await use(() => held.promise);
    await inbox.accept('/a', [event('a1', 'a'), event('a2', 'a')]);
    const later: string[] = [];
    let handedOver = false;
    const done = use(({ id }) => void later.push(id)).then(() => {
      handedOver = true;
    });
    await inbox.accept('/a', [event('b1')]);
    await until(() => later.includes('b1'));
    expect([later, handedOver]).toEqual([['b1'], false]);
    held.resolve();
    await done;
    await count('handled', 3);
    expect(later).toEqual(['b1', 'a2']);
  });

  it('that stops starts nothing more, and another one continues', async () => {
    const held = Promise.withResolvers<void>();
    await use(() => held.promise);
    await inbox.accept('/a', [event('a1', 'a'), event('a2', 'a')]);
    const stopped = inbox.stop(60_000);
    expect(await inbox.accept('/a', [event('a3', 'a')])).toBe(false);
    held.resolve();
    await stopped;
    open();
    await inbox.start();
    const later: string[] = [];
    await use(({ id }) => void later.push(id));
    await count('handled', 1);
    expect(later).toEqual(['a2']);
  });

  it('tries again, without counting an attempt, if the state file fails', async () => {
    let failures = 1;
    intercept(state, ({ kind }) => (kind === 'commit' && failures-- > 0 ? diskFull() : undefined));
    const attempts: number[] = [];
    await use((_event, { attempt }) => void attempts.push(attempt));
    await inbox.accept('/a', [event('e1')]);
    await log.line(/next attempt in 1 s\): disk full/);
    await count('failed', 1);
    await until(() => {
      clock.advance(1000);
      return attempts.length === 2;
    });
    await count('handled', 1);
    expect(attempts).toEqual([1, 1]);
  });

  it('tries an event again that cannot be stored as parked', async () => {
    let failures = 1;
    intercept(state, ({ kind }) => (kind === 'fail' && failures-- > 0 ? diskFull() : undefined));
    const attempts: number[] = [];
    await use(
      (_event, { attempt }) => {
        attempts.push(attempt);
        throw new Error('never');
      },
      { ...SETTINGS, attempts: 1 },
    );
    await inbox.accept('/a', [event('e1')]);
    await count('failed', 1);
    await until(() => {
      clock.advance(1000);
      return attempts.length === 2;
    });
    await count('parked', 1);
    expect([attempts, await events('failed')]).toEqual([[1, 2], 2]);
  });

  it('waits longer and longer while the state file fails', async () => {
    intercept(state, ({ kind }) => (kind === 'commit' || kind === 'fail' ? diskFull() : undefined));
    await use(() => undefined);
    await inbox.accept('/a', [event('e1')]);
    for (const [index, seconds] of [1, 2, 4, 8].entries()) {
      await log.line(new RegExp(`next attempt in ${seconds} s\\): disk full`));
      await count('failed', index + 1);
      await until(() => {
        clock.advance(1000);
        return log.matching(/disk full/).length > index + 1;
      });
    }
  });

  it('handles the events of one path while another is slow', async () => {
    const held = Promise.withResolvers<void>();
    const handled: string[] = [];
    const quick: Handle = ({ id }) => void handled.push(id);
    await inbox.use([webhook(() => held.promise), { ...webhook(quick), path: '/b' }], SETTINGS);
    await inbox.accept(
      '/a',
      Array.from({ length: 100 }, (_, index) => event(`a${index}`)),
    );
    await inbox.accept('/b', [event('b1'), event('b2')]);
    await until(() => handled.length === 2);
    held.resolve();
    await count('handled', 100);
  });

  it('handles 64 events at a time', async () => {
    const held = Promise.withResolvers<void>();
    let begun = 0;
    await use(() => {
      begun++;
      return held.promise;
    });
    await inbox.accept(
      '/a',
      Array.from({ length: 100 }, (_, index) => event(`a${index}`)),
    );
    await until(() => begun > 0);
    expect(begun).toBe(64);
    held.resolve();
    await count('handled', 100);
  });

  it('keeps room for others if the events of a path wait, and are parked', async () => {
    const settings = { ...SETTINGS, waiting: 2, attempts: 1 };
    const broken = webhook(() => {
      throw new Error('never');
    });
    await inbox.use([broken, { ...webhook(() => undefined), path: '/b' }], settings);
    expect(await inbox.accept('/a', [event('a1'), event('a2')])).toBe(true);
    await count('parked', 2);
    expect(await inbox.accept('/a', [event('a3')])).toBe(false);
    expect(await inbox.accept('/b', [event('b1'), event('b2')])).toBe(true);
    await inbox.use([{ ...broken, receiver: webhook(() => undefined).receiver }], settings);
    await count('handled', 2);
    expect(await inbox.accept('/a', [event('a3')])).toBe(true);
  });

  it('tries all parked events again, and leaves alone what is parked again', async () => {
    const settings = { ...SETTINGS, waiting: 5000, attempts: 1 };
    const all = Array.from({ length: 2500 }, (_, index) => event(`e${index}`, `${index % 100}`));
    const failing = webhook(() => {
      throw new Error('never');
    });
    await inbox.use([failing], settings);
    await inbox.accept('/a', all);
    await count('parked', 2500);
    // The next instance fails for some of them.
    const handled: string[] = [];
    const next = webhook(({ id }) => {
      if (id.endsWith('7')) throw new Error('not yet');
      handled.push(id);
    });
    await inbox.use([next], settings);
    await count('handled', 2250);
    await count('parked', 2750);
    expect(await value('esp_webhook_events_parked')).toBe(250);
    const ofKey = (key: number) => handled.filter((id) => Number(id.slice(1)) % 100 === key);
    expect(ofKey(42)).toEqual(all.filter(({ key }) => key === '42').map(({ id }) => id));
  });

  it('looks for parked events only if it has some', async () => {
    const asked: string[] = [];
    intercept(state, ({ kind }) => void asked.push(kind));
    await use(() => undefined);
    await use(() => undefined);
    expect(asked).toEqual([]);
  });

  it('drops events that are parked for too long', async () => {
    await inbox.start();
    await use(
      () => {
        throw new Error('never');
      },
      { ...SETTINGS, attempts: 1, rememberMs: -1000 },
    );
    await inbox.accept('/a', [event('e1'), event('e2')]);
    await count('parked', 2);
    clock.advance(1000);
    await log.line(/ERROR webhook events were parked for too long and dropped events=2/);
    expect(await value('esp_webhook_events_dropped_total')).toBe(2);
    expect(await value('esp_webhook_events_parked')).toBe(0);
    await use(() => undefined, { ...SETTINGS, waiting: 2 });
    expect(await inbox.accept('/a', [event('e3'), event('e4')])).toBe(true);
  });

  it('forgets what is too old once a second, until it stops', async () => {
    const purges: unknown[] = [];
    intercept(state, ({ kind, input }) => void (kind === 'purge' && purges.push(input)));
    await inbox.start();
    await use(() => undefined, { ...SETTINGS, rememberMs: 5000 });
    const now = expect.any(Number);
    for (let times = 1; times < 3; times++) {
      clock.advance(999);
      expect(purges).toHaveLength(times - 1);
      clock.advance(1);
      await until(() => purges.length === times);
      for (let turn = 0; turn < 5; turn++) await state.do('waiting', {});
    }
    const [purged] = purges as [{ now: number; before: number }];
    expect(purged).toEqual({ term: undefined, now, before: purged.now - 5000, remembered: 5_000_000 });
    expect(log.lines).toEqual([]);
    await inbox.stop(0);
    clock.advance(10_000);
    expect(purges).toHaveLength(2);
  });

  it('that shares its state forgets for all hosts while it has its turn, otherwise only what expires', async () => {
    await share(() => undefined);
    const purges: unknown[] = [];
    intercept(state, ({ kind, input }) => void (kind === 'purge' && purges.push(input)));
    const now = expect.any(Number);
    const ofNone = { now, before: 0, remembered: Number.MAX_SAFE_INTEGER };
    const ofTerm = (term: string) => ({ term, now, before: now, remembered: 5_000_000 });
    const purged = async (count: number) => {
      clock.advance(1000);
      await until(() => purges.length >= count);
      for (let turn = 0; turn < 5; turn++) await state.do('waiting', {});
    };
    await purged(1);
    inbox.lead('one');
    inbox.follow();
    inbox.lead('two');
    await purged(2);
    inbox.follow();
    await purged(3);
    expect(purges).toEqual([ofNone, ofTerm('two'), ofNone]);
  });

  it('that shares its state leaves what it has stored to the host that has its turn', async () => {
    let told = 0;
    await share(() => void told++);
    const handled: string[] = [];
    await use(({ id }) => void handled.push(id));
    expect(await inbox.accept('/a', [event('e1')])).toBe(true);
    expect([told, await value('esp_webhook_events_waiting'), await events('accepted')]).toEqual([1, 0, 1]);
    inbox.lead('one');
    inbox.take(await state.do('waiting', {}));
    await count('handled', 1);
    expect(handled).toEqual(['e1']);
  });

  it('tries to drop events of a removed receiver again if that fails, or hands them to a new one', async () => {
    let drops = 0;
    intercept(state, ({ kind }) => (kind === 'drop' && ++drops < 3 ? diskFull() : undefined));
    const stored = ['b1', 'b2'].map((id) => ({ id, key: id, data: '1' }));
    await state.do('accept', { path: '/b', now: Date.now() - 7_200_000, events: stored });
    await inbox.start();
    await use(() => undefined);
    for (const times of [1, 2]) {
      clock.advance(1000);
      await until(() => drops === times);
      for (let turn = 0; turn < 5; turn++) await state.do('waiting', {});
    }
    expect([await value('esp_webhook_events_waiting'), await value('esp_webhook_events_dropped_total')]).toEqual([
      2, 0,
    ]);
    expect(log.matching(/dropped/)).toEqual([]);
    const handled: string[] = [];
    await inbox.use([{ ...webhook(({ id }) => void handled.push(id)), path: '/b' }], SETTINGS);
    await until(() => handled.length === 2);
    await until(async () => (await value('esp_webhook_events_waiting')) === 0);
  });

  it('keeps up to 4 MB of data in memory, and loads the others', async () => {
    const loaded: (readonly number[])[] = [];
    intercept(state, ({ kind, input }) => {
      if (kind === 'load') loaded.push(input.seqs);
    });
    const lengths: number[] = [];
    await use(({ data }) => void lengths.push((data as string).length));
    const large = (id: string, length: number) => ({ id, key: 'k', data: 'a'.repeat(length - 2) });
    await inbox.accept('/a', [large('e1', 4_194_300), large('e2', 4), large('e3', 2), large('e4', 10)]);
    await count('handled', 4);
    expect(lengths).toEqual([4_194_298, 2, 0, 8]);
    expect(loaded).toEqual([[3], [4]]);
    // What has ended takes no room.
    await inbox.accept('/a', [large('e5', 4_194_304)]);
    await count('handled', 5);
    expect(loaded).toHaveLength(2);
  });

  it('waits for those at work when it stops, but not for ever', async () => {
    const held = Promise.withResolvers<void>();
    await use(() => held.promise, { ...SETTINGS, deadlineMs: 100_000 });
    await inbox.accept('/a', [event('e1')]);
    let stopped = false;
    const done = inbox.stop(5000).then(() => {
      stopped = true;
    });
    clock.advance(4999);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(stopped).toBe(false);
    clock.advance(1);
    await done;
    held.resolve();
  });

  it('drops at most 1,000 events of a removed receiver at a time', async () => {
    const stored = Array.from({ length: 1500 }, (_, index) => ({ id: `b${index}`, key: 'k', data: '1' }));
    await state.do('accept', { path: '/b', now: Date.now() - 7_200_000, events: stored });
    await inbox.start();
    await use(() => undefined);
    for (const dropped of [1000, 1500]) {
      clock.advance(1000);
      await until(async () => (await value('esp_webhook_events_dropped_total')) === dropped);
    }
    expect(await state.do('waiting', {})).toEqual([]);
  });

  it('keeps room for others, and drops them at last, if a receiver was removed', async () => {
    const stored = (id: string) => ({ id, key: 'k', data: '1' });
    await state.do('accept', { path: '/b', now: Date.now() - 7_200_000, events: [stored('b1'), stored('b2')] });
    await state.do('accept', { path: '/b', now: Date.now(), events: [stored('b3')] });
    await inbox.start();
    // The receivers are not known yet.
    clock.advance(10_000);
    for (let turn = 0; turn < 5; turn++) expect(await state.do('waiting', {})).toHaveLength(3);
    await use(() => undefined, { ...SETTINGS, waiting: 2 });
    expect(await inbox.accept('/a', [event('a1'), event('a2')])).toBe(true);
    await count('handled', 2);
    clock.advance(10_000);
    await log.line(/ERROR webhook events without a receiver were dropped/);
    expect(await state.do('waiting', {})).toMatchObject([{ path: '/b', seq: 3 }]);
    expect(await value('esp_webhook_events_dropped_total')).toBe(2);
    expect(await value('esp_webhook_events_waiting')).toBe(1);
    const handled: string[] = [];
    await inbox.use([{ ...webhook(({ id }) => void handled.push(id)), path: '/b' }], SETTINGS);
    await until(() => handled.length > 0);
    expect(handled).toEqual(['b3']);
  });

  it('tries all events that an earlier process has parked', async () => {
    const stored = ['e1', 'e2', 'e3'].map((id) => ({ id, key: undefined, data: '1' }));
    await state.do('accept', { path: '/a', now: Date.now(), events: stored });
    for (const seq of [1, 2]) await state.do('fail', { term: undefined, seq, attempts: 3, parked: true });
    await inbox.start();
    await use(() => undefined);
    await count('handled', 3);
    await log.line(/webhook events of an earlier run are handled events=3/);
  });

  it('that finds nothing says nothing, and counts the events of a receiver from 0', async () => {
    await inbox.start();
    new WebhookMetrics(metrics).receiver('/a');
    const outcomes = ['accepted', 'duplicate', 'handled', 'failed', 'parked'];
    expect(await Promise.all(outcomes.map(events))).toEqual([0, 0, 0, 0, 0]);
    const answers = (outcome: string) => value(`esp_webhooks_total{path="/a",outcome="${outcome}"}`);
    expect([await answers('accepted'), await answers('unauthorized')]).toEqual([0, 0]);
    expect(log.lines).toEqual([]);
  });

  it('shows the age of its oldest event', async () => {
    await state.do('accept', { path: '/a', now: Date.now() - 5000, events: [{ id: 'e1', key: undefined, data: '1' }] });
    await inbox.start();
    expect(await value('esp_webhook_oldest_event_seconds')).toBeGreaterThanOrEqual(5);
    expect(await value('esp_webhook_oldest_event_seconds')).toBeLessThan(60);
    expect(log.matching(/webhook events of an earlier run are handled/)).toHaveLength(1);
    await use(() => undefined);
    await count('handled', 1);
    expect(await value('esp_webhook_oldest_event_seconds')).toBe(0);
  });
});

it('an observer learns which events are stored and handled, in this order', async () => {
  await inbox.stop(0);
  const seen: unknown[] = [];
  open(SETTINGS, {
    stored: ({ path, headers, ids, fresh }) => seen.push([path, headers, ids, fresh]),
    handled: (path, id) => seen.push(`handled ${path} ${id}`),
  });
  await use(() => undefined);
  await inbox.accept('/a', [event('a1')], { host: 'x' });
  await count('handled', 1);
  await inbox.accept('/a', [event('a1'), event('a2')]);
  await count('handled', 2);
  expect(seen).toEqual([
    ['/a', { host: 'x' }, ['a1'], ['a1']],
    'handled /a a1',
    ['/a', {}, ['a1', 'a2'], ['a2']],
    'handled /a a2',
  ]);
});
