import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { HttpStubSet, loadHttpStubs, type Platform } from 'esp-host/mock';
import { PlatformSetting } from '../mock-platform/platform-setting.js';
import { httpRequest } from '../mock-platform/stubs/http/sets.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { outcome, request } from '../support/raw-client.js';
import { runCommand } from '../support/run-command.js';

const run = (...words: string[]) => runCommand(words);

const setting = new PlatformSetting();
afterEach(() => setting.end());
afterAll(removeFolders);

const PLUGIN = join(ROOT, 'test/fixtures/plugins/billing');
const config = (url: string): string => `application: { name: Own, type: 23 }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [{ use: ${PLUGIN}, options: { url: "${url}" } }]
`;
const world = (stubs: string): string => `interactionServer: { port: 0 }
console: { port: 0 }
applications: [{ name: Own, type: 23, address: host }]
upstreams: { billing: { stubs: ${stubs}, env: BILLING_URL } }
`;

const start = (stubs = join(PLUGIN, 'billing.http.yaml')): Promise<Platform> =>
  setting.platform(config('${BILLING_URL}'), world(stubs));

async function answers(platform: Platform, ...accounts: string[]): Promise<string[]> {
  const client = await setting.client(platform.esp);
  const all: string[] = [];
  for (const [id, Account] of accounts.entries()) {
    client.send(request(id, 'Billing', 'GetBalance', { Account }));
    all.push(outcome((await client.messages(id + 1)).at(-1) as never));
  }
  return all;
}

describe('HTTP stubs from the upstream calls of a platform', () => {
  const ACCOUNTS = ['17', '19', '19', '18'];

  it('answer as the upstream did', async () => {
    const platform = await start();
    const before = await answers(platform, ...ACCOUNTS);
    const out = join(folder(), 'again.http.yaml');
    const { url } = platform.admin;
    expect(await run('stubs', 'from', '--upstream', 'billing', '--admin', url, '--out', out)).toEqual({
      ...{ code: 0, stdout: '', stderr: '' },
    });
    const again = await start(out);
    expect(await answers(again, ...ACCOUNTS)).toEqual(before);
    expect(again.httpStubs('billing').verify({ unmatched: true, times: 0 }).ok).toBe(true);
  });

  it('may be those of an origin', async () => {
    const platform = await start();
    await answers(platform, '17');
    const origin = platform.upstream('billing').url;
    const { stdout } = await run('stubs', 'from', '--upstream', origin, '--admin', platform.admin.url);
    expect(stdout).toBe(platform.stubsFromJournal('billing'));
    expect(platform.stubsFromJournal(`${origin}/v1`)).toBe(stdout);
    expect(loadHttpStubs(file('s.yaml', stdout)).config.stubs).toHaveLength(1);
  });

  it('may be those of an exchange', async () => {
    const platform = await start();
    await answers(platform, '17', '19');
    const { url } = platform.admin;
    const { code, stdout } = await run('journal', 'export', '1', '--as', 'http-stub', '--admin', url);
    expect([code, stdout]).toEqual([0, platform.exported(1, 'http-stub')]);
    const set = new HttpStubSet(loadHttpStubs(file('s.yaml', stdout)).config);
    expect(set.list()).toMatchObject([{ name: 'POST /v1/balance, call 1 of entry 1' }]);
    expect(set.answer(httpRequest({ body: { account: '17' } })).response).toMatchObject({
      body: '{"balance":"12.50","account":"17"}',
    });
  });

  it('need calls, and either a recording or an upstream', async () => {
    const { admin } = await start();
    const from = async (...words: string[]): Promise<unknown> => {
      const { code, stderr } = await run('stubs', 'from', ...words, '--admin', admin.url);
      return [code, stderr.trimEnd()];
    };
    expect(await from('--upstream', 'billing')).toEqual([
      ...[1, 'the journal of billing has no upstream calls to export as HTTP stubs'],
    ]);
    expect(await from('--upstream', 'other')).toEqual([1, 'unknown upstream other (platform.yaml has: billing)']);
    expect(await from()).toEqual([1, 'give either a recording or --upstream']);
    expect(await from('r.jsonl', '--upstream', 'billing')).toEqual([1, 'give either a recording or --upstream']);
  });
});
