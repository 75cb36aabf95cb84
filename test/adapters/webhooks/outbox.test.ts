import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ForwardSettings, type Leader, Outbox, WebhookMetrics } from '../../../src/adapters/webhooks/index.js';
import { Secret } from '../../../src/config/index.js';
import { httpClient } from '../../../src/host/index.js';
import { StateFile } from '../../../src/state/index.js';
import { Metrics } from '../../../src/telemetry/index.js';
import { FakeClock } from '../../../src/testing/index.js';
import { until } from '../../support/eventually.js';
import { type Forwarded, ForwardReceiver, isSigned } from '../../support/forward-receiver.js';
import { ask, seriesValue } from '../../support/http.js';
import { LogLines } from '../../support/log-lines.js';
import { diskFull, intercept } from '../../support/state.js';
import { certificates } from '../../support/tls.js';

const REMEMBER_MS = 3_600_000;
const SECRET = 'of-the-receiver';
const JSON_TYPE = { 'content-type': 'application/json' };

let state: StateFile;
let clock: FakeClock;
let outbox: Outbox;
let metrics: Metrics;
let log: LogLines;
let receiver: ForwardReceiver;

function open(): void {
  metrics = new Metrics();
  const parts = { state, logger: log.logger, http: httpClient(metrics), clock };
  outbox = new Outbox({ ...parts, metrics: new WebhookMetrics(metrics) });
}

beforeEach(async () => {
  state = StateFile.inMemory();
  clock = new FakeClock();
  log = new LogLines();
  receiver = await new ForwardReceiver().listen();
  open();
});
afterEach(async () => {
  await receiver.close();
  await outbox.stop(0);
  await state.close();
  jest.restoreAllMocks();
});

const settings = (given: Partial<ForwardSettings> = {}): ForwardSettings => ({
  path: '/a',
  url: receiver.url,
  secret: new Secret(SECRET),
  timeoutMs: 5000,
  ...given,
});

function use(given: Partial<ForwardSettings> = {}, waiting = 1000): void {
  outbox.use({ forwards: new Map([['crm', settings(given)]]), waiting, rememberMs: REMEMBER_MS });
}

const accept = (body: string | Buffer, headers = {}): Promise<void> =>
  outbox.accept('/a', { ...JSON_TYPE, ...headers }, Buffer.from(body));
const value = async (series: string) => seriesValue(await metrics.text(), series);
const forwards = (outcome: string, name = 'crm') =>
  value(`esp_webhook_forwards_total{forward="${name}",outcome="${outcome}"}`);
const count = (outcome: string, times: number) => until(async () => (await forwards(outcome)) === times);
const texts = () => receiver.got.map(({ body }) => body.toString());

describe('a webhook', () => {
  it('is passed on as it came, signed with the secret of the receiver', async () => {
    use();
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x22, 0x7d, 0x0a]);
    await accept(body, { 'content-type': 'application/json; charset=utf-8', 'x-hub-signature-256': 'sha256=0' });
    await count('forwarded', 1);
    const [got] = receiver.got as [Forwarded];
    expect(got.body).toEqual(body);
    expect(got.type).toBe('application/json; charset=utf-8');
    expect(got.id).toMatch(/^[\da-f]{64}$/);
    expect(await isSigned(got, SECRET)).toBe(true);
    expect(await isSigned(got, 'another')).toBe(false);
    expect(await state.do('waiting', {})).toEqual([]);
  });

  it('has the signature of its sender without a secret', async () => {
    use({ secret: undefined });
    await accept('{}', { 'x-hub-signature-256': 'sha256=of-the-sender' });
    await receiver.received(1);
    expect(receiver.got[0]?.signature).toBe('sha256=of-the-sender');
  });

  it('has no signature without a secret if its sender has signed twice, or not', async () => {
    use({ secret: undefined });
    await accept('one', { 'x-hub-signature-256': ['a', 'b'] });
    await accept('two');
    await receiver.received(2);
    expect(receiver.got.map(({ signature }) => signature)).toEqual(['undefined', 'undefined']);
  });

  it('counts as waiting while it is stored, and takes its room', async () => {
    const held = Promise.withResolvers<void>();
    intercept(state, ({ kind }) => (kind === 'accept' ? held.promise : undefined));
    use({}, 1);
    const stored = accept('one');
    expect(await value('esp_webhook_forwards_waiting{forward="crm"}')).toBe(1);
    await accept('two');
    expect(await forwards('dropped')).toBe(1);
    held.resolve();
    await stored;
    await count('forwarded', 1);
    expect(await value('esp_webhook_forwards_waiting{forward="crm"}')).toBe(0);
    expect(texts()).toEqual(['one']);
  });

  it('is forwarded if the answer says that it is compressed, and is not', async () => {
    receiver.answer = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain');
    use();
    await accept('one');
    await count('forwarded', 1);
    expect(await forwards('failed')).toBe(0);
  });

  it('takes its bytes from what may be stored at a time until it is stored', async () => {
    const asked: Promise<unknown>[] = [];
    let held = Promise.withResolvers<void>();
    state.do = ((kind: string) => {
      if (kind !== 'accept') return Promise.resolve([]);
      asked.push(held.promise);
      return held.promise.then(() => [null]);
    }) as typeof state.do;
    use();
    const half = Buffer.alloc(33_554_432);
    const both = [accept(half), accept(half)];
    await expect(accept('x')).rejects.toMatchObject({
      code: 'ESP_STATE_FAILED',
      message: 'too many bytes wait to be stored',
    });
    held.resolve();
    await Promise.all(both);
    held = Promise.withResolvers();
    const again = [accept(half), accept(half)];
    expect(asked).toHaveLength(4);
    held.resolve();
    await Promise.all(again);
  });

  it('is kept if it has waited for too long and cannot be dropped', async () => {
    await receiver.close();
    await outbox.start();
    use();
    for (let index = 0; index < 5; index++) await accept(String(index));
    await count('failed', 5);
    await accept('waits');
    let drops = 0;
    intercept(state, ({ kind }) => (kind === 'drop' && ++drops < 3 ? diskFull() : undefined));
    outbox.use({ forwards: new Map([['crm', settings()]]), waiting: 1000, rememberMs: -60_000 });
    clock.advance(1000);
    await until(() => drops === 2);
    expect(await forwards('dropped')).toBe(0);
    expect(await state.do('waiting', {})).toHaveLength(6);
    clock.advance(1000);
    await until(async () => Number(await forwards('dropped')) > 0);
    expect((await state.do('waiting', {})).map(({ seq }) => seq)).not.toContain(6);
  });

  it('is forwarded once, however often it is sent', async () => {
    use();
    await accept('one');
    await accept('one');
    await accept('two');
    await count('forwarded', 2);
    expect(texts()).toEqual(['one', 'two']);
    expect([await forwards('accepted'), await forwards('duplicate')]).toEqual([2, 1]);
  });

  it('uses the connection of the one before', async () => {
    const ports = new Set<number | undefined>();
    receiver.answer = (response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(204).end();
    };
    use();
    for (const [index, body] of ['one', 'two', 'three'].entries()) {
      await accept(body);
      await count('forwarded', index + 1);
    }
    expect(ports.size).toBe(1);
  });

  it('of another path is not forwarded', async () => {
    use();
    await outbox.accept('/b', {}, Buffer.from('other'));
    expect(await state.do('waiting', {})).toEqual([]);
  });

  it('is passed on to each forward of its path, whatever the others do', async () => {
    const other = await new ForwardReceiver().listen();
    other.answer = () => undefined;
    const both = new Map([
      ['crm', settings()],
      ['slow', settings({ url: other.url })],
    ]);
    outbox.use({ forwards: both, waiting: 1000, rememberMs: REMEMBER_MS });
    for (let index = 0; index < 100; index++) await accept(String(index));
    await count('forwarded', 100);
    await other.received(16);
    expect(other.got.length).toBe(16);
    expect(await value('esp_webhook_forwards_waiting{forward="slow"}')).toBe(100);
    await other.close();
  });

  it.each([
    ['an error', 500, {}],
    ['a refusal', 401, {}],
    ['a redirect, which is not followed', 307, { location: '/elsewhere' }],
  ])('is sent again with the same id after %s', async (_what, status, headers) => {
    use();
    receiver.answer = (response) => response.writeHead(status, headers).end();
    await accept('one');
    await log.line(new RegExp(`webhook not forwarded, next attempt in 1 s: status ${status} forward=crm`));
    clock.advance(999);
    expect(receiver.got).toHaveLength(1);
    clock.advance(1);
    await log.line(/next attempt in 2 s/);
    receiver.answer = (response) => response.end();
    clock.advance(2000);
    await count('forwarded', 1);
    expect(receiver.got).toHaveLength(3);
    expect(new Set(receiver.got.map(({ id }) => id)).size).toBe(1);
    expect(await forwards('failed')).toBe(2);
  });

  it('is sent again after an attempt without an answer', async () => {
    use({ timeoutMs: 20 });
    receiver.answer = () => undefined;
    await accept('one');
    await log.line(/webhook not forwarded, next attempt in 1 s: .*[Tt]imeout/);
    use();
    receiver.answer = (response) => response.end();
    clock.advance(1000);
    await count('forwarded', 1);
  });

  it('is sent again at once if the receiver closes a kept connection', async () => {
    use();
    await accept('one');
    await count('forwarded', 1);
    receiver.answer = (response) => {
      receiver.answer = (next) => next.end();
      response.destroy();
    };
    await accept('two');
    await count('forwarded', 2);
    expect(texts()).toEqual(['one', 'two', 'two']);
    expect(await forwards('failed')).toBe(0);
  });

  it('is forwarded by its status: the rest of an answer does not count', async () => {
    use();
    receiver.answer = (response, { body }) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      if (`${body}` === 'endless') for (let sent = 0; sent < 20; sent++) response.write('a'.repeat(10_000));
      else if (`${body}` === 'cut') response.write('not gzip', () => response.destroy());
      else response.end('not gzip');
    };
    for (const what of ['endless', 'cut', 'ended']) await accept(what);
    await count('forwarded', 3);
    expect(receiver.got).toHaveLength(3);
  });

  it('of the URL that works is not paused, and nothing says that it was dropped', async () => {
    await outbox.start();
    use();
    const statuses = [500, 500, 500, 500, 204];
    receiver.answer = (response) => response.writeHead(statuses.shift() ?? 204).end();
    for (let index = 0; index < 5; index++) await accept(String(index));
    await count('forwarded', 1);
    await count('failed', 4);
    receiver.answer = (response) => response.writeHead(500).end();
    for (let index = 5; index < 9; index++) await accept(String(index));
    await count('failed', 8);
    await accept('more');
    await receiver.received(10);
    clock.advance(1000);
    await until(async () => (await state.do('waiting', {})).length === 9);
    expect(log.matching(/dropped|forwarded again/)).toEqual([]);
  });

  it('that its receiver refuses holds up no others', async () => {
    use();
    receiver.answer = (response, { body }) => response.writeHead(`${body}` === 'bad' ? 400 : 200).end();
    await accept('bad');
    await count('failed', 1);
    for (let index = 0; index < 50; index++) await accept(`${index}`);
    await count('forwarded', 50);
    clock.advance(1000);
    await count('failed', 2);
    expect(await value('esp_webhook_forwards_waiting{forward="crm"}')).toBe(1);
  });
});

it('leaves no timer when an attempt fails while the host stops', async () => {
  const timers = new Set<unknown>();
  const [set, clear] = [clock.setTimeout.bind(clock), clock.clearTimeout.bind(clock)];
  jest.spyOn(clock, 'setTimeout').mockImplementation((elapsed, ms) => {
    const timer = set(elapsed, ms);
    timers.add(timer);
    return timer;
  });
  jest.spyOn(clock, 'clearTimeout').mockImplementation((timer) => {
    timers.delete(timer);
    clear(timer);
  });
  use();
  const asked = Promise.withResolvers<ServerResponse>();
  receiver.answer = asked.resolve;
  await accept('one');
  const response = await asked.promise;
  const stopped = outbox.stop(1000);
  response.writeHead(503).end();
  await stopped;
  expect(await forwards('failed')).toBe(1);
  expect(timers.size).toBe(0);
});

describe('a receiver that is away', () => {
  it('is left alone for longer and longer, and gets everything when it is back', async () => {
    use();
    await receiver.close();
    for (let index = 0; index < 100; index++) await accept(`${index}`);
    await outbox.stop(0);
    open();
    await outbox.start();
    use();
    // 16 at a time, and a further one after each of the first four failures.
    let failed = 20;
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      await count('failed', failed);
      clock.advance(pause - 1);
      await otherCalls();
      expect(await calls()).toBe(failed);
      clock.advance(1);
      failed++;
    }
    await count('failed', failed);
    await receiver.listen();
    clock.advance(60_000);
    await log.line(/webhooks are forwarded again forward=crm/);
    clock.advance(300_000);
    await count('forwarded', 100);
    expect(new Set(texts()).size).toBe(100);
  });

  /** Calls of the same port. Those of the outbox would fail in the meantime. */
  const otherCalls = async (): Promise<void> => {
    for (let call = 0; call < 10; call++) await ask(receiver.port, '/').catch(() => undefined);
  };

  const calls = async (): Promise<number> => {
    const upstream = receiver.url.slice('http://'.length, -'/in'.length);
    const labels = `upstream="${upstream}",method="POST",outcome="ECONNREFUSED"`;
    return (await value(`esp_upstream_calls_total{${labels}}`)) ?? 0;
  };

  it('gets what an earlier process has stored, with the same ids', async () => {
    use();
    receiver.answer = (response) => response.writeHead(503).end();
    await accept('one');
    await accept('two');
    await count('failed', 2);
    await outbox.stop(0);
    receiver.answer = (response) => response.end();
    open();
    await outbox.start();
    await log.line(/webhooks of an earlier run are forwarded webhooks=2/);
    use();
    await count('forwarded', 2);
    const ids = (text: string) => new Set(receiver.got.filter(({ body }) => `${body}` === text).map(({ id }) => id));
    expect([ids('one').size, ids('two').size]).toEqual([1, 1]);
  });

  it('has no room for more than `waiting`: the others are dropped, and the sender is answered', async () => {
    await receiver.close();
    use({}, 2);
    for (const body of ['one', 'two', 'three']) await accept(body);
    expect([await forwards('accepted'), await forwards('dropped')]).toEqual([2, 1]);
    await log.line(/ERROR webhooks are not forwarded but dropped: too many wait forward=crm webhooks=1/);
  });

  it('does not get what has waited for too long', async () => {
    await receiver.close();
    await outbox.start();
    use();
    for (let index = 0; index < 30; index++) await accept(`${index}`);
    await until(async () => ((await forwards('failed')) ?? 0) >= 5);
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now + REMEMBER_MS + 1);
    await until(async () => {
      clock.advance(10_000);
      return (await forwards('dropped')) === 30;
    });
    expect(await state.do('waiting', {})).toEqual([]);
    await log.line(/ERROR webhooks are not forwarded but dropped: they have waited for too long/);
  });
});

describe('a forward', () => {
  it('that was removed waits, and goes to the new URL when it is configured again', async () => {
    await receiver.close();
    use();
    await accept('one');
    await count('failed', 1);
    outbox.use({ forwards: new Map(), waiting: 1000, rememberMs: REMEMBER_MS });
    await accept('two');
    clock.advance(300_000);
    expect(await value('esp_webhook_forwards_waiting{forward="crm"}')).toBe(1);
    const moved = await new ForwardReceiver().listen();
    use({ url: moved.url });
    await count('forwarded', 1);
    expect(moved.got.map(({ body }) => `${body}`)).toEqual(['one']);
    await moved.close();
  });

  it('verifies certificates, with an authority of its own if it has one', async () => {
    const { server } = await certificates();
    const secure = await new ForwardReceiver().listen(server);
    const url = `https://127.0.0.1:${secure.port}/in`;
    use({ url });
    await accept('one');
    await log.line(/webhook not forwarded.*self-signed certificate/);
    expect(secure.got).toEqual([]);
    use({ url, ca: server.certificate });
    clock.advance(1000);
    await count('forwarded', 1);
    await accept('two');
    await count('forwarded', 2);
    expect(secure.connections).toBe(1);
    await secure.close();
  });

  it('pauses a webhook for 5 minutes at most', async () => {
    use();
    receiver.answer = (response, { body }) => response.writeHead(`${body}` === 'bad' ? 400 : 200).end();
    await accept('bad');
    for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].entries()) {
      await log.line(new RegExp(`next attempt in ${seconds} s: status 400`));
      // The URL works: it is not paused.
      await accept(`${index}`);
      await count('forwarded', index + 1);
      clock.advance(seconds * 1000);
    }
    await count('failed', 11);
    expect(log.matching(/next attempt in 300 s/)).toHaveLength(2);
  });

  it('shows the age of its oldest webhook, whether it waits, is being tried or pauses', async () => {
    const age = async () => Math.floor((await value('esp_webhook_oldest_forward_seconds{forward="crm"}')) ?? -1);
    const event = (id: string) => ({ id, key: undefined, data: JSON.stringify({ body: '' }) });
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    for (const seconds of [60, 30])
      await state.do('accept', { path: 'forward crm', now: now - seconds * 1000, events: [event(`${seconds}`)] });
    await outbox.start();
    expect(await age()).toBe(60);
    const asked: ServerResponse[] = [];
    receiver.answer = (response) => void asked.push(response);
    use();
    await receiver.received(2);
    expect(await age()).toBe(60);
    const { id } = receiver.got[0] as Forwarded;
    asked[id === '60' ? 0 : 1]?.writeHead(500).end();
    await count('failed', 1);
    expect(await age()).toBe(60);
    outbox.use({ forwards: new Map(), waiting: 1000, rememberMs: REMEMBER_MS });
    clock.advance(1000);
    expect(await age()).toBe(60);
    use();
    await receiver.received(3);
    for (const response of asked) if (!response.writableEnded) response.writeHead(200).end();
    await count('forwarded', 2);
    expect(await age()).toBe(0);
  });

  it('drops what is too old once a second, 1,000 at a time, and keeps what is not', async () => {
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const events = (name: string, length: number) =>
      Array.from({ length }, (_, index) => ({ id: `${name}${index}`, key: undefined, data: '{"body":""}' }));
    const store = (ms: number, length: number) =>
      state.do('accept', { path: 'forward crm', now: now - ms, events: events(`${ms} `, length) });
    await store(REMEMBER_MS + 1, 1500);
    await store(REMEMBER_MS, 1);
    await outbox.start();
    outbox.use({ forwards: new Map(), waiting: 1000, rememberMs: REMEMBER_MS });
    let drops = 0;
    intercept(state, ({ kind }) => void (kind === 'drop' && drops++));
    clock.advance(999);
    expect(await forwards('dropped')).toBe(0);
    for (const dropped of [1000, 1500]) {
      clock.advance(1000);
      await count('dropped', dropped);
      await until(async () => (await state.do('waiting', {})).length === 1501 - dropped);
    }
    clock.advance(1000);
    for (let turn = 0; turn < 5; turn++) await state.do('waiting', {});
    expect([await forwards('dropped'), await value('esp_webhook_forwards_waiting{forward="crm"}')]).toEqual([1500, 1]);
    expect(drops).toBe(2);
  });

  it('counts and logs without the secret, the URL and the body', async () => {
    use({ url: `${receiver.url}?key=in-the-url` });
    receiver.answer = (response) => response.writeHead(500, `for of-the-receiver`).end('of-the-answer');
    await accept('16315551002');
    await log.line(/webhook not forwarded/);
    expect(log.lines.join('\n')).not.toMatch(/of-the-|in-the-url|16315551002/);
    expect(await metrics.text()).not.toMatch(/of-the-|in-the-url|16315551002/);
    expect(await value('esp_webhook_oldest_forward_seconds{forward="crm"}')).toBeLessThan(60);
  });

  it('goes on when the state file works again', async () => {
    use();
    let isBroken = true;
    intercept(state, ({ kind }) => (isBroken && kind === 'drop' ? diskFull() : undefined));
    await accept('one');
    await log.line(/webhook not forwarded, next attempt in 1 s: disk full/);
    isBroken = false;
    clock.advance(1000);
    await count('forwarded', 1);
    expect(new Set(receiver.got.map(({ id }) => id)).size).toBe(1);
  });
});

it('the events of an inbox are not forwarded, and a host that stops takes no webhook', async () => {
  await state.do('accept', { path: '/a', now: Date.now(), events: [{ id: 'e1', key: undefined, data: '1' }] });
  await outbox.start();
  use();
  expect(await value('esp_webhook_forwards_waiting{forward="crm"}')).toBe(0);
  expect(log.lines).toEqual([]);
  const names = ['accepted', 'duplicate', 'forwarded', 'failed', 'dropped'];
  expect(await Promise.all(names.map((outcome) => forwards(outcome)))).toEqual([0, 0, 0, 0, 0]);
  await outbox.stop(0);
  await expect(accept('x')).rejects.toMatchObject({ code: 'ESP_STATE_FAILED', message: 'the host is stopping' });
});

it('a webhook that cannot be stored is not acknowledged', async () => {
  use();
  intercept(state, diskFull);
  await expect(accept('one')).rejects.toMatchObject({ code: 'ESP_STATE_FAILED' });
});

describe('the forwards of hosts that share a state', () => {
  let told: number;
  beforeEach(async () => {
    await outbox.stop(0);
    told = 0;
    metrics = new Metrics();
    const leader = { stored: () => void told++ } as Leader;
    const parts = { state, logger: log.logger, http: httpClient(metrics), clock, leader };
    outbox = new Outbox({ ...parts, metrics: new WebhookMetrics(metrics) });
    use();
  });

  const waiting = () => value('esp_webhook_forwards_waiting{forward="crm"}');

  it('leave what is stored to the host that has its turn', async () => {
    const terms = new Set<unknown>();
    intercept(state, ({ kind, input }) => void (kind !== 'accept' && 'term' in input && terms.add(input.term)));
    await accept('one');
    expect([told, await forwards('accepted'), await waiting()]).toEqual([1, 1, 0]);
    outbox.lead('my 1');
    outbox.take(await state.do('waiting', {}));
    await count('forwarded', 1);
    expect([texts(), [...terms]]).toEqual([['one'], ['my 1']]);
    await accept('one');
    expect([told, await forwards('duplicate')]).toEqual([2, 1]);
  });

  it('forget all that waits, pauses or is being tried when another host has its turn', async () => {
    const asked: ServerResponse[] = [];
    receiver.answer = (response) => void asked.push(response);
    outbox.lead('my 1');
    for (let index = 0; index < 20; index++) await accept(`${index}`);
    outbox.take(await state.do('waiting', {}));
    await receiver.received(16);
    asked[0]?.writeHead(500).end();
    await count('failed', 1);
    await receiver.received(17);
    expect(await waiting()).toBe(20);
    outbox.follow();
    expect(await waiting()).toBe(0);
    for (const response of asked.slice(1)) response.writeHead(500).end();
    clock.advance(10_000);
    await accept('20');
    outbox.lead('my 2');
    outbox.take((await state.do('waiting', {})).slice(-1));
    await receiver.received(18);
    expect([receiver.got.length, texts().at(-1), await forwards('failed')]).toEqual([18, '20', 1]);
  });

  it('drop what is too old only while they have their turn', async () => {
    await accept('one');
    const events = await state.do('waiting', {});
    await receiver.close();
    outbox.use({ forwards: new Map(), waiting: 1000, rememberMs: -1000 });
    const turns = async (ms: number) => {
      clock.advance(ms);
      for (let turn = 0; turn < 5; turn++) await state.do('waiting', {});
    };
    outbox.take(events);
    await turns(10_000);
    expect(await forwards('dropped')).toBe(0);
    outbox.lead('my 1');
    outbox.follow();
    outbox.take(events);
    await turns(10_000);
    expect(await forwards('dropped')).toBe(0);
    outbox.lead('my 2');
    await turns(999);
    expect(await forwards('dropped')).toBe(0);
    await turns(1);
    expect(await forwards('dropped')).toBe(1);
  });
});
