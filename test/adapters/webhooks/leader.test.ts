import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Box, Inbox, Leader, WebhookMetrics } from '../../../src/adapters/webhooks/index.js';
import type { ReadyWebhook, WebhookReceiver } from '../../../src/host/index.js';
import { type Lease, Records, type RedisState, type StateStore, type WaitingEvent } from '../../../src/state/index.js';
import { Metrics } from '../../../src/telemetry/index.js';
import { FakeClock } from '../../../src/testing/index.js';
import { Changes, until } from '../../support/eventually.js';
import { removeFolders } from '../../support/files.js';
import { seriesValue } from '../../support/http.js';
import { LogLines } from '../../support/log-lines.js';
import { RedisServer } from '../../support/redis-server.js';
import { redisState } from '../../support/redis-state.js';
import { redisDescribe } from '../../support/redis-tests.js';

const SETTINGS = { waiting: 100, attempts: 3, rememberMs: 3_600_000, deadlineMs: 1000 };

afterAll(removeFolders);

/** A box that says what it is told. */
class Told implements Box {
  readonly said: string[] = [];
  readonly terms: string[] = [];
  readonly #changes = new Changes();

  lead(term: string): void {
    this.terms.push(term);
    this.#say('lead');
  }
  take(events: readonly { readonly seq: number }[]): void {
    this.#say(`take ${events.map(({ seq }) => seq).join(' ')}`);
  }
  follow(): void {
    this.#say('follow');
  }

  says(...lines: readonly string[]): Promise<true> {
    const isSo = (): true | undefined => (`${this.said}` === `${lines}` ? true : undefined);
    return this.#changes.first(isSo, () => `it is told ${lines}; so far: ${this.said}`);
  }

  #say(line: string): void {
    this.said.push(line);
    this.#changes.announce();
  }
}

/** What a state is asked, and what it answers. */
class Scripted {
  asked: unknown[][] = [];
  stored: WaitingEvent[] = [];
  parked = 0;
  /** Whether no other host has its turn, and a term still lasts. */
  isFree = true;
  /** Called before each answer. */
  before: () => Promise<void> = () => Promise.resolve();

  readonly lease: Lease = {
    take: (...given) => this.#answer(['take', ...given], () => this.isFree),
    extend: (...given) => this.#answer(['extend', ...given], () => this.isFree),
    release: (...given) => this.#answer(['release', ...given], () => undefined),
  };

  readonly do = ((kind: string, input: { after: number; most: number }) =>
    this.#answer([kind, input], () => {
      if (kind === 'waiting') return this.stored.filter(({ seq }) => seq > input.after).slice(0, input.most);
      const unparked = Math.min(this.parked, input.most);
      this.parked -= unparked;
      return eventsFrom(1, unparked);
    })) as StateStore['do'];

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The names of what it was asked since the last call. */
  kinds(): unknown[] {
    const kinds = this.asked.map(([kind]) => kind);
    this.asked = [];
    return kinds;
  }

  async #answer<T>(asked: unknown[], result: () => T): Promise<T> {
    this.asked.push(asked);
    await this.before();
    return result();
  }
}

const eventsFrom = (first: number, count: number): WaitingEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    seq: first + index,
    path: '/a',
    key: null,
    receivedAt: 0,
    attempts: 0,
  }));

describe('the turn of a host', () => {
  let state: Scripted;
  let clock: FakeClock;
  let metrics: Metrics;
  let log: LogLines;
  let box: Told;
  let leader: Leader;
  beforeEach(() => {
    state = new Scripted();
    clock = new FakeClock();
    metrics = new Metrics();
    log = new LogLines();
    box = new Told();
    const leads = new WebhookMetrics(metrics).leads();
    leader = new Leader({ state, lease: state.lease, logger: log.logger, leads, clock });
  });

  const settled = () => new Promise((resolve) => setImmediate(resolve));
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settled();
  }
  async function start(): Promise<void> {
    leader.start([box]);
    await settled();
  }
  /** Lets it look for stored events, with a state that doesn't answer until the result is settled. */
  async function lookHeldUp(): Promise<PromiseWithResolvers<void>> {
    const held = Promise.withResolvers<void>();
    state.before = () => held.promise;
    leader.stored();
    await settled();
    return held;
  }
  const leads = async () => seriesValue(await metrics.text(), 'esp_webhook_leads');
  const broken = () => Promise.reject(new Error('of the state'));

  it('begins with all that is parked or waits, 1,000 events at a time', async () => {
    state.parked = 2000;
    state.stored = eventsFrom(1, 2000);
    expect(await leads()).toBe(0);
    await start();
    const [term = ''] = box.terms;
    const host = term.slice(0, -1);
    expect(term).toMatch(/^[\da-f-]{36} 1$/);
    const unpark = ['unpark', { term, until: Number.MAX_SAFE_INTEGER, most: 1000 }];
    const waiting = (after: number) => ['waiting', { term, after, most: 1000 }];
    expect(state.asked).toEqual([
      ['take', term, host],
      unpark,
      unpark,
      unpark,
      waiting(0),
      waiting(1000),
      waiting(2000),
    ]);
    const numbers = (first: number) => eventsFrom(first, 1000).map(({ seq }) => seq);
    expect(box.said).toEqual(['lead', `take ${numbers(1).join(' ')}`, `take ${numbers(1001).join(' ')}`]);
    expect(await leads()).toBe(1);
    expect(log.matching(/INFO {2}this host handles webhook events$/)).toHaveLength(1);
    state.asked = [];
    await advance(100);
    expect(state.asked).toEqual([waiting(2000)]);
  });

  it('is asked for every 500 ms', async () => {
    state.isFree = false;
    await start();
    await start();
    leader.stored();
    await advance(499);
    expect(state.kinds()).toEqual(['take']);
    await advance(1);
    await advance(500);
    expect(state.kinds()).toEqual(['take', 'take']);
    expect([box.said, await leads(), log.lines]).toEqual([[], 0, []]);
  });

  it('lets it look for events every 100 ms, and is extended every 3 s', async () => {
    await start();
    state.kinds();
    await advance(99);
    expect(state.kinds()).toEqual([]);
    await advance(1);
    for (let looks = 1; looks < 60; looks++) await advance(100);
    const looks = (count: number) => Array.from({ length: count }, () => 'waiting');
    expect(state.kinds()).toEqual([...looks(29), 'extend', ...looks(30), 'extend', 'waiting']);
  });

  it('is over when it cannot be extended, and another one begins with what waits', async () => {
    state.stored = eventsFrom(1, 1);
    await start();
    state.isFree = false;
    await advance(2999);
    expect(box.said).toEqual(['lead', 'take 1']);
    for (let looks = 0; looks < 30; looks++) await advance(100);
    expect(box.said).toEqual(['lead', 'take 1', 'follow']);
    expect(await leads()).toBe(0);
    expect(log.matching(/INFO {2}another host may handle webhook events: its turn has ended$/)).toHaveLength(1);
    state.before = broken;
    await advance(500);
    await advance(500);
    state.before = () => Promise.resolve();
    state.isFree = true;
    await advance(500);
    expect(box.said).toEqual(['lead', 'take 1', 'follow', 'lead', 'take 1']);
    expect(box.terms.map((term) => term.split(' ')[0])).toEqual(Array(2).fill(box.terms[0]?.split(' ')[0]));
    expect(new Set(box.terms).size).toBe(2);
    expect(log.lines).toHaveLength(3);
  });

  it('is given back once when it stops, though the state may fail', async () => {
    await leader.stop();
    await start();
    state.kinds();
    state.before = broken;
    await leader.stop();
    await leader.stop();
    await advance(10_000);
    expect(state.asked).toEqual([['release', box.terms[0]]]);
    expect([box.said, await leads()]).toEqual([['lead', 'follow'], 0]);
  });

  it('that begins while it stops is given back, unless it starts again', async () => {
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    for (const [index, { promise, resolve }] of held.entries()) {
      state.before = () => promise;
      leader.start([box]);
      const stopped = leader.stop();
      if (index === 1) leader.start([box]);
      state.before = () => Promise.resolve();
      resolve();
      await stopped;
      await settled();
    }
    expect(box.said).toEqual(['lead', 'follow', 'lead']);
    expect(state.kinds()).toEqual([
      ...['take', 'unpark', 'waiting', 'release'],
      ...['take', 'unpark', 'waiting', 'waiting'],
    ]);
    await advance(100);
    expect(state.kinds()).toEqual(['waiting']);
  });

  it('lets it look at once for what was stored, and once more for what was stored meanwhile', async () => {
    await start();
    state.kinds();
    const held = await lookHeldUp();
    expect(state.kinds()).toEqual(['waiting']);
    leader.stored();
    leader.stored();
    await settled();
    state.before = () => Promise.resolve();
    held.resolve();
    await settled();
    await advance(99);
    expect(state.kinds()).toEqual(['waiting']);
    await advance(1);
    expect(state.kinds()).toEqual(['waiting']);
  });

  it('that ends while events are stored is asked for after 500 ms', async () => {
    await start();
    state.kinds();
    const held = await lookHeldUp();
    leader.stored();
    state.before = () => Promise.resolve();
    held.reject(new Error('of the state'));
    await settled();
    await advance(499);
    expect(state.kinds()).toEqual(['waiting']);
    await advance(1);
    expect(state.kinds()).toEqual(['take', 'unpark', 'waiting']);
    await advance(99);
    expect(state.kinds()).toEqual([]);
  });
});

interface Member {
  readonly leader: Leader;
  readonly box: Told;
  readonly clock: FakeClock;
}

redisDescribe('hosts that share a state', () => {
  let server: RedisServer;
  let prefix = '';
  let prefixes = 0;
  let state: RedisState;
  let log: LogLines;
  const members: Member[] = [];
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    prefix = `leader-${prefixes++}:`;
    state = await redisState(server.url, prefix);
    log = new LogLines();
  });
  afterEach(async () => {
    for (const { leader } of members.splice(0)) await leader.stop();
    await state.close();
  });

  function member(lease: Lease = state.lease): Member {
    const clock = new FakeClock();
    const leads = new WebhookMetrics(new Metrics()).leads();
    const leader = new Leader({ state, lease, logger: log.logger, leads, clock });
    const one = { leader, box: new Told(), clock };
    members.push(one);
    return one;
  }

  const accept = (...ids: string[]) =>
    state.do('accept', { path: '/a', now: Date.now(), events: ids.map((id) => ({ id, key: undefined, data: '1' })) });

  it('take turns: when one stops, the next gets all that waits', async () => {
    const [one, other] = [member(), member()];
    await accept('e1', 'e2');
    one.leader.start([one.box]);
    await one.box.says('lead', 'take 1 2');
    other.leader.start([other.box]);
    await state.do('drop', { seqs: [1] });
    await one.leader.stop();
    expect(one.box.said.at(-1)).toBe('follow');
    other.clock.advance(500);
    await other.box.says('lead', 'take 2');
  });

  it('hand on what others have stored', async () => {
    const one = member();
    one.leader.start([one.box]);
    await one.box.says('lead');
    await accept('e1');
    one.clock.advance(100);
    await one.box.says('lead', 'take 1');
    await accept('e2', 'e3');
    one.leader.stored();
    await one.box.says('lead', 'take 1', 'take 2 3');
  });

  it('forget the events as soon as the state cannot be reached, and ask again', async () => {
    const one = member();
    await accept('e1');
    one.leader.start([one.box]);
    await one.box.says('lead', 'take 1');
    await server.stop();
    one.clock.advance(100);
    await one.box.says('lead', 'take 1', 'follow');
    await log.line(/another host may handle webhook events/);
    await server.start();
  });

  it('do not wait for a turn of which one was not told', async () => {
    const { take, extend, release } = state.lease;
    let answers = 0;
    const lossy: Lease = {
      extend,
      release,
      take: async (term, host) => {
        const taken = await take(term, host);
        if (answers++ === 0) throw new Error('the answer got lost');
        return taken;
      },
    };
    const one = member(lossy);
    one.leader.start([one.box]);
    one.clock.advance(0);
    await one.leader.stop();
    expect([answers, one.box.said]).toEqual([1, []]);
    one.leader.start([one.box]);
    await one.box.says('lead');
  });

  it('may leave the events to others, and come back', async () => {
    const one = member();
    await accept('e1');
    for (let times = 1; times < 3; times++) {
      one.leader.start([one.box]);
      await one.box.says(
        ...Array.from({ length: times }, () => ['lead', 'take 1', 'follow'])
          .flat()
          .slice(0, -1),
      );
      await one.leader.stop();
      await one.leader.stop();
    }
    one.clock.advance(60_000);
    expect(one.box.said.filter((line) => line === 'lead')).toHaveLength(2);
  });

  const inboxOf = (store: StateStore, clock: FakeClock) =>
    new Inbox({
      state: store,
      leader: member().leader,
      logger: log.logger,
      metrics: new WebhookMetrics(new Metrics()),
      settings: SETTINGS,
      clock,
    });

  it('remove what has expired, though none of them handles events', async () => {
    const clock = new FakeClock();
    const changes = new Changes();
    let purged = 0;
    const watched: StateStore = {
      lease: state.lease,
      close: () => state.close(),
      do: async (kind, input) => {
        const result = await state.do(kind, input);
        if (kind === 'purge') purged++;
        changes.announce();
        return result;
      },
    };
    const inbox = inboxOf(watched, clock);
    await new Records(state, 'one').put('a', 1, { keepMs: 1e-9 });
    await accept('e1');
    await state.do('fail', { seq: 2, attempts: 3, parked: true });
    clock.advance(1000);
    await changes.first(
      () => (purged === 1 ? true : undefined),
      () => 'it purges',
    );
    expect((await state.do('read', { owner: 'one', id: 'a', now: 0 })).version).toBe(0);
    expect([await accept('e1'), await state.do('load', { seqs: [2] })]).toMatchObject([[null], [{ id: 'e1' }]]);
    await inbox.stop(0);
  });

  const webhook = (handle: WebhookReceiver['handle']): ReadyWebhook => ({
    path: '/a',
    plugin: 'one',
    logger: log.logger,
    receiver: { receive: () => [], handle },
  });

  it('begin no event that another one handles now', async () => {
    const inbox = inboxOf(state, new FakeClock());
    const handled: string[] = [];
    await inbox.use([webhook(({ id }) => void handled.push(id))], SETTINGS);
    await accept('e1');
    await state.lease.take('other 1', 'other ');
    inbox.lead('one 1');
    inbox.take(await state.do('waiting', {}));
    await log.line(/another host handles the events/);
    inbox.follow();
    expect([handled, (await state.do('waiting', {}))[0]]).toMatchObject([[], { attempts: 0 }]);
    await inbox.stop(0);
  });

  it('change nothing by what they began in an earlier turn', async () => {
    const inbox = inboxOf(state, new FakeClock());
    const begun = Promise.withResolvers<void>();
    const failing = Promise.withResolvers<void>();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const ends = [first.promise, second.promise, undefined, undefined];
    let handled = 0;
    await inbox.use(
      [
        webhook(async ({ id }, call) => {
          const end = ends.shift();
          if (ends.length === 2) begun.resolve();
          await end;
          if (end === second.promise) {
            queueMicrotask(failing.resolve);
            throw new Error('too late');
          }
          await call.state.put(id, ((await call.state.get<number>(id)) ?? 0) + 1, { keepMs: 3_600_000 });
          call.onHandled(() => {
            handled++;
          });
        }),
      ],
      SETTINGS,
    );
    await accept('e1', 'e2');
    await state.lease.take('one 1', 'one ');
    inbox.lead('one 1');
    inbox.take(await state.do('waiting', {}));
    await begun.promise;
    inbox.follow();
    await state.lease.take('one 2', 'one ');
    first.resolve();
    second.resolve();
    await failing.promise;
    inbox.lead('one 2');
    inbox.take(await state.do('waiting', {}));
    await until(async () => (await state.do('waiting', {})).length === 0, 'both are handled');
    expect([handled, log.matching(/webhook event failed/)]).toEqual([2, []]);
    await inbox.stop(0);
  });
});
