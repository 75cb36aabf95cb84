import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { until } from '../../support/eventually.ts';
import { findings } from './axe.ts';
import { type ConsolePage, VIEWS } from './console-page.ts';
import type { FakeAdmin } from './fake/index.ts';
import { closeFakes, describeInBrowser, startFake } from './in-browser.ts';

describeInBrowser('the console', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeAll(async () => {
    fake = await startFake({ entries: 120 });
    console = await open(fake.url);
  });
  afterAll(closeFakes);

  it('changes views with the keys 1 to 7', async () => {
    for (const [index, view] of VIEWS.entries()) {
      await console.page.keyboard.press(String(index + 1));
      await console.page.locator(`main.view-${view}`).waitFor();
      expect(new URL(console.page.url()).hash).toMatch(new RegExp(`^#/${view}`));
      const current = console.page.getByRole('navigation').locator('[aria-current=page]');
      expect((await current.textContent())?.toLowerCase()).toContain(view);
    }
  });

  it('has a page for each mock that brings one', async () => {
    const { page } = console;
    const link = page.getByRole('navigation').getByRole('link', { name: 'Ledger', exact: true });
    await link.waitFor();
    await page.keyboard.press('8');
    await page.getByRole('heading', { name: 'Ledger', level: 1 }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/mock/ledger');
    expect(await link.getAttribute('aria-current')).toBe('page');
    expect(await page.title()).toBe('Ledger · esp-host console');
    const { panels } = fake.state;
    fake.state.panels = [...panels, ...panels.map((panel) => ({ ...panel, name: 'second', title: 'Second ledger' }))];
    fake.emit('changed', { what: 'reload' });
    await page.getByRole('navigation').getByRole('link', { name: 'Second ledger' }).waitFor();
    fake.state.panels = [];
    fake.emit('changed', { what: 'reload' });
    await link.waitFor({ state: 'detached' });
    await page.getByText('No mock named ledger has a page.').waitFor();
    fake.state.panels = panels;
    fake.emit('changed', { what: 'reload' });
    await link.waitFor();
  });

  it('shows its shortcuts', async () => {
    await console.page.keyboard.press('?');
    await console.page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await console.page.keyboard.press('Escape');
    await console.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('remembers the selected theme', async () => {
    const theme = (): Promise<string> => console.page.evaluate('document.documentElement.dataset.theme');
    const page = (): Promise<string> => console.page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await page();
    expect(await theme()).toBe('system');
    await console.page.getByRole('button', { name: /^Theme: system/ }).click();
    await console.page.getByRole('button', { name: /^Theme: light/ }).click();
    expect(await theme()).toBe('dark');
    expect(await page()).not.toBe(light);
    await console.page.reload();
    await console.page.getByRole('button', { name: /^Theme: dark/ }).click();
    expect(await theme()).toBe('system');
  });

  it('shows the error of a view, and leaves the others alone', async () => {
    await console.page.route('**/api/charts', (route) => route.fulfill({ json: { bucketMs: 5000, buckets: [null] } }));
    await console.go('charts');
    await console.page.getByRole('heading', { name: 'Something went wrong in this view' }).waitFor();
    await console.page.unroute('**/api/charts');
    await console.page.getByRole('button', { name: 'Try again' }).click();
    await console.page.getByRole('heading', { name: 'Charts' }).waitFor();
  });

  it('sends no request to another host', async () => {
    for (const view of VIEWS) {
      await console.go(view);
      await console.settled();
    }
    expect([...new Set(console.requested.map((url) => new URL(url).origin))]).toEqual([new URL(fake.url).origin]);
  });
});

describeInBrowser('Send', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeAll(async () => {
    fake = await startFake({ entries: 20 });
  });
  beforeEach(async () => {
    console = await open(fake.url);
    await console.go('send');
  });
  afterEach(() => console.close());
  afterAll(closeFakes);

  const send = () => console.page.getByRole('button', { name: 'Send', exact: true });

  it('sends the form, and shows the reply and its journal entry', async () => {
    const { page } = console;
    await page.getByText('Id is required but omitted', { exact: false }).waitFor();
    await page.getByText(/every number is reported as valid: remove the request from strategies/).waitFor();
    await page.getByLabel(/^Id/).fill('+1-631-555-1002');
    await page.getByLabel(/^_umsChannel/).selectOption('whatsapp');
    const request = page.waitForRequest(/api\/send/);
    await page.getByLabel(/^Id/).press('Control+Enter');
    expect((await request).postDataJSON()).toEqual({
      to: 'host',
      appName: 'DMS',
      service: 'Messaging',
      method: 'ValidateContact',
      parameters: [
        ['Id', 'str', '+1-631-555-1002'],
        ['_umsChannel', 'str', 'whatsapp'],
      ],
    });
    await page.getByRole('treeitem', { name: 'Id str +16315551002' }).waitFor();
    await page.getByRole('link', { name: /in the journal/ }).click();
    await console.detail(fake.state.entries.at(-1)?.id ?? 0).waitFor();
  });

  it('sends an invalid request, and shows the fault', async () => {
    const { page } = console;
    await page.getByLabel(/^Id/).fill('+1-631-555-1002');
    await page.getByRole('button', { name: 'omit Id' }).click();
    await send().click();
    await page.getByText('Messaging.ValidateContact incorrect Id: missing').first().waitFor();
    await page.getByText('Fault 904').waitFor();
  });

  it('has a form of lists and repeated keys, which rows show as sent', async () => {
    const { page } = console;
    await page.getByRole('combobox', { name: 'Method' }).selectOption('Billing.FindInvoices');
    await page.getByLabel(/^Account/).fill('4711');
    await page.getByLabel('Name required').fill('Ada');
    await page.getByLabel('Since').fill('1843');
    await page.getByRole('button', { name: 'Add State' }).click();
    await page.getByLabel('State 1', { exact: true }).fill('open');
    await page.getByRole('button', { name: 'Add State' }).click();
    await page.getByLabel('State 2', { exact: true }).fill('overdue');
    await page.getByRole('group', { name: 'Parameters as' }).getByRole('radio', { name: 'Rows' }).check();
    expect(await page.getByLabel('Parameters 3: value').inputValue()).toBe('overdue');
    await page.getByLabel('Parameters 4: list 2: type').selectOption('str');
    const request = page.waitForRequest(/api\/send/);
    await send().click();
    expect((await request).postDataJSON()).toMatchObject({
      parameters: [
        ['Account', 'str', '4711'],
        ['State', 'str', 'open'],
        ['State', 'str', 'overdue'],
        [
          'Customer',
          'list',
          [
            ['Name', 'str', 'Ada'],
            ['Since', 'str', '1843'],
          ],
        ],
      ],
    });
  });

  it('reports what cannot be sent', async () => {
    const { page } = console;
    await page.getByRole('combobox', { name: 'Method' }).selectOption('Another method…');
    await page.getByLabel('Service').fill('Other');
    await page.getByLabel('Parameters 1: key').fill('Count');
    await page.getByLabel('Parameters 1: type').selectOption('int');
    await page.getByLabel('Parameters 1: value').fill('many');
    await send().click();
    await page.getByText("Count: 'many' is not an int").waitFor();
  });

  it('keeps the requests that were sent, and fills the form with one of them', async () => {
    const { page } = console;
    const past = page.getByRole('region', { name: 'History' });
    for (const id of ['+16315551001', '+16315551002']) {
      await page.getByLabel(/^Id/).fill(id);
      await send().click();
      await past.getByRole('button', { name: id }).waitFor();
    }
    await page.locator('summary', { hasText: 'Other parameters' }).click();
    await page.getByRole('group', { name: 'Other parameters' }).getByRole('button', { name: 'Add entry' }).click();
    await page.getByLabel('Other parameters 1: key').fill('Password');
    await page.getByLabel('Other parameters 1: value').fill('hunter2');
    await send().click();
    await past.getByRole('button', { name: 'Password=***' }).waitFor();
    await page.reload();
    await past.getByRole('button', { name: 'Password=***' }).waitFor();
    expect(await past.getByRole('listitem').count()).toBe(3);
    expect(await page.evaluate("sessionStorage.getItem('esp-host.console.sent')")).not.toContain('hunter2');
    await past.getByRole('button', { name: '+16315551001' }).click();
    expect(await page.getByLabel(/^Id/).inputValue()).toBe('+16315551001');
    await past.getByRole('button', { name: 'Password' }).click();
    await console.noted('Enter Password: secrets are not kept');
    await send().click();
    await page.getByText('Password: masked; enter the secret').waitFor();
    expect(await findings(console)).toEqual([]);
    await past.getByRole('button', { name: 'Forget all' }).click();
    await past.waitFor({ state: 'detached' });
  });
});

describeInBrowser('faults, stubs and strategies', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeEach(async () => {
    fake = await startFake({ entries: 20 });
    console = await open(fake.url);
  });
  afterEach(() => console.close());
  afterEach(closeFakes);

  it('add a fault, with a badge in the bar, and remove it', async () => {
    const { page } = console;
    await console.go('faults');
    const badge = page.getByRole('navigation').locator('.badge');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('delayMs: is required').waitFor();
    await page.getByLabel(/^delayMs/).fill('250');
    await page.getByLabel('Service').fill('Messaging');
    await page.getByRole('button', { name: 'Parameter' }).click();
    await page.getByLabel('Parameter 1: key').fill('Id');
    await page.getByLabel('Parameter 1: value').fill('+1');
    await page.getByLabel('Times').fill('3');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('row', { name: /delay delayMs=250 Messaging\.\* where Id=\+1 0 of 3/ }).waitFor();
    expect(fake.state.rules).toMatchObject([
      { kind: 'delay', delayMs: 250, match: { service: 'Messaging' }, times: 3 },
    ]);
    await badge.waitFor();
    // This kind takes no `match`, so typed values for it are ignored; `times` applies.
    await page.getByText('upstream-down', { exact: true }).click();
    await page.getByText('Applies to every request').waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await badge.filter({ hasText: '2' }).waitFor();
    expect(fake.state.rules.at(-1)).toMatchObject({ kind: 'upstream-down', times: 3 });
    expect(fake.state.rules.at(-1)).not.toHaveProperty('match');
    await page.getByText('no-reply', { exact: true }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await badge.filter({ hasText: '3' }).waitFor();
    expect(fake.state.rules.at(-1)).toMatchObject({ kind: 'no-reply', match: { service: 'Messaging' } });
    await page.getByRole('button', { name: /^Remove delay/ }).click();
    await badge.filter({ hasText: '2' }).waitFor();
    await page.getByRole('button', { name: 'Remove all' }).click();
    await badge.waitFor({ state: 'detached' });
  });

  it('show, reject, add and remove stubs', async () => {
    const { page } = console;
    await console.go('stubs');
    await page.getByText('screening rules').click();
    await page.getByText('Category: Billing/Complaint').waitFor();
    const text = page.getByLabel(/^Definition/).and(page.locator('textarea'));
    await text.fill('{ "name": "x", ');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'line 1' }).waitFor();
    await text.fill('{ "name": "x" }');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'stub must have either answer' }).waitFor();
    await text.fill('- name: one of two\n  answer: { none: true }\n- name: the other\n  answer: { none: true }\n');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await console.noted('Added 2 stubs to Classification Server');
    const summaries = page.locator('summary');
    await summaries.filter({ hasText: 'one of two' }).click();
    const names = (await summaries.allTextContents()).map((summary) => /one of two|the other/.exec(summary)?.[0]);
    expect(names.filter((name) => name !== undefined)).toEqual(['one of two', 'the other']);
    await page.getByRole('button', { name: 'Remove one of two' }).click();
    await page.locator('summary', { hasText: 'one of two' }).waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'billing (HTTP)' }).getByText('12 hits').waitFor();
    await page.getByRole('region', { name: 'Unmatched HTTP requests' }).getByText("json.account is '18'").waitFor();
    await page.getByLabel(/^Server/).selectOption('billing (HTTP)');
    await text.fill('{ "name": "down", "answer": { "status": 503 } }');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await console.noted('Added 1 stub to billing');
    await page.getByRole('region', { name: 'billing (HTTP)' }).getByText('down').waitFor();
    console.problems.splice(0); // Chromium logs the 400
  });

  it('run a strategy, and show its path and what its steps sent and received', async () => {
    const { page } = console;
    await console.go('strategies');
    await page.getByLabel('Id', { exact: true }).fill('no number');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('Routed to E-mail queue').waitFor();
    expect(await page.locator('.step-taken .step-id').allTextContents()).toEqual(['ask', 'email', 'to-email']);
    expect(await page.locator('.link-taken').count()).toBe(2);
    await page.getByText('Messaging.ValidateContact incorrect Id: no digits').waitFor();
    const step = page.getByRole('button', { name: /^to-email: Route to/ });
    await step.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Step to-email' }).waitFor();
    await page.getByLabel('Strategy', { exact: true }).selectOption('strategies/broken.yaml');
    await page.getByText('refers to an unknown step', { exact: false }).waitFor();
  });

  it('are reached with Ctrl+K', async () => {
    const { page } = console;
    await console.go('journal');
    fake.state.rules = [fake.state.ruleOf('delay')];
    await console.filter.focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Strategy: Screen and answer' }).waitFor();
    expect(await findings(console)).toEqual([]);
    await page.keyboard.type('screen answer');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^acknowledge: / }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command' }).waitFor();
    await page.keyboard.type('off delay');
    await page.getByRole('option', { name: /^Switch off the fault/ }).click();
    await until(() => fake.state.rules.length === 0, 'the fault is off');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('run a strategy at two versions side by side with 2 clicks, and try all outcomes', async () => {
    const { page } = console;
    await console.go('strategies/strategies%2Freach-the-customer.yaml');
    await page.getByLabel('Id', { exact: true }).fill('+16315550000');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('button', { name: 'Run both' }).click();
    const rows = page.getByRole('region', { name: 'Compare two runs' }).getByRole('row');
    await rows.filter({ hasText: /^Routed toSMS queueWhatsApp queue$/ }).waitFor();
    expect(await rows.first().textContent()).toBe('Stepwhatsapp 2.41.3whatsapp 2.45.1');
    expect(await rows.filter({ hasText: /^sms/ }).textContent()).toBe('smsMedium=sms–');
    await page.getByRole('button', { name: 'whatsapp 2.45.1' }).click();
    expect(await page.locator('.step-taken .step-id').allTextContents()).toEqual(['ask', 'whatsapp', 'to-whatsapp']);
    await page.getByRole('button', { name: 'Close the comparison' }).click();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByLabel('Left').selectOption('the run shown');
    await page.getByRole('button', { name: 'Run both' }).click();
    await page.getByText('Both runs are the same.').waitFor();
    await page.getByRole('button', { name: 'Sweep' }).click();
    await page.getByText('2 paths, 1 end nowhere').waitFor();
    await page.getByRole('row', { name: 'ask: connection lost nowhere, at ask: no lost' }).waitFor();
    await page.getByText('Steps that are never reached: email').waitFor();
    expect(await findings(console)).toEqual([]);
    await page.getByRole('button', { name: 'Close the outcomes' }).click();
  });

  it('reset everything after a confirmation', async () => {
    const { page } = console;
    await console.go('configuration');
    await page.getByRole('button', { name: 'Reset the platform…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await console.noted('The platform was reset to its files');
    expect(fake.state.entries).toEqual([]);
  });

  it('chart the last minutes, with keyboard support and as a table', async () => {
    const { page } = console;
    fake.request({ outcome: 'response', durationMs: 12 });
    await console.go('charts');
    const chart = page.getByRole('slider', { name: 'Requests by outcome' });
    await chart.press('ArrowLeft');
    await chart.and(page.locator('[aria-valuetext*="·"]')).waitFor();
    const last = Number(await chart.getAttribute('aria-valuemax'));
    expect(Number(await chart.getAttribute('aria-valuenow'))).toBe(last);
    await chart.press('ArrowLeft');
    await chart.and(page.locator(`[aria-valuenow="${last - 1}"]`)).waitFor();
    await chart.press('ArrowRight');
    await chart.press('ArrowRight');
    await chart.and(page.locator(`[aria-valuenow="${last}"]`)).waitFor();
    const cursor = chart.locator('rect.cursor');
    const { width = 0 } = (await chart.boundingBox()) ?? {};
    for (const x of [width / 3, width / 2]) {
      await chart.hover({ position: { x, y: 60 } });
      const [from, bar] = [await cursor.getAttribute('x'), await cursor.getAttribute('width')].map(Number);
      expect(from).toBeLessThanOrEqual(x);
      expect((from ?? 0) + (bar ?? 0)).toBeGreaterThanOrEqual(x - 1);
    }
    for (const [x, bar] of [
      [1, 0],
      [width - 1, last],
    ]) {
      await chart.hover({ position: { x: x ?? 0, y: 60 } });
      await chart.and(page.locator(`[aria-valuenow="${bar}"]`)).waitFor();
    }
    await page.mouse.move(0, 0);
    await cursor.first().waitFor({ state: 'detached' });
    await page.getByText('Show as a table').click();
    await page.getByRole('cell', { name: '12 ms' }).first().waitFor();
  });
});

describeInBrowser('the panel of a mock', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeEach(async () => {
    fake = await startFake({ entries: 20 });
    console = await open(fake.url);
    await console.go('mock/ledger');
  });
  afterEach(() => console.close());
  afterEach(closeFakes);

  const section = (name: string) => console.page.getByRole('region', { name, exact: true });
  const row = (name: string | RegExp) => console.page.getByRole('row', { name });

  it('shows fields, and warnings only if there are any', async () => {
    const settings = section('Settings');
    await settings.getByText('What the ledger counts in.').waitFor();
    expect(await settings.locator('dl').textContent()).toMatch(/^CurrencyEUROpened\d{4}-\d\d-\d\d [\d:]{8}Closed–$/);
    expect(await settings.locator('.advice').allTextContents()).toEqual([fake.state.ledger.warning]);
  });

  it('shows hostile texts as texts, and shortens long ones', async () => {
    await section('Settings').getByText('<img src=x', { exact: false }).waitFor();
    expect(await console.page.locator('main img, main td b').count()).toBe(0);
    await console.page.getByRole('button', { name: 'Rename 18' }).click();
    expect(
      await console.page
        .getByLabel(/^owner/)
        .last()
        .inputValue(),
    ).toBe('<b>Bob</b>');
    await console.page.keyboard.press('Escape');
    expect((await section('Calls').getByRole('row').nth(3).textContent())?.length).toBeLessThan(1200);
  });

  it('shows tables with a value of each format', async () => {
    const { page } = console;
    await row(/[\d:.]{12} \/v1\/balance 17, 18 200 –/).waitFor();
    const failed = row(/ – 503 ReferenceId 17$/);
    expect(await failed.locator('.status-bad').textContent()).toBe('503');
    const [first] = fake.state.entries;
    expect(await failed.getByRole('link').getAttribute('href')).toBe(`#/journal/${first?.id}`);
    await page.getByRole('link', { name: `request ${first?.id}` }).waitFor();
    await section('Owners').getByText('No owners yet.').waitFor();
    expect(
      await row(/^17 open/)
        .locator('.state-good')
        .count(),
    ).toBe(1);
    expect(
      await row(/^18 closed/)
        .locator('.state-good')
        .count(),
    ).toBe(0);
  });

  it('bounds a table, and finds the other rows', async () => {
    const accounts = section('Accounts');
    await accounts.getByText('and 52 more rows').waitFor();
    expect(await accounts.getByRole('row').count()).toBe(201);
    await console.page.keyboard.press('/');
    await console.page.keyboard.type('1249');
    await row(/^1249/).waitFor();
    expect(await accounts.getByRole('row').count()).toBe(2);
    await accounts.getByRole('searchbox', { name: 'Search Accounts' }).fill('nobody');
    await accounts.getByText('No matches.').waitFor();
  });

  it('changes the state with buttons and forms, and follows the changes of others', async () => {
    const { page } = console;
    const currency = page.getByRole('form', { name: 'Set currency' }).getByLabel(/^currency/);
    expect(await currency.inputValue()).toBe('EUR');
    const usd = page.getByRole('button', { name: 'USD' });
    expect(await usd.getAttribute('aria-pressed')).toBeNull();
    await usd.click();
    await page.locator('[aria-pressed=true]', { hasText: 'USD' }).waitFor();
    expect(await currency.inputValue()).toBe('USD');
    await currency.fill('GBP');
    await page.getByRole('button', { name: 'Set currency' }).click();
    await page.locator('dd', { hasText: 'GBP' }).waitFor();
    expect(fake.state.ledger.currency).toBe('GBP');
    Object.assign(fake.state.ledger, { currency: 'INR' });
    fake.emit('changed', { what: 'ledger' });
    await page.locator('dd', { hasText: 'INR' }).waitFor();
    expect(await currency.inputValue()).toBe('INR');
  });

  it('adds, changes and removes rows', async () => {
    const { page } = console;
    const form = page.getByRole('form', { name: 'Add account' });
    await form.getByRole('button').click();
    await form.getByText('account: is required').waitFor();
    await form.getByLabel(/^account/).fill('x');
    await form.getByRole('button', { name: 'Add account' }).click();
    await form.getByText("body.account: 'x' is not a number").waitFor();
    expect(await form.getByLabel(/^account/).inputValue()).toBe('x');
    await form.getByLabel(/^account/).fill('4711');
    await form.getByRole('button', { name: 'Add account' }).click();
    await until(async () => (await form.getByLabel(/^account/).inputValue()) === '', 'the form is emptied');
    await page.getByRole('button', { name: 'Rename 17' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rename 17' });
    expect(await dialog.getByLabel(/^owner/).inputValue()).toBe('Ada');
    await dialog.getByLabel(/^owner/).fill('Eve');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove 18' }).click();
    await page.getByRole('button', { name: 'Remove 18' }).waitFor({ state: 'detached' });
    const { accounts } = fake.state.ledger;
    expect([accounts[0], accounts.at(-1), accounts.some(({ account }) => account === '18')]).toEqual([
      { account: '17', owner: 'Eve', state: 'open' },
      { account: '4711', state: 'open' },
      false,
    ]);
    console.problems.splice(0); // Chromium logs the 400
  });
});
