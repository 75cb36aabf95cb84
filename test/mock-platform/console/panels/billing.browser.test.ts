import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Platform } from '../../../../mock-platform/platform/index.js';
import { file, ROOT, removeFolders } from '../../../support/files.js';
import { outcome, request } from '../../../support/raw-client.js';
import { PlatformSetting } from '../../platform-setting.js';
import { findings } from '../axe.ts';
import type { ConsolePage } from '../console-page.ts';
import { describeInBrowser } from '../in-browser.ts';

/** The console knows nothing of this plugin. */
const PLUGIN = join(ROOT, 'test/fixtures/plugins/billing');

const CONFIG = `application: { name: Own, type: 23 }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [{ use: ${PLUGIN}, options: { url: "\${BILLING_URL}" } }]
`;
const WORLD = `interactionServer: { port: 0 }
console: { port: 0 }
applications: [{ name: Own, type: 23, address: host }]
upstreams:
  second: { plugin: ${PLUGIN}, settings: { balances: { 1: "1.00" } } }
  billing: { plugin: ${PLUGIN} }
`;

describeInBrowser("another plugin's mock", (open) => {
  const setting = new PlatformSetting();
  let platform: Platform;
  let console: ConsolePage;

  beforeAll(async () => {
    platform = await setting.platform(CONFIG, WORLD, { platform: file('platform.yaml', WORLD) });
    console = await open(platform.admin.url);
  });
  afterAll(async () => {
    await setting.end();
    removeFolders();
  });
  beforeEach(async () => {
    platform.reset();
    await console.go('mock/billing');
  });

  const row = (name: string | RegExp) => console.page.getByRole('row', { name });

  const balance = async (Account: string): Promise<string> => {
    const client = await setting.client(platform.esp);
    client.send(request(1, 'Billing', 'GetBalance', { Account }));
    const [answer] = await client.messages(1);
    return answer === undefined ? 'no answer' : outcome(answer);
  };

  const add = async (account: string, amount: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ account, balance: amount });
    expect((await fetch(`${platform.admin.url}/api/billing/accounts`, { method: 'POST', headers, body })).status).toBe(
      200,
    );
  };

  it('shows its state, changes it, and follows the changes of others', async () => {
    const { page } = console;
    await row('17 10.00 paid').waitFor();
    await page.getByRole('button', { name: 'Set balance 17' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set balance 17' });
    expect(await dialog.getByLabel(/^balance/).inputValue()).toBe('10.00');
    await dialog.getByLabel(/^balance/).fill('-3.50');
    await dialog.getByRole('button', { name: 'Set balance' }).click();
    await row('17 -3.50 overdue').waitFor();
    await page.getByText('1 to remind').waitFor();
    expect(await balance('17')).toBe('{"Balance":"-3.50"}');
    platform.reset();
    await row('17 10.00 paid').waitFor();
    expect(await page.getByText('1 to remind').count()).toBe(0);
  });

  it('keeps the row of an open dialog while the table changes', async () => {
    const { page } = console;
    await add('18', '5.00');
    await row('18 5.00 paid').waitFor();
    await page.getByRole('button', { name: 'Set balance 17' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set balance 17' });
    await dialog.getByLabel(/^balance/).fill('-3.50');
    await add('1', '1.00'); // becomes the first row
    await page.getByRole('cell', { name: '1.00', exact: true, includeHidden: true }).waitFor();
    expect(await dialog.getByLabel(/^balance/).inputValue()).toBe('-3.50');
    await dialog.getByRole('button', { name: 'Set balance' }).click();
    await row('17 -3.50 overdue').waitFor();
    expect(await Promise.all(['1', '17', '18'].map(balance))).toEqual([
      '{"Balance":"1.00"}',
      '{"Balance":"-3.50"}',
      '{"Balance":"5.00"}',
    ]);
  });

  it('has a form for a route, whose error it shows', async () => {
    const { page } = console;
    const form = page.getByRole('form', { name: 'Add account' });
    await form.getByLabel(/^account/).fill('<i>18</i>');
    await form.getByLabel(/^balance/).fill('much');
    await form.getByRole('button').last().click();
    await form.getByText('body.balance: must be an amount', { exact: false }).waitFor();
    await form.getByLabel(/^balance/).fill('2.00');
    await form.getByRole('button').last().click();
    await row('<i>18</i> 2.00 paid').waitFor();
    expect(await balance('<i>18</i>')).toBe('{"Balance":"2.00"}');
    await page.getByRole('button', { name: 'Close all' }).click();
    await page.getByText('Nothing yet.').waitFor();
    console.problems.splice(0); // Chromium logs the 400
  });

  it('has a page for each upstream', async () => {
    await console.go('mock/second');
    await row('1 1.00 paid').waitFor();
    expect(await console.page.getByRole('navigation').getByRole('link', { name: 'Billing' }).count()).toBe(2);
  });

  it('passes axe', async () => {
    await row('17 10.00 paid').waitFor();
    expect(await findings(console)).toEqual([]);
  });
});
