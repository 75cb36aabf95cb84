import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findings } from './axe.ts';
import { type ConsolePage, type PageOptions, VIEWS } from './console-page.ts';
import type { FakeAdmin } from './fake/index.ts';
import { closeFakes, describeInBrowser, startFake } from './in-browser.ts';

/** Journal entries of every colour. */
const EACH_KIND: readonly Parameters<FakeAdmin['request']>[0][] = [
  { outcome: 'fault', faultCode: '901', faultText: 'no connection', injectedFault: 'upstream-down', upstreamCalls: 1 },
  { outcome: 'response', results: [['Category', 'str', 'Billing']], stub: 'screening rules' },
  { outcome: 'response', results: [] },
  { outcome: 'none', durationMs: null },
  { outcome: 'lost', durationMs: null },
  { outcome: 'pending', durationMs: null },
];

const SIZES: readonly PageOptions[] = [
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 640 },
  { theme: 'dark', width: 640 },
];

describeInBrowser('axe', (open) => {
  let fake: FakeAdmin;

  beforeAll(async () => {
    fake = await startFake({ entries: 4 });
    for (const change of EACH_KIND) fake.request(change);
    const rule = { delayMs: 250, match: { service: 'Messaging' }, times: 5 };
    fake.state.rules.push({ ...fake.state.ruleOf('delay', rule), hits: 3 });
  });
  afterAll(closeFakes);

  describe.each(SIZES)('finds nothing at $width px, $theme:', (options) => {
    let console: ConsolePage;
    beforeAll(async () => {
      console = await open(fake.url, options);
    });
    afterAll(() => console.close());

    it.each([...VIEWS, 'mock/ledger'])('%s', async (view) => {
      await console.go(view);
      await console.settled();
      expect(await findings(console)).toEqual([]);
      const scrolls = await console.page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
      expect(scrolls).toBe(false);
    });

    it.each(['', '/all', '/request-bytes'])('a request that came to a fault, unfolded: %s', async (part) => {
      const entry = fake.state.entries.find(({ injectedFault }) => injectedFault === 'upstream-down');
      await console.go(`journal/${entry?.id}${part}`);
      await console.settled();
      expect(await findings(console, '.detail')).toEqual([]);
    });

    it('a selected row, and a filter with a problem', async () => {
      await console.go('journal');
      await console.filter.fill('out');
      await console.page.getByRole('option', { name: 'outcome:' }).waitFor();
      expect(await findings(console)).toEqual([]);
      await console.go('journal?filter=servce:x');
      await console.page.keyboard.press('j');
      await console.selected.waitFor();
      expect(await findings(console)).toEqual([]);
    });

    it('a run of a strategy', async () => {
      await console.go('strategies');
      await console.page.getByRole('button', { name: 'Run' }).click();
      await console.page.locator('.step-taken').first().waitFor();
      expect(await findings(console)).toEqual([]);
    });

    it('the form of a row in a panel, and its problem', async () => {
      await console.go('mock/ledger');
      await console.page.getByRole('button', { name: 'Add account' }).click();
      await console.page.getByRole('alert').filter({ hasText: 'account: is required' }).waitFor();
      await console.page.getByRole('button', { name: 'Rename 17' }).click();
      await console.page.getByRole('dialog', { name: 'Rename 17' }).waitFor();
      expect(await findings(console)).toEqual([]);
      await console.page.keyboard.press('Escape');
      await console.page.getByRole('dialog').waitFor({ state: 'detached' });
    });

    it('the editor of a stub file, with a mistake and a completion', async () => {
      await console.go('stubs/f1');
      const text = console.page.getByRole('textbox', { name: /^Text of/ });
      await text.click();
      await console.page.keyboard.press('Control+Home');
      await console.page.keyboard.type('# wrong');
      await console.page.getByRole('list', { name: 'Mistakes' }).getByRole('button').waitFor();
      expect(await findings(console)).toEqual([]);
      const scrolls = await console.page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
      expect(scrolls).toBe(false);
    });

    it('a stub, a table and a dialog', async () => {
      await console.go('stubs');
      await console.page.locator('details.stub summary').first().click();
      await console.page.locator('.definition pre', { hasText: /\w/ }).waitFor();
      expect(await findings(console)).toEqual([]);
      await console.go('charts');
      await console.page.getByText('Show as a table').click();
      expect(await findings(console)).toEqual([]);
      await console.page.keyboard.press('?');
      expect(await findings(console)).toEqual([]);
      await console.page.keyboard.press('Escape');
      await console.page.getByRole('dialog').waitFor({ state: 'detached' });
    });
  });
});
