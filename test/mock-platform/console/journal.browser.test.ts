import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { findings } from './axe.ts';
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

  it('keeps what is typed while the address takes what was typed before', async () => {
    await console.page.evaluate(`
      const replace = window.history.replaceState.bind(window.history);
      window.history.replaceState = (...given) => {
        window.history.replaceState = replace;
        replace(...given);
        const input = document.querySelector('[data-filter]');
        input.value = 'method:none';
        input.dispatchEvent(new Event('input', { bubbles: true }));
      };
    `);
    await console.filter.fill('code:904');
    await console.page.waitForURL('**/#/journal?filter=method%3Anone');
    expect(await console.filter.inputValue()).toBe('method:none');
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

  it('stays where it was scrolled, over a switch of views and a reload', async () => {
    const { page } = console;
    const scrolled = (): Promise<number> => page.evaluate('document.querySelector("[role=grid]").scrollTop');
    await page.evaluate('document.querySelector("[role=grid]").scrollTop = 26 * 300 + 7');
    await page.locator('[data-id="9700"]').waitFor();
    await console.go('faults');
    fake.request();
    await console.go('journal');
    await console.shows('10,000 requests');
    await page.locator('[data-id="9700"]').waitFor();
    expect((await scrolled()) % 26).toBe(7);
    const before = await scrolled();
    await page.reload();
    await page.locator('[data-id="9700"]').waitFor();
    expect(await scrolled()).toBe(before);
    await page.keyboard.press('Home');
    await console.selected.waitFor();
    await console.go('faults');
    await console.go('journal');
    await console.selected.waitFor();
    expect(await scrolled()).toBe(0);
    await page.keyboard.press('Escape');
  });

  it('completes its filter', async () => {
    const { page } = console;
    await page.keyboard.press('/');
    await page.keyboard.type('outc');
    await page.getByRole('option', { name: 'outcome:', exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.getByRole('option', { name: 'outcome:fault' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await console.filter.inputValue()).toBe('outcome:fault ');
    await page.keyboard.type('code:90');
    await page.getByRole('option', { name: 'code:904' }).click();
    expect(await console.filter.inputValue()).toBe('outcome:fault code:904 ');
    await page.keyboard.type('outcome:lost');
    await page.getByText('outcome:fault outcome:lost: no request can match both').waitFor();
    await console.shows('0 of 10,000 requests');
    await console.filter.fill('s');
    await page.keyboard.press('Escape');
    await page.getByRole('option').first().waitFor({ state: 'hidden' });
    await console.filter.fill('');
    await page.keyboard.press('Escape');
    await console.shows('10,000 requests');
  });

  it('does not pull back a user who has left while the filter was on its way to the address', async () => {
    const { page } = console;
    await console.filter.fill('met');
    // A page that follows the address only after the filter's time.
    await page.evaluate(`new Promise((late) => {
      window.history.pushState(null, '', '#/faults');
      setTimeout(() => {
        window.dispatchEvent(new Event('hashchange'));
        late();
      }, 400);
    })`);
    expect(await page.evaluate('window.location.hash')).toBe('#/faults');
    await page.getByRole('heading', { name: 'Faults' }).first().waitFor();
    await console.go('journal?filter=');
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
    const { page } = console;
    await page.getByRole('button', { name: 'Clear…' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(fake.state.entries.length).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Clear…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Clear', exact: true }).click();
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

  it('tell the cause, and the moments in their order', async () => {
    expect(await console.cause.textContent()).toContain('POST http://127.0.0.1:9090/v1/contacts answered 200');
    const moments = await console.moment(/./).allInnerTexts();
    expect(moments.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/^[\d:.]{12} Request Id=\+1-631-555-1002$/),
      expect.stringMatching(/^[\d:.]{12} Upstream POST http:\/\/127\.0\.0\.1:9090\/v1\/contacts 200 [\d.]+ ms$/),
      expect.stringMatching(/^[\d:.]{12} Reply Id=\+16315551002 [\d.]+ ms$/),
    ]);
    await console.page.getByText('No log lines: at level info', { exact: false }).waitFor();
    await console.page.getByText('#51 ·', { exact: false }).waitFor();
  });

  it('unfold to trees of typed entries that collapse with the keyboard', async () => {
    await console.moment(/Request/).click();
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
    await console.moment(/Reply/).click();
    await console.page.getByRole('tree', { name: 'Reply: Event3rdServerResponse' }).waitFor();
    await console.page.getByText(/Event3rdServerResponse, ReferenceId \d+/).waitFor();
    expect(new URL(console.page.url()).hash).toBe(`#/journal/${id}/request.reply`);
    await console.moment(/Request/).click();
    await tree.waitFor({ state: 'detached' });
    expect(new URL(console.page.url()).hash).toBe(`#/journal/${id}/reply`);
  });

  it('copy a value, and a list as JSON, with a button that appears on focus and hover', async () => {
    const { page } = console;
    await console.moment(/Request/).click();
    const tree = page.getByRole('tree', { name: 'Request: Request3rdServer' });
    expect(await tree.getByRole('button', { name: /^Copy/ }).count()).toBe(0);
    const line = tree.getByRole('treeitem', { name: 'Id str +1-631-555-1002' });
    await line.focus();
    await tree.getByRole('button', { name: 'Copy Id' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await console.noted('Copied Id');
    expect(await console.clipboard()).toBe('+1-631-555-1002');
    await tree.getByRole('treeitem', { name: /^Parameters list/ }).hover();
    await tree.getByRole('button', { name: 'Copy Parameters' }).click();
    await console.noted('Copied Parameters');
    expect(JSON.parse(await console.clipboard())).toContainEqual(['Id', 'str', '+1-631-555-1002']);
    expect(await findings(console, '.detail')).toEqual([]);
  });

  it('show bytes in place, and the field of each', async () => {
    await console.moment(/Request/).click();
    await console.page.getByRole('group', { name: 'Request as' }).getByRole('radio', { name: 'Bytes' }).check();
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
    expect(new URL(console.page.url()).hash).toBe(`#/journal/${id}/request-bytes`);
    await console.page.getByRole('button', { name: 'Hex' }).click();
    await console.noted('Copied the frame as hex');
    await console.go(`journal/${id}/reply-bytes`);
    await fields.getByRole('option', { name: 'message id Event3rdServerResponse' }).waitFor();
  });

  it('show upstream calls', async () => {
    await console.cause.getByRole('button', { name: 'Show call' }).click();
    await console.page.getByText('"wa_id": "16315551002"').waitFor();
    const call = await console.page.locator('.call').textContent();
    expect(call).toContain('content-type: application/json');
    expect(call).toContain('Response body (truncated)');
    expect(
      await console
        .moment(/Upstream/)
        .locator('.status')
        .getAttribute('class'),
    ).toBe('status');
    expect(new URL(console.page.url()).hash).toBe(`#/journal/${id}/call-1`);
  });

  it('show an upstream call that failed without a status as failed, and log lines with their fields', async () => {
    const { id: failed } = fake.request({ outcome: 'fault', faultCode: '901', upstreamCalls: 1 });
    await console.go(`journal/${failed}`);
    const status = console.moment(/Upstream/).locator('.status');
    await status.filter({ hasText: 'ECONNREFUSED' }).waitFor();
    expect(await status.getAttribute('class')).toBe('status status-bad');
    await console.moment(/Log warn whatsapp/).click();
    const line = console.page.locator('.log-line');
    expect(await line.textContent()).toBe('whatsapp: connect ECONNREFUSED 127.0.0.1:9090channelwhatsappattempt1');
  });

  it.each([
    ['message', ['Request', 'Reply']],
    ['frame', ['Request']],
    ['upstream', ['Upstream']],
    ['all', ['Request', 'Upstream', 'Reply']],
  ])('have an address with what is unfolded: %s', async (part, kinds) => {
    await console.go(`journal/${id}/${part}`);
    const open = console.page.locator('.moment-head[aria-expanded="true"] .moment-kind');
    await open.nth(kinds.length - 1).waitFor();
    expect(await open.allTextContents()).toEqual(kinds);
  });

  it('stay unfolded for the next request, until all are folded', async () => {
    const { page } = console;
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await page.keyboard.press('j');
    await console.detail(id - 1).waitFor();
    await page.getByRole('tree', { name: /^Request/ }).waitFor();
    await page.getByRole('button', { name: 'Fold all' }).click();
    await page.getByRole('tree').first().waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe(`#/journal/${id - 1}`);
  });

  it('can be copied in several forms', async () => {
    const copy = console.page.getByRole('group', { name: 'Copy as' });
    await copy.getByRole('button', { name: 'send command' }).click();
    await console.noted('Copied as send command');
    expect(await console.clipboard()).toBe("npx esp-host send Messaging ValidateContact 'Id=+1-631-555-1002'");
    await copy.getByRole('button', { name: 'jest test' }).click();
    await console.noted('The jest test fails: the method answers fault 900.');
    expect(await console.clipboard()).toContain('This test fails');
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
    // The new exchange is open, compared with the first.
    await console.page.getByRole('region', { name: 'Differences' }).waitFor();
    expect(new URL(console.page.url()).hash).toMatch(/^#\/journal\/\d+\?.*diff=\d+/);
  });

  it('are edited, sent again and compared with 2 clicks', async () => {
    await console.page.getByRole('button', { name: 'Edit & send' }).click();
    await console.page.getByLabel(/^Id/).fill('+1-631-555-1003');
    await console.page.getByRole('button', { name: 'Send', exact: true }).click();
    const differences = console.page.getByRole('region', { name: 'Differences' });
    await differences.locator('.diff-removed', { hasText: 'Id str +1-631-555-1002' }).waitFor();
    await differences.locator('.diff-added', { hasText: 'Id str +1-631-555-1003' }).waitFor();
  });

  it('have keys: e edits, and what is typed survives a reload; c compares', async () => {
    const { page } = console;
    await page.keyboard.press('c');
    await page.getByText('Open another request to compare it with this one.').waitFor();
    await page.keyboard.press('e');
    await page.waitForURL('**/#/send');
    await page.getByLabel(/^Id/).fill('+1-631-555-1004');
    await page.reload();
    expect(await page.getByLabel(/^Id/).inputValue()).toBe('+1-631-555-1004');
  });

  it('are compared with any other one', async () => {
    const { page } = console;
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('Open another request to compare it with this one.').waitFor();
    await page.keyboard.press('j');
    const differences = page.getByRole('region', { name: 'Differences' });
    await differences.getByRole('heading', { name: /^Compared with #\d+$/ }).waitFor();
    await differences.getByRole('button', { name: 'Stop comparing' }).click();
    await differences.waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('diff');
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

/** Presses keys, and counts them. */
class Keys {
  count = 0;
  readonly #console: ConsolePage;

  constructor(console: ConsolePage) {
    this.#console = console;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#console.page.keyboard.press(key);
    this.count += keys.length;
  }
}

describeInBrowser('the cause of a failing request', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeAll(async () => {
    fake = await startFake({ entries: MANY });
  });
  afterEach(() => console.close());
  afterAll(closeFakes);

  it('is seen after at most 8 keys among 10,000 requests, and no click', async () => {
    const failing = { outcome: 'fault', faultCode: '977', faultText: 'no', injectedFault: 'upstreamStatus' } as const;
    const { id } = fake.request(failing);
    for (let others = 0; others < 50; others++)
      fake.request({ outcome: 'response', results: [], faultCode: undefined });
    console = await open(fake.url);
    await console.row(id + 50).waitFor();
    const keys = new Keys(console);
    await keys.press('/', '9', '7', '7', 'Enter', 'j', 'Enter');
    await console.detail(id).waitFor();
    await console.cause.getByText('Injected fault fault-9: upstreamStatus').waitFor();
    expect(keys.count).toBeLessThanOrEqual(8);
  });

  it('is switched off in one click', async () => {
    fake.state.rules.push({ ...fake.state.ruleOf('upstreamStatus'), id: 'fault-9' });
    const { id } = fake.request({
      outcome: 'fault',
      faultCode: '920',
      faultText: 'no',
      injectedFault: 'upstreamStatus',
    });
    console = await open(`${fake.url}#/journal/${id}`);
    await console.cause.getByText(/on since \d\d:\d\d:\d\d$/).waitFor();
    await console.cause.getByRole('button', { name: 'Switch off' }).click();
    await console.cause.getByText('off now').waitFor();
    expect(fake.state.rules).toEqual([]);
    expect(await console.cause.getByRole('button').count()).toBe(0);
  });
});

describeInBrowser('the row of a request', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeAll(async () => {
    fake = await startFake({ entries: 3 });
  });
  afterEach(() => console.close());
  afterAll(closeFakes);

  it.each([1024, 1280, 1440])('shows its parameters beside the open request, %i px wide', async (width) => {
    const { id } = fake.request({
      parameters: [
        ['_umsChannel', 'str', 'whatsapp'],
        ['Id', 'str', '+16315557777'],
      ],
      outcome: 'fault',
      faultCode: '920',
    });
    console = await open(fake.url, { width });
    const detail = await console.openDetail(id);
    const cell = console.row(id).locator('.cell-parameters');
    const box = await cell.boundingBox();
    const pane = await detail.boundingBox();
    // The key of the channel is much the same in every row.
    expect((await cell.textContent())?.trim()).toBe('Id=+16315557777 _umsChannel=whatsapp');
    expect(box?.width).toBeGreaterThan(120);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(pane?.x ?? 0);
    const columns = console.row(id).getByRole('gridcell');
    for (const column of await columns.all()) {
      const { width: shown = 0 } = (await column.boundingBox()) ?? {};
      if (shown > 0) expect(shown).toBeGreaterThan(20);
    }
  });

  it('has the columns and the time zone that the user chose, over a reload', async () => {
    const { id } = fake.request({ at: Date.UTC(2026, 2, 1, 4, 3, 7, 42), referenceId: 4711 });
    console = await open(fake.url, { width: 1440 });
    const { page } = console;
    const heads = () => console.grid.getByRole('columnheader').allTextContents();
    const choose = () => page.getByRole('button', { name: 'Columns and times' }).click();
    expect((await heads()).at(-1)).toBe('Latency');
    await choose();
    const dialog = page.getByRole('dialog', { name: 'Columns and times' });
    for (const name of ['ReferenceId', 'Id']) await dialog.getByLabel(name, { exact: true }).check();
    for (const name of ['Client', 'Parameters', 'Reply']) await dialog.getByLabel(name).uncheck();
    expect(await dialog.getByLabel('Service.Method').isDisabled()).toBe(true);
    await dialog.getByRole('radio', { name: 'UTC' }).check();
    expect(await findings(console)).toEqual([]);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.reload();
    const row = console.row(id);
    await row.waitFor();
    expect(await heads()).toEqual([...['UTC time', 'Application', 'Service.Method', 'Latency', 'ReferenceId', 'Id']]);
    const cells = await row.getByRole('gridcell').allTextContents();
    expect([cells[0], ...cells.slice(-2)]).toEqual(['04:03:07.042', '4711', String(id)]);
    await choose();
    await dialog.getByRole('button', { name: 'Usual columns' }).click();
    expect((await heads()).slice(1, 2)).toEqual(['Client']);
  });

  it('shows characters that change the order of others, and keeps right-to-left texts in their place', async () => {
    const { id } = fake.request({
      parameters: [
        ['Name', 'str', 'שלום'],
        ['File', 'str', 'gp\u202egnp.exe'],
      ],
    });
    console = await open(fake.url);
    const cell = console.row(id).locator('.cell-parameters');
    expect((await cell.textContent())?.trim()).toBe('Name=שלום File=gp\\u202egnp.exe');
    expect(await cell.locator('bdi').allTextContents()).toEqual(['שלום']);
    await console.go(`journal/${id}/request`);
    await console.page.getByRole('treeitem', { name: 'File str gp\\u202egnp.exe' }).waitFor();
  });
});
