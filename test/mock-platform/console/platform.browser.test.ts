import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PlainValues } from '#wire';
import type { Platform } from '../../../mock-platform/platform/index.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { outcome, request } from '../../support/raw-client.js';
import { PlatformSetting } from '../platform-setting.js';
import { findings } from './axe.ts';
import type { ConsolePage } from './console-page.ts';
import { describeInBrowser } from './in-browser.ts';

/** The console knows nothing of this plugin. */
const PLUGIN = join(ROOT, 'test/fixtures/plugins/billing');

const CONFIG = `application: { name: Own, type: 23 }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [{ use: ${PLUGIN}, options: { url: "\${BILLING_URL}" } }]
`;
const WORLD = `interactionServer: { port: 0 }
console: { port: 0 }
applications:
  - { name: Own, type: 23, address: host }
  - { stubs: ./mail.yaml }
strategies: ./strategies
upstreams:
  second: { plugin: ${PLUGIN}, settings: { balances: { 1: "1.00" } } }
  billing: { plugin: ${PLUGIN} }
`;

const MAIL = `# Why this file is here
application: { name: Mail,  type: 64 }

stubs:
  # the only one so far
  - name: acknowledgement # a note
    match: { service: Email, method: Acknowledge }
    answer: { parameters: { NewId: "A1" } }
`;

const STRATEGY = `name: Acknowledge
data: { To: Ann, Times: 1 }
steps:
  - id: ask
    externalService: { appName: Mail, service: Email, method: Acknowledge }
    on: { response: [{ when: { NewId: B1 }, go: done }, { go: failed }], fault: { other: failed } }
  - { id: done, routeTo: Done } # with a comment
  - { id: failed, routeTo: Failed }
tests:
  - { name: acknowledged, expect: { routedTo: Done } }
`;

const BALANCE = `name: Read the balance
steps:
  - id: ask
    externalService: { appName: Own, service: Billing, method: GetBalance, parameters: { Account: "17" } }
    on: { response: [{ when: { Balance: "0.00" }, go: empty }, { go: paid }], fault: { other: empty } }
  - { id: empty, routeTo: Collection }
  - { id: paid, routeTo: Service }
`;

describeInBrowser('the console of a platform', (open) => {
  const setting = new PlatformSetting();
  const home = folder();
  const mail = file('mail.yaml', MAIL, home);
  mkdirSync(join(home, 'strategies'));
  const strategy = file('mail.yaml', STRATEGY, join(home, 'strategies'));
  file('read-balance.yaml', BALANCE, join(home, 'strategies'));
  let platform: Platform;
  let console: ConsolePage;

  beforeAll(async () => {
    platform = await setting.platform(CONFIG, WORLD, { platform: file('platform.yaml', WORLD, home) });
    console = await open(platform.admin.url);
  });
  afterAll(async () => {
    await setting.end();
    removeFolders();
  });
  const add = async (account: string, amount: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ account, balance: amount });
    expect((await fetch(`${platform.admin.url}/api/billing/accounts`, { method: 'POST', headers, body })).status).toBe(
      200,
    );
  };

  describe("shows another plugin's mock, and", () => {
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

  describe('edits files, and', () => {
    /** Answers a request to Interaction Server. */
    const mailed = async (method: string): Promise<string> => {
      const client = await setting.client(platform.interactionServer);
      client.send(request(1, 'Email', method, {}, { AppName: 'Mail' }));
      const [answer] = await client.messages(1);
      return answer === undefined ? 'no answer' : outcome(answer);
    };
    const text = () => console.page.getByRole('textbox', { name: /^Text of .*mail.yaml/ });
    const saved = () => readFileSync(mail, 'utf8');
    const unsaved = () => console.page.getByRole('region', { name: /mail.yaml$/ }).getByText('unsaved');

    beforeEach(async () => {
      writeFileSync(mail, MAIL);
      await console.go('stubs');
      await console.page.evaluate('sessionStorage.clear()');
      await console.page.reload();
    });

    it('writes a stub, and saves it to its file, in 2 clicks, the keys of its text and Ctrl S', async () => {
      const { page } = console;
      await page.getByRole('link', { name: /^Edit file/ }).click();
      await page.getByRole('button', { name: 'Add a stub' }).click();
      await unsaved().waitFor();
      expect(saved()).toBe(MAIL);
      await page.keyboard.type('paid');
      await page.keyboard.press('Control+s');
      await console.noted(/^Saved .*mail.yaml/);
      await unsaved().waitFor({ state: 'detached' });
      const stub = `  - name: paid
    match: { service: Billing, method: GetInvoice, parameters: { Number: "17" } }
    answer:
      parameters: { State: paid }

`;
      expect(saved()).toBe(MAIL.replace('  # the only', `${stub}  # the only`));
      await page.locator('details.stub', { hasText: 'paid' }).waitFor();
      expect(await mailed('Acknowledge')).toBe('{"NewId":"A1"}');
    });

    it('completes keys, shows mistakes where they are, and undoes', async () => {
      const { page } = console;
      await page.getByRole('link', { name: /^Edit file/ }).click();
      await text().click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('un');
      await page.getByRole('option', { name: /^unmatched/ }).click();
      await page.keyboard.type('nne: true');
      const mistake = page.getByRole('list', { name: 'Mistakes' }).getByRole('button', { name: '10:3' }).first();
      await mistake.waitFor();
      await page.getByText('unknown key unmatched.nne: did you mean none?').first().waitFor();
      await page.keyboard.press('Control+s');
      await page.getByRole('alert').filter({ hasText: 'unmatched.nne' }).waitFor();
      expect(saved()).toBe(MAIL);
      await mistake.click();
      await page.keyboard.press('Delete');
      await page.keyboard.type('no');
      await mistake.waitFor({ state: 'detached' });
      await page.keyboard.press('Control+s');
      await console.noted(/^Saved/);
      expect(saved()).toBe(`${MAIL}unmatched:\n  none: true`);
      for (let step = 0; step < 12 && (await text().textContent())?.includes('unmatched'); step++)
        await page.getByRole('button', { name: 'Undo' }).click();
      expect(await text().textContent()).not.toContain('unmatched');
      console.problems.splice(0); // Chromium logs the 400
    });

    it('switches a stub off, and keeps what is unsaved through other views and a reload', async () => {
      const { page } = console;
      await page.getByRole('link', { name: /^Edit file/ }).click();
      await page.getByRole('checkbox', { name: 'acknowledgement is on' }).uncheck();
      await console.go('faults');
      await page.keyboard.press('5');
      await unsaved().waitFor();
      await page.reload();
      await unsaved().waitFor();
      expect(await page.getByRole('checkbox', { name: 'acknowledgement is on' }).isChecked()).toBe(false);
      await page.getByRole('button', { name: 'Save' }).click();
      await console.noted(/^Saved/);
      expect(saved()).toBe(MAIL.replace('- name: ack', '- disabled: true\n    name: ack'));
      expect(await mailed('Acknowledge')).toMatch(/^902 /);
    });

    it('shows the conflict with a file that changed meanwhile, and overwrites nothing', async () => {
      const { page } = console;
      await page.getByRole('link', { name: /^Edit file/ }).click();
      await page.getByRole('checkbox', { name: 'acknowledgement is on' }).uncheck();
      const theirs = MAIL.replace('A1', 'A2');
      writeFileSync(mail, theirs);
      const conflict = page.getByRole('alert', { name: 'Conflict' });
      await conflict.waitFor();
      await conflict.getByText('removed: ').first().waitFor();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      expect(saved()).toBe(theirs);
      expect(await mailed('Acknowledge')).toBe('{"NewId":"A2"}');
      expect(await findings(console)).toEqual([]);
      await conflict.getByRole('button', { name: 'Take the file from the disk' }).click();
      await conflict.waitFor({ state: 'detached' });
      expect(await page.getByRole('checkbox', { name: 'acknowledgement is on' }).isChecked()).toBe(true);
      console.problems.splice(0); // Chromium logs the 409
    });

    it('edits a strategy until its test passes, and keeps what was typed for its run', async () => {
      const { page } = console;
      await console.go('strategies');
      await page.getByLabel('To', { exact: true }).fill('Bob');
      await page.getByRole('button', { name: 'Test (1)' }).click();
      await page.getByText('routedTo: expected Done, but routed to Failed').waitFor();
      await page.getByRole('link', { name: 'Edit file' }).click();
      await page.getByRole('textbox', { name: /^Text of/ }).click();
      await page.keyboard.press('Control+Home');
      for (let line = 1; line < 6; line++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Home'); // to the first letter
      const before = 'on: { response: [{ when: { NewId: '.length;
      for (let column = 0; column < before; column++) await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Delete');
      await page.keyboard.type('A');
      expect(await text().textContent()).toContain('NewId: A1');
      await page.keyboard.press('Control+s');
      await console.noted(/^Saved .*mail.yaml/);
      expect(readFileSync(strategy, 'utf8')).toBe(STRATEGY.replace('B1', 'A1'));
      await page.getByRole('button', { name: 'Test (1)' }).click();
      await page.getByText('1 of 1 passed').waitFor();
      await console.go('faults');
      await page.keyboard.press('6');
      expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('Bob');
      await page.reload();
      await page.getByRole('button', { name: 'Run' }).click();
      await page.getByText('Routed to').waitFor();
      expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('Bob');
      expect(await findings(console)).toEqual([]);
    });
  });

  it('runs a strategy on platforms of their own, with a variant of a mock', async () => {
    const { page } = console;
    await console.go('strategies/read-balance.yaml');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByLabel('Right').selectOption('as it is now');
    await page.getByLabel('Left').selectOption('billing 17 is empty');
    await page.getByRole('button', { name: 'Run both' }).click();
    await page.getByRole('row', { name: 'Routed to Collection Service' }).waitFor();
    await page.getByRole('button', { name: 'Sweep' }).click();
    await page.getByText(/^\d+ paths, \d+ end nowhere/).waitFor();
  });

  describe('goes on from a request, and', () => {
    /** Asks for a balance. @returns the outcome */
    const ask = async (parameters: PlainValues): Promise<string> => {
      const client = await setting.client(platform.esp);
      client.send(request(1, 'Billing', 'GetBalance', parameters));
      const [answer] = await client.messages(1);
      return answer === undefined ? 'no answer' : outcome(answer);
    };

    beforeEach(async () => {
      platform.reset();
      await add('4711001', '7.00');
      await ask({ Account: '4711001', Password: 'hunter2' });
      await console.go('journal');
      await console.page.reload();
      await console.shows('1 request');
    });

    it('finds parameter 69 of 200 with the filter', async () => {
      const many = Array.from({ length: 200 }, (_, index) => [`P${index}`, `value-${index}-of-many`]);
      await ask({ Account: '17', ...Object.fromEntries(many) });
      await console.shows('2 requests');
      await console.filter.fill('value-169-of');
      await console.shows('1 of 2 requests');
      for (const [text, found] of [
        ['P69=value-69-of', 1],
        ['P69=value-70', 0],
        ['-P69= Account=', 1],
        ['log:"no such thing" or P199=*', 1],
        ['upstream:* P69=', 0],
      ] as const) {
        await console.filter.fill(text);
        await console.shows(`${found} of 2 requests`);
      }
      await console.filter.fill('P69=value');
      await console.shows('1 of 2 requests');
      await ask({ Account: '18', ...Object.fromEntries(many) });
      await ask({ Account: '18' });
      await console.shows('2 of 4 requests');
      await console.filter.fill('');
      await console.shows('4 requests');
    });

    it('puts an upstream down for one number with 3 clicks', async () => {
      const { page } = console;
      await console.rows.first().click();
      await page.getByRole('button', { name: 'Fault like this' }).click();
      await page.getByLabel('Parameter 1: value').waitFor();
      expect(await page.getByLabel('Parameter 1: value').inputValue()).toBe('4711001');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('row', { name: /upstreamStatus .*Billing\.GetBalance where Account=4711001/ }).waitFor();
      expect(await ask({ Account: '4711001' })).toBe('404 no balance: 503');
      expect(await ask({ Account: '17' })).toBe('{"Balance":"10.00"}');
    });

    it('says at the field what is wrong with a fault', async () => {
      const { page } = console;
      await console.go('faults');
      await page.getByText('upstreamStatus', { exact: true }).click();
      await page.getByLabel(/^status/).fill('17');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      const field = page.locator('.form-field', { has: page.getByLabel(/^status/) });
      await field.getByRole('alert').filter({ hasText: 'must be 400 to 599' }).waitFor();
      expect(await page.getByLabel(/^status/).getAttribute('aria-invalid')).toBe('true');
      console.problems.splice(0); // Chromium logs the 400
    });

    it('asks for a masked secret before it sends a request again', async () => {
      const { page } = console;
      await console.rows.first().click();
      await page.getByRole('button', { name: 'Resend' }).click();
      await console.noted('Enter Password: masked in the journal');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('Password: masked; enter the secret').waitFor();
      await page.getByLabel('Other parameters 1: value').fill('hunter2');
      const sent = page.waitForRequest(/api\/send/);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByRole('region', { name: 'Differences' }).waitFor();
      expect((await sent).postDataJSON().parameters).toContainEqual(['Password', 'str', 'hunter2']);
    });
  });
});
