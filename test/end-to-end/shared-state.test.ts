import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { Records } from '../../src/state/index.js';
import { until } from '../support/eventually.js';
import { file, folder, removeFolders } from '../support/files.js';
import { ForwardReceiver } from '../support/forward-receiver.js';
import { freePort } from '../support/free-port.js';
import { killPrograms, Program } from '../support/processes.js';
import { RedisServer } from '../support/redis-server.js';
import { redisState } from '../support/redis-state.js';
import { redisDescribe } from '../support/redis-tests.js';
import { bodyOf, PATH, post, type Receipt, writeServed, wrongEffects } from '../support/webhooks.js';

afterAll(removeFolders);

const PREFIX = 'esp-host:';
const PASSWORD = 'r3d1s-hush';
const ORDERS = 20;

/** A host of several, at a port for webhooks. */
interface Shared {
  readonly port: number;
  program: Program;
}

redisDescribe('hosts that share a state in Redis', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start({ password: PASSWORD });
  });
  afterEach(async () => {
    await killPrograms();
    await redis.stop();
  });

  const open = () => redisState(redis.url, PREFIX, PASSWORD);

  async function run(config: string): Promise<Program> {
    const host = new Program(['serve', '--config', config]);
    await host.printed(/listens for ESP/);
    return host;
  }

  const configOf = (home: string, port: number, webhooks = ''): string =>
    writeServed(home, port, webhooks, `{ redis: { url: "${redis.url}", password: ${PASSWORD}, timeoutMs: 5000 } }`);

  async function start(home: string, webhooks = ''): Promise<Shared> {
    const port = await freePort();
    return { port, program: await run(configOf(home, port, webhooks)) };
  }

  /** Sends a webhook to one host and, if it is not acknowledged, to the next. */
  async function sent(hosts: readonly Shared[], body: string, first: number): Promise<void> {
    for (let at = first; ; at++) {
      const { port } = hosts[at % hosts.length] as Shared;
      if ((await post(port, body).catch(() => undefined))?.status === 200) return;
    }
  }

  const receiptsOf = (count: number): Receipt[] =>
    Array.from({ length: count }, (_, index) => ({ id: `r${index}`, order: `${index % ORDERS}`, text: `${index}` }));

  /** Waits until no event waits, then checks that each had its effect once and in order. */
  async function hasEffectsOnce(home: string, receipts: readonly Receipt[]): Promise<void> {
    const state = await open();
    await until(async () => (await state.do('waiting', {})).length === 0, 'every event is handled');
    const records = new Records(state, 'effects');
    for (let order = 0; order < ORDERS; order++) {
      const own = receipts.filter((one) => one.order === `${order}`).map(({ text }) => text);
      expect(await records.get(`order/${order}`)).toEqual(own);
    }
    await state.close();
    const ids = receipts.map(({ id }) => id);
    expect(await wrongEffects(home, ids, open)).toEqual([]);
  }

  it('all take webhooks, and each event has its effect exactly once, even if hosts are killed', async () => {
    const home = folder();
    const hosts = [await start(home), await start(home)];
    const receipts = receiptsOf(200);
    for (const [index, receipt] of receipts.entries()) {
      await sent(hosts, bodyOf(receipt), index);
      if (index % 5 === 0) await sent(hosts, bodyOf(receipt), index + 1);
      if (index % 50 !== 49) continue;
      const killed = hosts[(index >> 6) % 2] as Shared;
      await killed.program.kill('SIGKILL');
      killed.program = await run(configOf(home, killed.port));
    }
    await hasEffectsOnce(home, receipts);
  }, 180_000);

  it('pass their turn on when they stop, and when they are paused', async () => {
    const home = folder();
    const first = await start(home);
    await first.program.printed(/this host handles webhook events/);
    const second = await start(home);
    const receipts = receiptsOf(60);
    for (const [index, receipt] of receipts.slice(0, 20).entries()) await sent([first, second], bodyOf(receipt), index);
    first.program.signal('SIGSTOP');
    for (const receipt of receipts.slice(20, 40)) await sent([second], bodyOf(receipt), 0);
    await second.program.printed(/this host handles webhook events/);
    first.program.signal('SIGCONT');
    await first.program.printed(/another host may handle webhook events/);
    for (const [index, receipt] of receipts.slice(40, 50).entries())
      await sent([first, second], bodyOf(receipt), index);
    await second.program.kill('SIGTERM');
    for (const receipt of receipts.slice(50)) await sent([first], bodyOf(receipt), 0);
    await hasEffectsOnce(home, receipts);
  }, 120_000);

  it('refuse webhooks while Redis is away, and go on when it is back', async () => {
    const home = folder();
    await redis.stop();
    const hosts = [await start(home), await start(home)];
    const body = bodyOf({ id: 'r0', order: '0', text: '0' });
    const refused = await post(hosts[0]?.port ?? 0, body);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    await redis.start();
    const receipts = receiptsOf(20);
    for (const [index, receipt] of receipts.entries()) await sent(hosts, bodyOf(receipt), index);
    await hasEffectsOnce(home, receipts);
    await redis.stop();
    expect((await post(hosts[1]?.port ?? 0, bodyOf({ id: 'r99', order: '0', text: '99' }))).status).toBe(503);
    const { stderr } = (await hosts[0]?.program.kill('SIGTERM')) ?? {};
    expect(stderr).toMatch(/redis 127\.0\.0\.1:\d+ is down: until it is back, webhooks get status 503/);
    expect(stderr).toMatch(/redis 127\.0\.0\.1:\d+ is back: it keeps the state again/);
    expect(stderr).not.toContain(PASSWORD);
  }, 120_000);

  it('forward each webhook, whichever of them accepted it', async () => {
    const home = folder();
    const receiver = await new ForwardReceiver().listen();
    const forward = `, forward: { crm: { path: ${PATH}, url: "${receiver.url}", secret: of-the-crm } }`;
    const hosts = [await start(home, forward), await start(home, forward)];
    const bodies = receiptsOf(20).map((receipt) => bodyOf(receipt));
    for (const [index, body] of bodies.entries()) await sent(hosts, body, index);
    await until(() => bodies.every((body) => receiver.got.some((got) => `${got.body}` === body)), 'all are forwarded');
    await receiver.close();
  }, 60_000);

  it('leave webhooks to those that take them, also after a reload', async () => {
    const home = folder();
    const first = await start(home);
    await first.program.printed(/this host handles webhook events/);
    const second = await start(home);
    const config = configOf(home, first.port);
    file(`config-${first.port}.yaml`, readFileSync(config, 'utf8').replace(/, webhooks: \{[^}]*\}/, ''), home);
    first.program.signal('SIGHUP');
    await first.program.printed(/the new configuration is in use/);
    await second.program.printed(/this host handles webhook events/);
    const receipts = receiptsOf(20);
    for (const receipt of receipts) await sent([second], bodyOf(receipt), 0);
    await hasEffectsOnce(home, receipts);
  }, 60_000);
});
