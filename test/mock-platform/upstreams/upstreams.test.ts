import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '#server';
import type { Platform } from '../../../mock-platform/platform/index.js';
import { runCase } from '../../../mock-platform/platform/index.js';
import { loadStrategy } from '../../../mock-platform/strategies/index.js';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { outcome, type RawClient, request } from '../../support/raw-client.js';
import { AdminClient } from '../admin/setting.js';
import { CONFIG, PLUGIN, world } from '../billing.js';
import { PlatformSetting } from '../platform-setting.js';

const setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  removeFolders();
});

const BILLING = `{ billing: { plugin: ${PLUGIN} } }`;

const start = (upstreams = BILLING): Promise<Platform> => setting.platform(CONFIG, world(upstreams));

const ask = async (client: RawClient, Account: string): Promise<string> => {
  const before = client.received.length;
  client.send(request(before, 'Billing', 'GetBalance', { Account }));
  return outcome((await client.messages(before + 1)).at(-1) as never);
};

const problemOf = (starting: Promise<unknown>): Promise<string> =>
  starting.then(
    () => 'started',
    (error: Error) => (error instanceof ConfigError ? error.message.replace(/^\S*platform\.yaml/, '') : String(error)),
  );

describe("a plugin's mock", () => {
  it('answers its plugin, which gets the address from the environment', async () => {
    const platform = await start();
    const client = await setting.client(platform.esp);
    expect([await ask(client, '17'), await ask(client, '18')]).toEqual([
      '{"Balance":"10.00"}',
      expect.stringMatching(/^404 .*no balance: 404/),
    ]);
    expect(platform.upstream('billing').calls.list()).toEqual([
      {
        at: expect.any(Number),
        method: 'POST',
        path: '/v1/balance',
        asked: 16,
        status: 200,
        entry: { id: 1, referenceId: 0 },
      },
      {
        at: expect.any(Number),
        method: 'POST',
        path: '/v1/balance',
        asked: 16,
        status: 404,
        entry: { id: 2, referenceId: 1 },
      },
    ]);
  });

  it('validates its settings with its schema', async () => {
    const settings = '{ balances: { 18: "5.00" } }';
    const platform = await start(`{ billing: { plugin: ${PLUGIN}, settings: ${settings} } }`);
    expect(await ask(await setting.client(platform.esp), '18')).toBe('{"Balance":"5.00"}');
  });

  it.each([
    [
      `{ billing: { plugin: ${PLUGIN}, settings: { balance: 5 } } }`,
      /^:4:\d+: unknown key upstreams.billing.settings.balance: did you mean balances\?/,
    ],
    [
      `{ billing: { plugin: ${PLUGIN}, settings: { balances: { 17: 5 } } } }`,
      /^:4:\d+: upstreams.billing.settings.balances.17 must be /,
    ],
    ['{ billing: { plugin: ./nowhere } }', /^:4:\d+: upstreams.billing.plugin cannot be used: /],
    [
      `{ greeting: { plugin: ${join(ROOT, 'test/fixtures/plugins/greeting')} } }`,
      /^:4:\d+: upstreams.greeting.plugin names plugin \w+, which has no mock/,
    ],
    [`{ billing: { plugin: ${PLUGIN}, port: 99999 } }`, /^:4:\d+: upstreams.billing.port /],
  ])('stops the start if it is invalid: %s', async (upstreams, message) => {
    expect(await problemOf(start(upstreams))).toMatch(message);
  });

  it('has its own port, and reports it at its key if it is in use', async () => {
    const platform = await start();
    const { port } = new URL(platform.upstream('billing').url);
    const taken = `{ billing: { plugin: ${PLUGIN}, port: ${port} } }`;
    expect(await problemOf(start(taken))).toMatch(/^:4:\d+: upstreams.billing.port is in use/);
  });

  it('adds paths to the admin API, and an example and a line to the welcome', async () => {
    const platform = await start();
    const api = await AdminClient.of(platform);
    const client = await setting.client(platform.esp);
    await ask(client, '17');
    expect((await api.put('/api/billing/17', { balance: '7.00' })).json).toEqual({
      ...{ balances: { 17: '7.00' }, calls: 1 },
      entries: [1],
    });
    expect(await api.put('/api/billing/99', { balance: '1' })).toMatchObject({
      ...{ status: 404, json: { error: 'unknown account 99' } },
    });
    expect((await api.put('/api/billing/17', { balance: 5 })).status).toBe(400);
    expect(await ask(client, '17')).toBe('{"Balance":"7.00"}');
    const { url } = platform.upstream('billing');
    expect((await api.get('/api/status')).json.addresses).toMatchObject({ billing: url });
    expect(platform.welcome()).toContain(`  Billing             ${url}, 1 accounts\n`);
    expect(platform.welcome()).toMatch(/esp-host send Billing GetBalance Account=17 --to /);
    platform.reset();
    expect((await api.get('/api/billing')).json).toEqual({ balances: { 17: '10.00' }, calls: 0, entries: [] });
  });

  it('that does not exist is an error that lists the existing ones', async () => {
    const platform = await start();
    expect(() => platform.upstream('biling')).toThrow(
      expect.objectContaining({ code: 'ESP_MOCK_UNKNOWN_UPSTREAM', upstream: 'biling' }),
    );
  });

  it('gets the settings of a strategy case', async () => {
    const text = `name: Balance
data: { Account: "18" }
steps:
  - id: ask
    externalService: { appName: Own, service: Billing, method: GetBalance, parameters: { Account: "{{Account}}" } }
    on: { response: [{ go: rich }], fault: { other: poor } }
  - { id: rich, routeTo: Rich }
  - { id: poor, routeTo: Poor }
tests:
  - { name: rich, upstreams: { billing: { balances: { 18: "1.00" } } }, expect: { routedTo: Rich } }
  - { name: poor, expect: { routedTo: Poor } }
`;
    const strategy = loadStrategy(file('balance.yaml', text));
    const files = { config: file('config.yaml', CONFIG), platform: file('platform.yaml', world(BILLING)) };
    for (const test of strategy.tests) {
      expect(await runCase(strategy, test, files)).toMatchObject({ name: test.name, differences: [] });
    }
  });
});

describe('a fault of an upstream', () => {
  it.each([
    [{ kind: 'upstreamStatus', status: 503 }, /no balance: 503/, 503],
    [{ kind: 'upstreamReset' }, /^9\d\d /, 'reset'],
    [{ kind: 'upstreamAnswerLost' }, /^9\d\d /, 'reset'],
    [{ kind: 'upstreamHalfAnswer' }, /^9\d\d /, 'reset'],
    [{ kind: 'upstreamDelay', ms: 1 }, /^\{"Balance":"10.00"\}$/, 200],
  ])('affects its calls: %j', async (fault, expected, status) => {
    const platform = await start();
    platform.faults.add({ ...fault, times: 1 });
    const client = await setting.client(platform.esp);
    expect(await ask(client, '17')).toMatch(expected);
    expect(platform.upstream('billing').calls.list()[0]).toMatchObject({ status });
    expect(await ask(client, '17')).toBe('{"Balance":"10.00"}');
  });

  it.each([
    [{ upstream: 'billing' }, true],
    [{ path: '/v1/balance' }, true],
    [{ path: '/v1/balances' }, false],
    [{ method: 'POST' }, true],
    [{ method: '/^(GET|PUT)$/' }, false],
    [{ body: '/"account":"17"/' }, true],
    [{ body: '/"account":"18"/' }, false],
  ])('affects only matching calls: %j', async (match, applies) => {
    const platform = await start();
    platform.faults.add({ kind: 'upstreamStatus', status: 500, ...match });
    const answer = await ask(await setting.client(platform.esp), '17');
    expect(answer.includes('no balance: 500')).toBe(applies);
    expect(platform.faults.list()[0]?.hits).toBe(applies ? 1 : 0);
  });
});
