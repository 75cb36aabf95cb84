import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import type { Locator } from 'playwright-core';
import type { ConsolePage } from '../mock-platform/console/console-page.ts';
import { describeConsole } from './console-setting.ts';

const cells = (row: Locator): Promise<string[]> => row.getByRole('gridcell').allInnerTexts();

describeConsole('the journal of a platform', (setting) => {
  const entries = () => setting().platform.journal.find({});
  /** The newest request, once the page has `count` of them. */
  const newest = async (count: number): Promise<number> => {
    await setting().console.shows(count === 1 ? '1 request' : `${count} requests`);
    return entries().at(0)?.id ?? 0;
  };
  const classify = async (): Promise<void> => {
    await using client = new EspClient(setting().platform.interactionServer);
    await client.connect();
    const parameters = { Text: 'A complaint' };
    await client.request({ appType: 90, service: 'Classification', method: 'Classify', parameters });
  };
  /** The first request, the only one with a login to the WhatsApp API. */
  let first: number;

  beforeAll(async () => {
    const { console, validate } = setting();
    await console.shows('0 requests');
    await validate({ Id: '+1-631-555-1002', _umsChannel: 'whatsapp' });
    first = await newest(1);
  });
  beforeEach(() => setting().console.go('journal'));

  it('shows the requests and replies of an ESP client live', async () => {
    const { console, validate } = setting();
    const before = entries().length;
    await validate({ Id: '+1-631-555-1002', _umsChannel: 'whatsapp' });
    const id = await newest(before + 1);
    await console.row(id).getByText('Id=+16315551002', { exact: true }).waitFor();
    const [time, client, ...rest] = await cells(console.row(id));
    expect(time).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
    expect(client).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(rest.slice(0, 4)).toEqual([
      'DMS',
      'Messaging.ValidateContact',
      'Id=+1-631-555-1002 _umsChannel=whatsapp',
      'Id=+16315551002',
    ]);
    expect(rest[4]).toMatch(/^[\d.,]+ (ms|s|µs)$/);
  });

  it('opens a request as typed lists', async () => {
    const { console } = setting();
    await console.openDetail(first);
    await console.cause.getByText(/^POST .*\/v1\/contacts answered 200$/).waitFor();
    await console.moment(/Request/).click();
    await console.moment(/Reply/).click();
    const request = console.page.getByRole('tree', { name: 'Request: Request3rdServer' });
    await request.getByRole('treeitem', { name: 'Method str ValidateContact' }).waitFor();
    await request.getByRole('treeitem', { name: 'Id str +1-631-555-1002' }).waitFor();
    const reply = console.page.getByRole('tree', { name: 'Reply: Event3rdServerResponse' });
    await reply.getByRole('treeitem', { name: 'Id str +16315551002' }).waitFor();
    await console.page.getByText(/#\d+ · .* → DMS · AppName DMS/).waitFor();
  });

  it('shows the bytes, and the field of each', async () => {
    const { console } = setting();
    await console.openDetail(first);
    await console.go(`journal/${first}/request-bytes`);
    const fields = console.page.getByRole('listbox', { name: 'Fields of the frame' });
    await fields.getByRole('option', { name: /^message id Request3rdServer/ }).click();
    expect(await console.page.locator('.hex-bytes .run-active').allTextContents()).toEqual(['00 00 01 f4']);
    await fields.press('End');
    await fields.locator('[aria-selected="true"]', { hasText: 'value' }).getByText('whatsapp').waitFor();
    await console.page.getByText('Request › Parameters › _umsChannel › value').waitFor();
    await console.go(`journal/${first}/reply-bytes`);
    await fields.getByRole('option', { name: /^message id Event3rdServerResponse/ }).waitFor();
  });

  it('shows the calls to the WhatsApp API, the login without password and token', async () => {
    const { console } = setting();
    await console.go(`journal/${first}/upstream`);
    const calls = console.page.locator('.call');
    await calls.nth(1).waitFor();
    const [login = '', contacts = ''] = await calls.allInnerTexts();
    expect(login).toMatch(/POST\s+http:\/\/127\.0\.0\.1:\d+\/v1\/users\/login\s/);
    expect(login).toContain('"token": "***"');
    expect(contacts).toMatch(/POST\s+http:\/\/127\.0\.0\.1:\d+\/v1\/contacts\s/);
    expect(contacts).toContain('"wa_id": "16315551002"');
    expect(await console.page.locator('.moment-upstream .status').allTextContents()).toEqual(['200', '200']);
  });

  it('shows a fault, and the log lines of its request', async () => {
    const { console, validate } = setting();
    const before = entries().length;
    expect((await validate({ Id: 'no number' })).fault?.code).toBe('904');
    const id = await newest(before + 1);
    await console
      .row(id)
      .getByText(/^904 .*Id/)
      .waitFor();
    await console.openDetail(id);
    await console.page.locator('.detail-fault', { hasText: 'Id' }).waitFor();
    await console.cause.getByText('Parameter Id: no digits').waitFor();
    await console
      .moment(/Log info .*904|Log info/)
      .first()
      .waitFor();
    await console.page.getByRole('button', { name: 'Unfold all' }).click();
    await console.page.locator('.log-line', { hasText: '904' }).waitFor();
    await console.page.getByText('No upstream calls.').waitFor();
  });

  it('shows requests through Interaction Server, and requests to stubbed servers', async () => {
    const { console } = setting();
    const before = entries().length;
    await classify();
    const id = await newest(before + 1);
    await console.row(id).getByText('Classification Server').waitFor();
    await console.row(id).getByText('stub', { exact: true }).waitFor();
    await console.openDetail(id);
    await console.cause.getByText("The stub 'classify a complaint' of Classification Server answered").waitFor();
  });

  it('sends a request again', async () => {
    const { console } = setting();
    const before = entries().length;
    await console.openDetail(first);
    await console.page.getByRole('button', { name: 'Resend' }).click();
    await console.noted(/Sent again: Event3rdServerResponse after/);
    const id = await newest(before + 1);
    await console.go('journal');
    expect((await cells(console.row(id))).slice(2, 6)).toEqual((await cells(console.row(first))).slice(2, 6));
    await console.openDetail(id);
  });

  it('sends an edited request again', async () => {
    const { console } = setting();
    const before = entries().length;
    await console.openDetail(first);
    await console.page.getByRole('button', { name: 'Edit & send' }).click();
    const number = console.page.getByLabel(/^Id/);
    await number.waitFor();
    expect(await number.inputValue()).toBe('+1-631-555-1002');
    expect(await console.page.getByLabel(/^_umsChannel/).inputValue()).toBe('whatsapp');
    await number.fill('+16315559999');
    await number.press('Control+Enter');
    await console.page.getByRole('treeitem', { name: /^Id str empty/ }).waitFor();
    await console.page.getByRole('link', { name: /in the journal/ }).click();
    const id = await newest(before + 1);
    await console.detail(id).waitFor();
    await console.go('journal');
    expect((await cells(console.row(id)))[4]).toContain('Id=+16315559999');
  });

  it('is filtered', async () => {
    const { console, validate } = setting();
    await validate({ Id: 'no number' });
    await classify();
    const count = entries().length;
    const faults = entries().filter(({ faultCode }) => faultCode === '904').length;
    const classified = entries().filter(({ service }) => service === 'Classification').length;
    await console.filter.fill('code:904');
    await console.shows(`${faults} of ${count} requests`);
    await console.filter.fill('service:Classification');
    await console.shows(`${classified} of ${count} requests`);
    await console.filter.fill('-outcome:fault method:validate');
    await console.shows(`${count - faults - classified} of ${count} requests`);
    await console.filter.fill('');
    await console.shows(`${count} requests`);
  });

  it('copies a request as send command, stub, strategy case and jest test', async () => {
    const { console } = setting();
    const copied = async (name: string): Promise<string> => {
      await console.page.getByRole('group', { name: 'Copy as' }).getByRole('button', { name, exact: true }).click();
      await console.noted(`Copied as ${name}`);
      return console.clipboard();
    };
    await console.openDetail(first);
    expect(await copied('send command')).toMatch(/esp-host send Messaging ValidateContact .*\+1-631-555-1002/);
    expect(await copied('stub')).toMatch(/method: ValidateContact[\s\S]*Id: "?\+16315551002/);
    expect(await copied('strategy case')).toMatch(/\+1-631-555-1002/);
    expect(await copied('jest test')).toMatch(
      /^it\('Messaging\.ValidateContact answers as in entry \d+ of the journal'/m,
    );
  });
});

describeConsole('the form of a method', (setting) => {
  let console: ConsolePage;

  beforeEach(async () => {
    console = await setting().open({});
    await console.go('send');
  });
  afterEach(() => console.close());

  it('is generated from its schema, and sends it', async () => {
    const { page } = console;
    await page.getByRole('combobox', { name: /^Method/ }).selectOption('Messaging.ValidateContact');
    await page.getByText('Id is required but omitted', { exact: false }).waitFor();
    expect(
      await page
        .getByLabel(/^_umsChannel/)
        .locator('option')
        .allTextContents(),
    ).toContain('whatsapp');
    await page.getByLabel(/^Id/).fill('+15162837151');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const reply = page.getByRole('region', { name: 'Reply' });
    await reply.getByRole('treeitem', { name: 'Id str +15162837151' }).waitFor();
  });

  it('sends through Interaction Server by AppType', async () => {
    const { page } = console;
    await page.getByRole('combobox', { name: /^Method/ }).selectOption('Messaging.ValidateContact');
    await page
      .getByRole('group', { name: 'To' })
      .getByRole('radio', { name: /^Interaction Server/ })
      .check();
    await page.getByLabel('AppName').fill('');
    await page.getByLabel('AppType').fill('SocialMS');
    await page.getByLabel(/^_umsChannel/).selectOption('whatsapp');
    await page.getByLabel(/^Id/).fill('no number');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Fault 904').waitFor();
    expect(setting().platform.journal.find({ outcome: 'fault' }).at(0)).toMatchObject({ appType: 'SocialMS' });
  });

  it('has the methods that stubs answer', async () => {
    const { page } = console;
    await page.getByRole('combobox', { name: /^Method/ }).selectOption('Classification.Classify');
    await page.getByLabel(/^Text/).fill('Refund me');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page
      .getByRole('treeitem', { name: /Category str Complaint/ })
      .or(page.getByText('Complaint'))
      .first()
      .waitFor();
  });
});
