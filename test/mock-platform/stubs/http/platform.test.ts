import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '#server';
import { type Platform, runCase } from '../../../../mock-platform/platform/index.js';
import { loadStrategy, sweepStrategy } from '../../../../mock-platform/strategies/index.js';
import { file, removeFolders } from '../../../support/files.js';
import { outcome, type RawClient, request } from '../../../support/raw-client.js';
import { AdminClient } from '../../admin/setting.js';
import { CONFIG, PLUGIN, world } from '../../billing.js';
import { PlatformSetting } from '../../platform-setting.js';

const setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  removeFolders();
});

const STUBS = join(PLUGIN, 'billing.http.yaml');
const BILLING = `{ billing: { stubs: ${STUBS}, env: BILLING_URL } }`;

const start = (upstreams = BILLING): Promise<Platform> => setting.platform(CONFIG, world(upstreams));

const ask = async (client: RawClient, Account: string): Promise<string> => {
  const before = client.received.length;
  client.send(request(before, 'Billing', 'GetBalance', { Account }));
  return outcome((await client.messages(before + 1)).at(-1) as never);
};

/** The successive answers for each account. */
async function answers(platform: Platform, ...accounts: string[]): Promise<string[]> {
  const client = await setting.client(platform.esp);
  const all: string[] = [];
  for (const account of accounts) all.push(await ask(client, account));
  return all;
}

describe('an upstream made from HTTP stubs', () => {
  it('answers the plugin, which gets the address from the environment', async () => {
    const platform = await start();
    expect(await answers(platform, '17', '19', '19', '20', '18')).toEqual([
      '{"Balance":"12.50"}',
      expect.stringMatching(/^404 .*no balance: 503/),
      '{"Balance":"0.00"}',
      '{"Balance":"1.00"}',
      expect.stringMatching(/^404 .*no balance: 404/),
    ]);
    const stubs = platform.httpStubs('billing');
    expect(stubs.list().map(({ name, hits }) => [name, hits])).toEqual([
      ['balance of a good customer', 1],
      ['an account to open', 1],
      ['an opened account', 1],
      ['a slow account', 1],
    ]);
    expect(stubs.verify({ method: 'POST', json: { account: '19' }, times: 2 })).toMatchObject({ count: 2, ok: true });
    expect(stubs.states()).toEqual({ opening: 'opened' });
    expect(
      platform
        .upstream('billing')
        .calls.list()
        .map(({ path, status }) => [path, status]),
    ).toEqual([...[200, 503, 200, 200, 404].map((status) => ['/v1/balance', status])]);
    platform.reset();
    expect([stubs.states(), stubs.requests(), stubs.list()[0]?.hits]).toEqual([{}, [], 0]);
  });

  it('logs a request that no stub matches with the nearest one, which the journal shows too', async () => {
    const platform = await start();
    await answers(platform, '18');
    const nearest =
      "no stub matched; the nearest was 'balance of a good customer' (POST /v1/balance): json.account is '18', not '17'";
    expect(setting.log.matching(/no stub matched/)).toContainEqual(
      expect.stringContaining(`WARN  ${nearest} component=stubs upstream=billing request="POST /v1/balance"`),
    );
    expect(platform.httpStubs('billing').verify({ unmatched: true }).requests).toMatchObject([{ unmatched: nearest }]);
    expect(platform.journal.find()[0]?.upstream).toMatchObject([
      { status: 404, responseBody: '{"error":"no account 18"}' },
    ]);
  });

  it('accepts stubs of a test', async () => {
    const platform = await start();
    const json = { match: { path: '/v1/balance' }, answer: { json: { balance: '9.99' } } };
    platform.httpStubs('billing').add(json, 'first');
    expect(await answers(platform, '17')).toEqual(['{"Balance":"9.99"}']);
    platform.reset();
    expect(await answers(platform, '17')).toEqual(['{"Balance":"12.50"}']);
    expect(() => platform.httpStubs('other')).toThrow(
      expect.objectContaining({
        code: 'ESP_MOCK_UNKNOWN_UPSTREAM',
        message: 'unknown stubbed upstream other (platform.yaml has: billing)',
      }),
    );
  });

  it.each([
    [{ kind: 'upstreamStatus', status: 500 }, /no balance: 500/, 500],
    [{ kind: 'upstreamReset' }, /^9\d\d /, 'reset'],
    [{ kind: 'upstreamAnswerLost' }, /^9\d\d /, 'reset'],
    [{ kind: 'upstreamHalfAnswer' }, /^9\d\d /, 'reset'],
    [{ kind: 'upstreamDelay', ms: 1 }, /^\{"Balance":"12.50"\}$/, 200],
  ])('has faults: %j', async (fault, expected, status) => {
    const platform = await start();
    platform.faults.add({ ...fault, upstream: 'billing', path: '/v1/balance', body: '/"17"/', times: 1 });
    const [first, second] = await answers(platform, '17', '17');
    expect(first).toMatch(expected);
    expect(second).toBe('{"Balance":"12.50"}');
    expect(platform.upstream('billing').calls.list()[0]).toMatchObject({ status });
  });

  it('is in the welcome', async () => {
    const platform = await start();
    expect(platform.welcome()).toContain(`  billing             ${platform.upstream('billing').url}, 4 stubs\n`);
  });

  it.each([{ delayMs: 60_000 }, { none: true }])('drops pending answers when it stops: %j', async (answer) => {
    const config = CONFIG.replace('listeners:', 'limits: { drainMs: 100 }\nlisteners:');
    const platform = await setting.platform(config, world(BILLING));
    const slow = { answer };
    platform.httpStubs('billing').add(slow, 'first');
    const client = await setting.client(platform.esp);
    client.send(request(1, 'Billing', 'GetBalance', { Account: '17' }));
    const { calls } = platform.upstream('billing');
    await new Promise<void>((resolve) => calls.subscribe(resolve));
    await platform.stop();
    expect(calls.list()[0]).not.toHaveProperty('status');
  });
});

describe('in the admin API', () => {
  it('its stubs are listed, added, counted and removed', async () => {
    const platform = await start();
    const api = await AdminClient.of(platform);
    const { url } = platform.upstream('billing');
    expect((await api.get('/api/configuration')).json.upstreams).toEqual([{ name: 'billing', url, kind: 'stubs' }]);
    const stub = { match: { json: { account: '18' } }, answer: { json: { balance: '1' } } };
    const added = await api.post('/api/stubs', { upstream: 'billing', stub });
    expect(added.json).toEqual({ id: '1-5', upstream: 'billing', name: '* *', hits: 0, definition: stub });
    expect(await answers(platform, '18')).toEqual(['{"Balance":"1"}']);
    expect((await api.get('/api/stubs')).json).toMatchObject([
      { id: '1-5', hits: 1 },
      { id: '1-1', upstream: 'billing', name: 'balance of a good customer', hits: 0 },
      { scenario: 'opening' },
      {},
      {},
    ]);
    expect((await api.delete('/api/stubs/1-5')).status).toBe(204);
    expect((await api.delete('/api/stubs/1-5')).status).toBe(404);
    expect((await api.delete('/api/stubs/2-1')).status).toBe(404);
  });

  it('an invalid stub is refused', async () => {
    const api = await AdminClient.of(await start());
    const post = async (body: unknown): Promise<unknown> => {
      const { status, json } = await api.post('/api/stubs', body);
      return [status, json.error];
    };
    expect(await post({ upstream: 'billing', stub: { answer: { state: 5 } } })).toEqual([
      400,
      expect.stringMatching(/^stub\.answer\.state: /),
    ]);
    expect(await post({ upstream: 'other', stub: {} })).toEqual([
      400,
      'unknown stubbed upstream other (platform.yaml has: billing)',
    ]);
    for (const owner of [{}, { application: 'a', upstream: 'billing' }]) {
      expect(await post({ ...owner, stub: {} })).toEqual([400, expect.stringContaining('must have either')]);
    }
  });

  it('its requests are listed with near misses, and counted', async () => {
    const platform = await start();
    const api = await AdminClient.of(platform);
    await answers(platform, '17', '18');
    const [missed, matched] = (await api.get('/api/stubs/requests')).json;
    expect(matched).toEqual({
      ...{ upstream: 'billing', at: expect.any(Number), method: 'POST', path: '/v1/balance' },
      stub: 'balance of a good customer',
    });
    expect(missed).toMatchObject({ unmatched: expect.stringContaining("json.account is '18', not '17'") });
    expect((await api.get('/api/stubs/requests?unmatched=true&upstream=billing')).json).toEqual([missed]);
    expect((await api.get('/api/stubs/requests?unmatched=false&limit=1')).json).toEqual([matched]);
    expect((await api.get('/api/stubs/requests?upstream=other')).json).toEqual([]);
    const verify = async (expected: object) =>
      (await api.post('/api/stubs/verify', { upstream: 'billing', ...expected })).json;
    expect(await verify({ json: { account: '17' }, times: 1 })).toEqual({ count: 1, ok: true, requests: [matched] });
    expect(await verify({ path: { pattern: '^/v1' }, times: 1 })).toMatchObject({ count: 2, ok: false });
    expect(await verify({ path: 'v1' })).toEqual({ error: expect.stringContaining('expected.path') });
  });

  it('a secret in a stub is masked', async () => {
    const platform = await start();
    const api = await AdminClient.of(platform);
    const match = { headers: { Authorization: 'Bearer hunter2' } };
    platform.httpStubs('billing').add({ match, answer: { json: { token: 'hunter2' } } }, 'first');
    const { text, json } = await api.get('/api/stubs');
    expect(json[0].definition.match).toEqual({ headers: { Authorization: '***' } });
    expect(text).not.toContain('hunter2');
  });
});

describe('platform.yaml', () => {
  const problemOf = (upstreams: string): Promise<string> =>
    start(upstreams).then(
      () => 'started',
      (error: Error) =>
        error instanceof ConfigError ? error.message.replace(/^\S*\/(?=\S+\.yaml:)/, '') : String(error),
    );

  it.each([
    [
      '{ billing: {} }',
      /^platform\.yaml:4:\d+: upstreams\.billing must have either plugin \(a folder or a package\) or stubs/,
    ],
    [
      `{ billing: { plugin: ${PLUGIN}, stubs: a.yaml, env: A } }`,
      /^platform\.yaml:4:\d+: upstreams\.billing must have either/,
    ],
    [
      '{ billing: { stubs: a.yaml } }',
      /^platform\.yaml:4:\d+: upstreams\.billing must have env: the environment variable/,
    ],
    ['{ billing: { stubs: a.yaml, env: A-B } }', /upstreams\.billing\.env must be the name of an environment variable/],
    [`{ billing: { plugin: ${PLUGIN}, env: A } }`, /upstreams\.billing\.env is only allowed with stubs/],
    [
      '{ billing: { stubs: a.yaml, env: A, settings: {} } }',
      /upstreams\.billing\.settings is only allowed with plugin/,
    ],
    [
      '{ billing: { stubs: a.yaml, env: A }, other: { stubs: b.yaml, env: A } }',
      /upstreams\.other\.env is also the variable of upstreams\.billing/,
    ],
    ['{ billing: { stubs: nowhere.yaml, env: A } }', /nowhere\.yaml/],
  ])('reports an error with its location: %s', async (upstreams, expected) => {
    expect(await problemOf(upstreams)).toMatch(expected);
  });

  it('reports the errors in the stub file', async () => {
    const stubs = file('wrong.http.yaml', 'stubs:\n  - { match: { pth: /v1 }, answer: {} }\n');
    expect(await problemOf(`{ billing: { stubs: ${stubs}, env: A } }`)).toMatch(
      /^wrong\.http\.yaml:2:\d+: unknown key stubs\[0\]\.match\.pth: did you mean path\?/,
    );
  });
});

describe('a strategy', () => {
  const STRATEGY = `name: Balance
data: { Account: "18" }
steps:
  - id: ask
    externalService: { appName: Own, service: Billing, method: GetBalance, parameters: { Account: "{{Account}}" } }
    on: { response: [{ go: rich }], fault: { other: poor }, timeout: poor, lost: poor }
  - { id: rich, routeTo: Rich }
  - { id: poor, routeTo: Poor }
tests:
  - { name: known, set: { Account: "17" }, expect: { routedTo: Rich, path: [ask, rich] } }
  - { name: unknown, expect: { routedTo: Poor } }
  - name: a stub of the case
    upstreams: { billing: { stubs: [{ match: { json: { account: "18" } }, answer: { json: { balance: "1" } } }] } }
    expect: { routedTo: Rich }
  - name: a state of the case
    set: { Account: "19" }
    upstreams: { billing: { states: { opening: opened } } }
    expect: { routedTo: Rich }
  - { name: its first state, set: { Account: "19" }, expect: { routedTo: Poor } }
`;

  it('is tested and swept with stubs, states and more stubs of its cases', async () => {
    const strategy = loadStrategy(file('balance.yaml', STRATEGY));
    const files = { config: file('config.yaml', CONFIG), platform: file('platform.yaml', world(BILLING)) };
    for (const test of strategy.tests) {
      expect(await runCase(strategy, test, files)).toMatchObject({ name: test.name, differences: [] });
    }
    expect(await sweepStrategy(strategy)).toMatchObject({ neverTaken: [], neverReached: [], cut: false });
  });

  it('reports an unknown upstream of a case', async () => {
    const strategy = loadStrategy(
      file('balance.yaml', STRATEGY.replace('upstreams: { billing:', 'upstreams: { biling:')),
    );
    const files = { config: file('config.yaml', CONFIG), platform: file('platform.yaml', world(BILLING)) };
    const test = strategy.tests.find(({ upstreams }) => upstreams[0]?.name === 'biling');
    await expect(runCase(strategy, test as never, files)).rejects.toThrow(
      /balance\.yaml:\d+:\d+: tests\[\d\]\.upstreams\.biling is not an upstream of platform\.yaml, which has: billing; did you mean billing\?$/,
    );
  });

  it('reports an error in the stubs of a case', async () => {
    const text = STRATEGY.replace('answer: { json: { balance: "1" } }', 'answer: { jsn: 1 }');
    const strategy = loadStrategy(file('balance.yaml', text));
    const files = { config: file('config.yaml', CONFIG), platform: file('platform.yaml', world(BILLING)) };
    await expect(runCase(strategy, strategy.tests[2] as never, files)).rejects.toThrow(
      /balance\.yaml:\d+:\d+: unknown key tests\[2\]\.upstreams\.billing\.stubs\[0\]\.answer\.jsn: did you mean json\?/,
    );
  });
});
