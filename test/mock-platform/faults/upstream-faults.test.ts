import { afterEach, describe, expect, it } from '@jest/globals';
import type { PlainValues } from 'esp-host';
import { FaultRuleError } from '../../../mock-platform/errors.js';
import type { Platform } from '../../../mock-platform/platform/index.js';
import { runCase } from '../../../mock-platform/platform/index.js';
import { loadStrategy } from '../../../mock-platform/strategies/index.js';
import { file, removeFolders } from '../../support/files.js';
import { outcome, request } from '../../support/raw-client.js';
import { AdminClient } from '../admin/setting.js';
import { CONFIG, PLUGIN, world } from '../billing.js';
import { PlatformSetting } from '../platform-setting.js';

const setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  removeFolders();
});

const WORLD = world(`
  second: { plugin: ${PLUGIN} }
  billing: { plugin: ${PLUGIN}, settings: { balances: { 17: "10.00", 18: "5.00" } } }
`);

const start = (): Promise<Platform> => setting.platform(CONFIG, WORLD);

/** The balance of an account, or the status that the method got instead. */
async function balance({ esp }: Platform, Account: string, more: PlainValues = {}): Promise<string> {
  const client = await setting.client(esp);
  const answer = outcome(await client.ask(request(1, 'Billing', 'GetBalance', { Account }, more)));
  return /no balance: (\d+)/.exec(answer)?.[1] ?? answer;
}

const TEN = '{"Balance":"10.00"}';

describe('the cause of an upstream call', () => {
  it.each([
    [{ service: 'Billing', method: 'GetBalance' }, true],
    [{ method: '/^Get/' }, true],
    [{ method: 'SetBalance' }, false],
    [{ service: 'Accounting' }, false],
    [{ appName: 'Own' }, true],
    [{ appName: 'Other' }, false],
    [{ parameters: { Account: '17' } }, true],
    [{ parameters: { Account: '/^18/' } }, false],
    [{}, true],
  ])('limits a fault: %j', async (match, applies) => {
    const platform = await start();
    platform.faults.add({ kind: 'upstreamStatus', status: 503, path: '/v1/balance', match });
    expect(await balance(platform, '17', { AppName: 'Own' })).toBe(applies ? '503' : TEN);
    expect(platform.faults.list()[0]?.hits).toBe(applies ? 1 : 0);
  });

  it('limits a fault among concurrent requests', async () => {
    const platform = await start();
    platform.faults.add({ kind: 'upstreamStatus', status: 503, match: { parameters: { Account: '18' } } });
    const accounts = ['17', '18', '17', '18', '17'];
    expect(await Promise.all(accounts.map((account) => balance(platform, account)))).toEqual([
      ...[TEN, '503', TEN, '503', TEN],
    ]);
  });

  it('is unknown for calls of other programs: only faults without a match apply to them', async () => {
    const platform = await start();
    const { url } = platform.upstream('billing');
    const called = async () => (await fetch(`${url}/v1/balance`, { method: 'POST', body: '{"account":"17"}' })).status;
    platform.faults.add({ kind: 'upstreamStatus', status: 503, match: {} });
    expect(await called()).toBe(200);
    platform.faults.add({ kind: 'upstreamStatus', status: 500 });
    expect(await called()).toBe(500);
  });
});

describe('a kind of fault defined by a mock', () => {
  it('answers the calls of its upstream as the mock defines', async () => {
    const platform = await start();
    platform.faults.add({ kind: 'billing.blocked', days: 3, times: 1, body: '/17/' });
    platform.faults.add({ kind: 'second.blocked', days: 3 });
    expect([await balance(platform, '18'), await balance(platform, '17'), await balance(platform, '17')]).toEqual([
      '{"Balance":"5.00"}',
      '423',
      TEN,
    ]);
    expect(platform.faults.list()).toEqual([
      {
        rule: { id: 'fault-1', kind: 'billing.blocked', days: 3, reason: 'debt', times: 1, body: '/17/' },
        ...{ hits: 1, title: 'billing.blocked debt 3', since: expect.any(Number), isUsedUp: true },
      },
      {
        rule: { id: 'fault-2', kind: 'second.blocked', days: 3, reason: 'debt' },
        ...{ hits: 0, title: 'second.blocked debt 3', since: expect.any(Number), isUsedUp: false },
      },
    ]);
    const [entry] = platform.journal.find({ faultCode: '404' });
    expect(entry?.upstream[0]?.responseBody).toBe('{"blocked":"debt","days":3,"account":"17"}');
  });

  it('can be limited to a cause', async () => {
    const platform = await start();
    platform.faults.add({ kind: 'billing.blocked', days: 3, match: { parameters: { Account: '18' } } });
    expect([await balance(platform, '17'), await balance(platform, '18')]).toEqual([TEN, '423']);
  });

  it.each([
    [{ kind: 'billing.blocked' }, 'days must be a number of days'],
    [{ kind: 'billing.blocked', days: 'x', reason: 'mood' }, /^reason .*; days must be a number of days$/],
    [{ kind: 'billing.blocked', days: 1, dayz: 2 }, /^unknown key dayz: known keys are kind, reason, days, id, times,/],
    [{ kind: 'billing.blocked', days: 1, upstream: 'second' }, /^unknown key upstream/],
    [{ kind: 'billing.gone' }, /^kind must be one of delay, .*, second\.blocked, billing\.blocked$/],
  ])('is checked by its schema: %j', async (rule, message) => {
    const platform = await start();
    expect(() => platform.faults.add(rule)).toThrow(
      expect.objectContaining({
        code: 'ESP_MOCK_INVALID_FAULT',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });

  it('is in the admin API, with the schema of its settings', async () => {
    const platform = await start();
    const api = await AdminClient.of(platform);
    const { kinds } = (await api.get('/api/faults')).json;
    const found = kinds.find(({ kind }: { kind: string }) => kind === 'billing.blocked');
    expect(found).toMatchObject({
      ...{ description: 'The account is blocked.', match: true, upstream: true },
      settings: { properties: { reason: { enum: ['fraud', 'debt'], default: 'debt' }, days: { type: 'integer' } } },
    });
    expect(Object.keys(found.settings.properties)).toEqual(['reason', 'days', 'method', 'path', 'body']);
    expect(await api.post('/api/faults', { kind: 'billing.blocked', days: 1 })).toMatchObject({
      ...{ status: 200, json: { kind: 'billing.blocked', days: 1, hits: 0 } },
    });
    expect((await api.post('/api/faults', { kind: 'billing.blocked' })).json).toEqual({
      error: 'body: days must be a number of days',
    });
  });
});

describe('a fault of an upstream', () => {
  it('must name an upstream of platform.yaml', async () => {
    const platform = await start();
    const rule = { kind: 'upstreamStatus', status: 503 };
    expect(() => platform.faults.add({ ...rule, upstream: 'biling' })).toThrow(
      new FaultRuleError('unknown upstream biling (platform.yaml has: second, billing)'),
    );
    expect(platform.faults.list()).toEqual([]);
    platform.faults.add({ ...rule, upstream: 'second' });
    expect(await balance(platform, '17')).toBe(TEN);
    platform.faults.add({ ...rule, upstream: 'billing' });
    expect(await balance(platform, '17')).toBe('503');
  });
});

describe('the faults of a test case', () => {
  const strategy = (faults: string) =>
    loadStrategy(
      file(
        'balance.yaml',
        `name: Balance
data: { Account: "17" }
steps:
  - id: ask
    externalService: { appName: Own, service: Billing, method: GetBalance, parameters: { Account: "{{Account}}" } }
    on: { response: [{ go: rich }], fault: { other: poor } }
  - { id: rich, routeTo: Rich }
  - { id: poor, routeTo: Poor }
tests:
  - { name: a, expect: { routedTo: Rich } }
  - { name: b, faults: ${faults}, expect: { routedTo: Poor } }
`,
      ),
    );
  const files = () => ({ config: file('config.yaml', CONFIG), platform: file('platform.yaml', WORLD) });

  it.each([
    ['[{ kind: upstreamStatus, status: 503 }]'],
    ['[{ kind: billing.blocked, days: 3, match: { method: GetBalance } }]'],
    ['[{ kind: espFault, code: 920, text: down }]'],
  ])('apply to this case alone: %s', async (faults) => {
    const { tests, ...rest } = strategy(faults);
    for (const test of tests) {
      expect(await runCase({ tests, ...rest }, test, files())).toMatchObject({ name: test.name, differences: [] });
    }
  });

  it.each([
    [
      '[{ kind: billing.blocked, days: x }]',
      /balance\.yaml:11:\d+: tests\[1\]\.faults\[0\] is not valid: days must be/,
    ],
    [
      '[{ kind: upstreamStatus, status: 503, upstream: biling }]',
      /:11:\d+: tests\[1\]\.faults\[0\] is not valid: unknown upstream biling \(platform\.yaml has: second, billing\)$/,
    ],
    ['[{ kind: gone }]', /:11:\d+: tests\[1\]\.faults\[0\] is not valid: kind must be one of delay/],
  ])('are refused with their place: %s', async (faults, message) => {
    // A kind without a dot is checked when the strategy is loaded, one of a mock when the case runs.
    const run = async () => {
      const loaded = strategy(faults);
      return runCase(loaded, loaded.tests[1] as never, files());
    };
    await expect(run()).rejects.toThrow(message);
  });

  it('must have a kind', () => {
    expect(() => strategy('[{ status: 503 }]')).toThrow(/:11:\d+: tests\[1\]\.faults\[0\]\.kind is missing/);
  });
});
