import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStrategy, runCase, type Strategy } from 'esp-host/mock';
import { CaseClock } from '../../../mock-platform/platform/case-clock.js';
import { file, folder, removeFolders } from '../../support/files.js';
import { builtPlugin } from '../../support/plugins.js';

afterAll(removeFolders);

/** Says whether a shop is open, and keeps a token for an hour. */
const PLUGIN = `
import { definePlugin, EspMethod, inject, optionsToken, z } from 'esp-host';
const options = z.strictObject({ url: z.string() });
class Now {
  handle() {
    const time = new Date().toISOString();
    return { Time: time, Open: time.slice(11, 13) < '18' ? 'yes' : 'no' };
  }
}
EspMethod('Shop', 'Now', { parameters: z.object({}), response: z.looseObject({}) })(Now);
class Token {
  constructor(given) { this.url = given.url; }
  async handle(call) {
    if (!(this.until > Date.now())) {
      this.token = (await call.http.get(this.url + '/token')).body;
      this.until = Date.now() + 3600000;
    }
    return { Token: this.token };
  }
}
inject(optionsToken(options))(Token, undefined, 0);
EspMethod('Shop', 'Token', { parameters: z.object({}), response: z.looseObject({}) })(Token);
export default definePlugin({ name: 'shop', options, methods: [Now, Token] });
`;

const FILES = {
  'config.yaml': `application: { name: Shop }
plugins: [{ use: ./shop, options: { url: "\${SHOP_URL}" } }]
`,
  'platform.yaml': `applications:
  - { name: Shop, type: 171, address: host }
  - { stubs: ./billing.yaml }
upstreams: { shop: { stubs: ./shop.http.yaml, env: SHOP_URL } }
`,
  'billing.yaml': `application: { name: Billing, type: 90 }
stubs: [{ match: { service: Billing }, answer: { parameters: { Balance: file } } }]
`,
  'shop.http.yaml': 'stubs: [{ answer: { body: file } }]\n',
  'strategy.yaml': `name: Shop
steps:
  - id: now
    externalService: { appName: Shop, service: Shop, method: Now }
    save: now
    on: { response: [{ when: { Open: "yes" }, go: token }, { go: closed }] }
  - { id: token, externalService: { appName: Shop, service: Shop, method: Token }, save: first }
  - { id: again, externalService: { appName: Shop, service: Shop, method: Token }, save: second }
  - id: ask
    externalService: { appName: Billing, service: Billing, method: GetBalance }
    save: billing
    on: { response: [{ go: open }], fault: { other: failed } }
  - { id: open, routeTo: Open }
  - { id: closed, routeTo: Closed }
  - { id: failed, routeTo: Failed }
tests:
  - name: nothing of its own
    clock: { at: 2026-12-24T10:00:00+01:00 }
    expect: { data: { first: { Token: file }, second: { Token: file }, billing: { Balance: file } } }
  - name: after closing time
    clock: { at: 2031-12-24T20:00:00+01:00 }
    expect: { routedTo: Closed, path: [now, closed], data: { now: { Open: "no" } } }
  - name: a token that expires, and stubs of its own
    clock: { at: 2026-12-24T10:00:00+01:00, advanceMs: { again: 3600000 } }
    upstreamStubs:
      shop:
        - { match: { path: /token }, answers: [{ body: one }, { body: two }] }
        - { answer: { status: 500 } }
    stubs:
      Billing:
        - { match: { method: GetBalance }, answer: { fault: { code: 7, text: none } } }
        - { answer: { none: true } }
    expect: { routedTo: Failed, data: { first: { Token: one }, second: { Token: two }, billing: { FaultCode: "7" } } }
  - name: a token that has not expired
    clock: { at: 2026-12-24T10:00:00+01:00, advanceMs: { again: 3500000 } }
    upstreamStubs: { shop: [{ answers: [{ body: one }, { body: two }] }] }
    faults: [{ kind: espFault, match: { service: Billing }, code: 8, text: injected }]
    expect: { data: { second: { Token: one } } }
  - name: the stubs of an upstream that has none
    upstreamStubs: { shoop: [{ answer: { status: 500 } }] }
    expect: { routedTo: Open }
`,
};

let home: string;
let strategy: Strategy;
beforeAll(() => {
  home = folder();
  builtPlugin(PLUGIN, home, 'shop');
  for (const [name, text] of Object.entries(FILES)) file(name, text, home);
  strategy = loadStrategy(join(home, 'strategy.yaml'));
});

describe('a case', () => {
  const run = (index: number) => {
    const test = strategy.tests[index];
    if (test === undefined) throw new Error(`there is no case ${index}`);
    return runCase(strategy, test, { config: join(home, 'config.yaml'), platform: join(home, 'platform.yaml') });
  };

  it('has its time, stubs and faults, which the next case does not have', async () => {
    for (const index of [2, 1, 3, 0]) {
      const { name, differences, run: ran } = await run(index);
      expect({ name, differences }).toEqual({ name: strategy.tests[index]?.name, differences: [] });
      expect(ran.durationMs).toBeLessThan(60_000);
    }
  });

  it('leaves the time of the process alone', async () => {
    const [before, DateBefore] = [Date.now(), Date];
    const running = run(1);
    expect(Date.now() - before).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(new Date().toISOString()) - before)).toBeLessThan(60_000);
    await running;
    expect(globalThis.Date).toBe(DateBefore);
    expect(Date.now() - before).toBeLessThan(60_000);
  });

  it('reports the place of stubs without an owner', async () => {
    await expect(run(4)).rejects.toThrow(
      /tests\[4\]\.upstreamStubs\.shoop is no stubbed upstream of platform\.yaml, which has: shop; did you mean shop\?$/,
    );
  });
});

describe('the clock of a case', () => {
  const at = Date.parse('2030-01-01T00:00:00Z');
  const near = (ms: number) => Math.abs(ms - at) < 60_000;

  it('is what Date tells, in all its forms, also later', async () => {
    const told = await new CaseClock(at).run(async () => {
      await new Promise(setImmediate);
      const { now } = Date;
      class Own extends Date {}
      return [
        now(),
        Date.parse(new Date().toISOString()),
        new Own().getTime(),
        Date.parse(Date()),
        Reflect.construct(Date, []).getTime(),
      ];
    });
    expect(told.map(near)).toEqual([true, true, true, true, true]);
  });

  it('leaves a date that is given, and its class', async () => {
    await new CaseClock(at).run(async () => {
      expect(new Date(5).getTime()).toBe(5);
      expect(new Date(2020, 1, 2).getMonth()).toBe(1);
      expect(Date.UTC(1970)).toBe(0);
      expect(new Date()).toBeInstanceOf(Date);
    });
  });

  it('moves on, and is another one in work that runs meanwhile', async () => {
    const [one, two] = [new CaseClock(at), new CaseClock(undefined)];
    const began = Date.now();
    const both = Promise.all([one, two].map((clock) => clock.run(async () => Date.now())));
    expect((await both).map(near)).toEqual([true, false]);
    two.advance(1000);
    expect(two.now() - began).toBeGreaterThanOrEqual(1000);
    await expect(one.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(near(Date.now())).toBe(false);
  });
});
