import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { ConsolePage } from './console-page.ts';
import type { FakeAdmin } from './fake/index.ts';
import { closeFakes, describeInBrowser, startFake } from './in-browser.ts';

const MANY = 10_000;
const ROW_ELEMENTS = 100;

/** Rows of any list or table in the page. */
const ROWS = 'document.querySelectorAll("[role=row], tr").length';

/** The ids of the first and last fully visible row. */
const SEEN = `(() => {
  const grid = document.querySelector('[role=grid]').getBoundingClientRect();
  const head = document.querySelector('.grid-head').getBoundingClientRect();
  const seen = [...document.querySelectorAll('[data-id]')].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top >= head.bottom - 1 && box.bottom <= grid.bottom + 1;
  });
  return [seen.at(0), seen.at(-1)].map((row) => Number(row?.dataset.id));
})()`;

const scroll = (console: ConsolePage, top: number): Promise<void> =>
  console.page.evaluate(`(() => {
    document.querySelector('[role=grid]').scrollTop = ${top};
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  })()`);

describeInBrowser('a journal of 10,000 requests', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeAll(async () => {
    fake = await startFake({ entries: MANY });
  });
  beforeEach(async () => {
    console = await open(fake.url);
    await console.shows('10,000 requests');
  });
  afterEach(() => console.close());
  afterAll(closeFakes);

  it.each([800, 2160])('has at most 100 row elements in a page %i high, at any scroll position', async (height) => {
    await console.page.setViewportSize({ width: 1280, height });
    for (const top of [0, 1234, 99_999, 130_000, 1e9]) {
      await scroll(console, top);
      expect(await console.page.evaluate(ROWS)).toBeLessThanOrEqual(ROW_ELEMENTS);
      const [first, last] = (await console.page.evaluate(SEEN)) as [number, number];
      expect(first - last).toBeGreaterThan((height - 140) / 26 - 2);
    }
    expect(((await console.page.evaluate(SEEN)) as number[])[1]).toBe(1);
  });

  it('tells screen readers the number of requests, and the position of each', async () => {
    expect(await console.grid.getAttribute('aria-rowcount')).toBe(String(MANY + 1));
    expect(await console.row(MANY).getAttribute('aria-rowindex')).toBe('2');
  });

  it('is navigated with the keyboard, wherever the focus is', async () => {
    const { page } = console;
    await page.keyboard.press('j');
    await console.row(MANY).and(console.selected).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await console
      .row(MANY - 1)
      .and(console.selected)
      .waitFor();
    await page.keyboard.press('End');
    await console.row(1).and(console.selected).waitFor();
    await page.keyboard.press('PageUp');
    const [first] = (await page.evaluate(SEEN)) as number[];
    expect(Number(await console.selected.getAttribute('data-id'))).toBe(first);
    await page.keyboard.press('Home');
    await console.row(MANY).and(console.selected).waitFor();
  });

  it('opens a request with Enter, moves while it is open, and closes it with Esc', async () => {
    const { page } = console;
    await page.keyboard.press('j');
    await console.row(MANY).and(console.selected).waitFor();
    await page.keyboard.press('Enter');
    await console.detail(MANY).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/journal/${MANY}`);
    await page.keyboard.press('j');
    await console.detail(MANY - 1).waitFor();
    await page.keyboard.press('Escape');
    await console.detail(MANY - 1).waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement?.getAttribute("role")')).toBe('grid');
    await console
      .row(MANY - 1)
      .and(console.selected)
      .waitFor();
  });

  it('is filtered while typing', async () => {
    const { page } = console;
    await page.keyboard.press('/');
    await page.keyboard.type('outcome:fault code:904');
    const faults = fake.state.entries.filter(({ faultCode }) => faultCode === '904').length;
    await console.shows(`${faults} of 10,000 requests`);
    await page.waitForURL('**/#/journal?filter=outcome%3Afault+code%3A904');
    await console.filter.fill('servce:x');
    await page.getByText('servce: unknown term; did you mean service:?').waitFor();
    await console.filter.fill('nothing like this');
    await page.getByText('No request matches the filter.').waitFor();
    await page.keyboard.press('Escape');
    await console.filter.fill('');
    await console.shows('10,000 requests');
  });

  it('finds the request of a link anywhere', async () => {
    await console.go('journal/4321');
    await console.detail(4321).waitFor();
    await console.row(4321).and(console.selected).waitFor();
  });
});

describeInBrowser('a live journal', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeEach(async () => {
    fake = await startFake({ entries: 300 });
    console = await open(fake.url);
    await console.shows('300 requests');
    await console.page.getByText('Live', { exact: true }).waitFor();
  });
  afterEach(() => console.close());
  afterEach(closeFakes);

  it('shows a request as it arrives, and its outcome', async () => {
    const entry = fake.request({ outcome: 'pending', durationMs: null, service: 'Billing', method: 'Pay' });
    await console.row(entry.id).getByText('Pending').waitFor();
    fake.emit('journal', { ...entry, outcome: 'fault', faultCode: '920', faultText: 'too late', durationMs: 7 });
    await console.row(entry.id).getByText('920 too late').waitFor();
  });

  it('keeps the visible rows in place while others arrive', async () => {
    await scroll(console, 1000);
    const before = await console.page.evaluate(SEEN);
    const { id } = fake.request();
    await console.shows('301 requests');
    expect(await console.page.evaluate(SEEN)).toEqual(before);
    await scroll(console, 0);
    await console.row(id).waitFor();
  });

  it('stands still while paused, and counts new requests', async () => {
    await console.page.keyboard.press('p');
    const { id } = fake.request();
    await console.page.getByRole('button', { name: 'Resume (1 new)' }).waitFor();
    expect(await console.row(id).count()).toBe(0);
    await console.page.getByRole('button', { name: 'Resume (1 new)' }).click();
    await console.row(id).waitFor();
  });

  it('loads what it missed after a lost connection', async () => {
    const lost = console.page.waitForRequest(/api\/journal\?/);
    fake.disconnect();
    const { id } = fake.state.add();
    await lost;
    await console.row(id).waitFor();
    await console.page.getByText('Live', { exact: true }).waitFor();
    console.problems.splice(0); // Chromium logs the lost connection
  });

  it('is cleared', async () => {
    await console.page.getByRole('button', { name: 'Clear' }).click();
    await console.shows('0 requests');
    await console.page.getByText('No requests yet.').waitFor();
    expect(fake.state.entries).toEqual([]);
  });
});

describeInBrowser('the details of a request', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;
  let id: number;

  beforeAll(async () => {
    fake = await startFake({ entries: 50 });
    ({ id } = fake.request({
      service: 'Messaging',
      method: 'ValidateContact',
      application: 'DMS',
      appName: 'DMS',
      parameters: [['Id', 'str', '+1-631-555-1002']],
      outcome: 'response',
      results: [['Id', 'str', '+16315551002']],
      upstreamCalls: 1,
      via: 'interaction-server',
    }));
  });
  beforeEach(async () => {
    console = await open(fake.url);
    await console.openDetail(id);
  });
  afterEach(() => console.close());
  afterAll(closeFakes);

  it('have a tree of typed entries that collapses with the keyboard', async () => {
    const tree = console.page.getByRole('tree', { name: 'Request: Request3rdServer' });
    const items = tree.getByRole('treeitem');
    const before = await items.count();
    await items.first().focus();
    await console.page.keyboard.press('ArrowLeft');
    await tree.locator('[aria-expanded="false"]').waitFor();
    expect(await items.count()).toBeLessThan(before);
    await console.page.keyboard.press('ArrowRight');
    await items.nth(before - 1).waitFor();
    await tree.getByRole('treeitem', { name: 'Id str +1-631-555-1002' }).waitFor();
    await console.page.getByRole('tree', { name: 'Reply: Event3rdServerResponse' }).waitFor();
  });

  it('show its bytes, and the field of each', async () => {
    await console.tab('Frame').click();
    const fields = console.page.getByRole('listbox', { name: 'Fields of the frame' });
    await fields.getByRole('option', { name: 'message id Request3rdServer' }).click();
    expect(await console.page.locator('.hex-bytes .run-active').allTextContents()).toEqual(['00 00 01 f4']);
    await console.page.locator('.hex-bytes .run').first().hover();
    expect(await console.page.locator('.field-active .field-label').textContent()).toBe('length');
    await console.page.mouse.move(0, 0);
    await console.page.getByRole('group', { name: /^Bytes of the frame/ }).press('ArrowRight');
    await console.page.getByText('ReferenceId › attribute id').and(console.page.locator('.frame-path')).waitFor();
    await fields.press('End');
    expect(await fields.locator('[aria-selected="true"] .field-value').textContent()).toBe('+1-631-555-1002');
    await console.page.getByText('Request › Parameters › Id › value').waitFor();
    await console.page.getByRole('group', { name: 'Frame' }).getByRole('radio', { name: 'Reply' }).check();
    await fields.getByRole('option', { name: 'message id Event3rdServerResponse' }).waitFor();
  });

  it('show its log lines and upstream calls', async () => {
    await console.tab('Upstream').click();
    await console.page.getByText('"wa_id": "16315551002"').waitFor();
    const call = await console.page.locator('.call').textContent();
    expect(call).toContain('content-type: application/json');
    expect(call).toContain('Response body (truncated)');
    expect(await console.page.locator('.call .status').getAttribute('class')).toBe('status');
    await console.tab('Log').click();
    await console.page.getByText('No log lines.', { exact: false }).waitFor();
    expect(new URL(console.page.url()).hash).toBe(`#/journal/${id}/log`);
  });

  it('show an upstream call that failed without a status as failed', async () => {
    const { id: failed } = fake.request({ outcome: 'fault', faultCode: '901', upstreamCalls: 1 });
    await console.go(`journal/${failed}/upstream`);
    const status = console.page.locator('.call .status');
    await status.filter({ hasText: 'ECONNREFUSED' }).waitFor();
    expect(await status.getAttribute('class')).toBe('status status-bad');
  });

  it('can be copied in several forms', async () => {
    const copy = console.page.getByRole('group', { name: 'Copy as' });
    await copy.getByRole('button', { name: 'send command' }).click();
    await console.noted('Copied as send command');
    expect(await console.clipboard()).toBe("npx esp-host send Messaging ValidateContact 'Id=+1-631-555-1002'");
    await copy.getByRole('button', { name: 'JSON' }).click();
    await console.noted('Copied as JSON');
    expect(JSON.parse(await console.clipboard())).toMatchObject({
      request: { messageId: 500 },
      reply: { messageId: 501 },
    });
  });

  it('can be sent again', async () => {
    const sent = console.page.waitForRequest(/api\/send/);
    await console.page.getByRole('button', { name: 'Resend' }).click();
    expect((await sent).postDataJSON()).toMatchObject({
      to: 'interaction-server',
      appName: 'DMS',
      service: 'Messaging',
      method: 'ValidateContact',
      parameters: [['Id', 'str', '+1-631-555-1002']],
    });
    await console.noted(/Sent again: Event3rdServerResponse after/);
  });

  it('can be edited in the send form', async () => {
    await console.page.getByRole('button', { name: 'Edit & send' }).click();
    await console.page.waitForURL('**/#/send');
    expect(await console.page.getByLabel(/^Id/).inputValue()).toBe('+1-631-555-1002');
    expect(await console.page.getByLabel('AppName').inputValue()).toBe('DMS');
    await console.page
      .getByText(/Interaction Server/)
      .first()
      .waitFor();
  });

  it('of a missing request show an error', async () => {
    await console.go('journal/999999');
    await console.page.getByText('The journal has no request 999999: it may have been emptied').waitFor();
    console.problems.splice(0); // Chromium logs the 404
  });
});
