import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findings } from '../../../mock-platform/console/axe.ts';
import type { ConsolePage, PageOptions } from '../../../mock-platform/console/console-page.ts';
import { describeInBrowser } from '../../../mock-platform/console/in-browser.ts';
import { removeFolders } from '../../../support/files.js';
import { CloudPlatform, CUSTOMER, NOBODY } from './cloud-platform.js';

const OTHER = '+15162837151';

describeInBrowser("the customers' phones", (open) => {
  const cloud = new CloudPlatform();
  let console: ConsolePage;

  const opened = async (options?: PageOptions): Promise<ConsolePage> => {
    const page = await open(cloud.platform.admin.url, options);
    page.page.setDefaultTimeout(15_000);
    await page.go('mock/whatsapp');
    return page;
  };

  beforeAll(async () => {
    await cloud.start();
    console = await opened();
  });
  afterAll(async () => {
    await cloud.end();
    removeFolders();
  });

  const phone = (customer: string, on = console) => on.page.getByRole('region', { name: customer, exact: true });
  const choose = async (customer: string, on = console) => {
    const list = on.page.getByRole('list', { name: 'Phones' });
    await list.getByRole('button', { name: new RegExp(`^\\${customer}`) }).click();
    await phone(customer, on).waitFor();
  };

  it('show an invitation as it was filled in, until it is read there', async () => {
    await cloud.invite();
    await choose(CUSTOMER);
    const message = phone(CUSTOMER).getByRole('article').first();
    for (const text of ['Hello Ann', 'Our support team writes to you.', 'https://chat.example/ann']) {
      await message.getByText(text, { exact: true }).waitFor();
    }
    await message.getByTitle('delivered', { exact: true }).waitFor();
    await message.getByText('the host was told: sent, delivered').waitFor();
    await phone(CUSTOMER)
      .getByRole('button', { name: `Read ${CUSTOMER}` })
      .click();
    await message.getByTitle('read', { exact: true }).waitFor();
    await cloud.until('read');
    expect(await cloud.counted('read')).toBe(1);
    expect(await phone(CUSTOMER).getByRole('button', { name: /^Read/ }).count()).toBe(0);
  });

  it('lead to the request that caused a message, and back', async () => {
    await choose(OTHER);
    await choose(CUSTOMER);
    expect(console.page.url()).toContain(`#/mock/whatsapp/${encodeURIComponent(CUSTOMER)}`);
    await phone(CUSTOMER)
      .getByRole('link', { name: /^ReferenceId \d+$/ })
      .first()
      .click();
    const [entry] = cloud.platform.journal.find({ method: 'InviteToChat' });
    await console.detail(entry?.id ?? 0).waitFor();
    await console.page.goBack();
    await phone(CUSTOMER).waitFor();
  });

  it('answer with a text, and with a button of the template', async () => {
    await choose(CUSTOMER);
    const text = phone(CUSTOMER).getByRole('textbox', { name: `Message of ${CUSTOMER}` });
    await text.fill('<b>Who</b> is this?');
    await text.press('Enter');
    await phone(CUSTOMER).getByText('<b>Who</b> is this?').waitFor();
    await phone(CUSTOMER).getByRole('button', { name: 'Later', exact: true }).click();
    await phone(CUSTOMER).locator('.message-own', { hasText: 'Later' }).waitFor();
    const webhooks = console.page.getByRole('group', { name: 'Webhooks' });
    await webhooks
      .getByRole('row', { name: /message \+16315551002 handled/ })
      .nth(1)
      .waitFor();
    expect(await text.inputValue()).toBe('');
    expect(await cloud.counted('message')).toBe(2);
  });

  it('can block the business: the next message fails', async () => {
    await choose(CUSTOMER);
    await phone(CUSTOMER)
      .getByRole('button', { name: `Block ${CUSTOMER}` })
      .click();
    await phone(CUSTOMER).getByText('blocks the business').waitFor();
    expect(await phone(CUSTOMER).getByRole('textbox').count()).toBe(0);
    expect(await phone(CUSTOMER).getByRole('button', { name: 'Later' }).isDisabled()).toBe(true);
    await cloud.invite();
    await cloud.until('failed');
    await phone(CUSTOMER).getByText('131026 Message undeliverable: the customer does not see it').waitFor();
    expect(await cloud.counted('failed')).toBe(1);
    await phone(CUSTOMER)
      .getByRole('button', { name: `Unblock ${CUSTOMER}` })
      .click();
    await phone(CUSTOMER).getByRole('textbox').waitFor();
  });

  it('get messages later if they are off', async () => {
    await choose(OTHER);
    await phone(OTHER).getByText('No messages yet.').waitFor();
    await phone(OTHER)
      .getByRole('button', { name: `Switch off ${OTHER}` })
      .click();
    await phone(OTHER).getByText('off', { exact: true }).waitFor();
    await cloud.invite(OTHER);
    await phone(OTHER).getByTitle('sent', { exact: true }).waitFor();
    await phone(OTHER)
      .getByRole('button', { name: `Switch on ${OTHER}` })
      .click();
    await phone(OTHER).getByTitle('delivered', { exact: true }).waitFor();
  });

  it('stay when another gets a message', async () => {
    const page = await opened();
    const shown = page.page.locator('.conversation h3');
    const name = await shown.textContent();
    const other = name === OTHER ? CUSTOMER : OTHER;
    await cloud.until('delivered', { message: await cloud.invite(other) });
    const list = page.page.getByRole('list', { name: 'Phones' });
    await list
      .getByRole('button')
      .first()
      .filter({ hasText: new RegExp(`^\\${other}`) })
      .waitFor();
    expect(await shown.textContent()).toBe(name);
    await page.close();
  });

  it('are chosen with the keyboard', async () => {
    await choose(OTHER);
    const list = console.page.getByRole('list', { name: 'Phones' });
    await list.getByRole('button', { name: new RegExp(`^\\${CUSTOMER}`) }).focus();
    await console.page.keyboard.press('Enter');
    await phone(CUSTOMER).waitFor();
    const log = phone(CUSTOMER).getByRole('log', { name: `Messages of ${CUSTOMER}` });
    await log.focus();
    expect(await console.page.evaluate('document.activeElement.getAttribute("role")')).toBe('log');
    expect(console.problems).toEqual([]);
  });

  it('release webhooks that are held', async () => {
    cloud.platform.faults.add({ kind: 'whatsapp.webhooks', hold: true, times: 1 } as never);
    const message = await cloud.invite(OTHER);
    const webhooks = console.page.getByRole('region', { name: 'Webhooks', exact: true });
    await webhooks.getByRole('row', { name: /delivered \+15162837151 held/ }).waitFor();
    await webhooks.getByRole('button', { name: 'Release held' }).click();
    await cloud.until('delivered', { message });
    await webhooks.getByRole('row', { name: /held/ }).first().waitFor({ state: 'detached' });
  });

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('pass axe, and fit the page, %i px, %s', async (width, theme) => {
    await cloud.invite(NOBODY);
    const page = await opened({ width, theme });
    await choose(CUSTOMER, page);
    await page.settled();
    expect(await findings(page)).toEqual([]);
    expect(await page.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.close();
  });
});
