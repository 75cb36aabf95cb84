import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Reload } from '../../../mock-platform/console/api/types.ts';
import { findings } from './axe.ts';
import type { ConsolePage } from './console-page.ts';
import type { FakeAdmin } from './fake/index.ts';
import { closeFakes, describeInBrowser, startFake } from './in-browser.ts';

const REFUSED: Reload['last'] = {
  kind: 'refused',
  at: 1,
  problems: [
    { file: 'plugins/billing/get-balance.ts', line: 7, column: 25, message: 'Unterminated string literal' },
    { file: 'plugins/billing/index.ts', line: 2, column: 1, message: `Could not resolve "./${'x'.repeat(200)}.js"` },
  ],
};

describeInBrowser('a rejected change', (open) => {
  let fake: FakeAdmin;
  const tell = (last: Reload['last']): void => {
    fake.state.reload = last;
    fake.emit('changed', { what: 'reload' });
  };

  beforeAll(async () => {
    fake = await startFake({ entries: 4 });
  });
  afterAll(closeFakes);

  describe.each([
    { theme: 'light', width: 1280 },
    { theme: 'dark', width: 1280 },
    { theme: 'dark', width: 640 },
  ] as const)('at $width px, $theme,', (options) => {
    let console: ConsolePage;
    beforeAll(async () => {
      console = await open(fake.url, options);
      await console.page.locator('.live-live').waitFor();
    });
    beforeEach(async () => {
      tell(null);
      await console.page.getByText('The last change was rejected').waitFor({ state: 'detached' });
    });
    afterAll(() => console.close());

    it('shows above every view, can be copied with the keyboard, and disappears with the next good one', async () => {
      const { page } = console;
      const banner = page.getByRole('alert').filter({ hasText: 'The last change was rejected' });
      for (const view of ['journal', 'send', 'charts']) {
        await console.go(view);
        expect(await banner.count()).toBe(0);
        tell(REFUSED);
        await banner.waitFor();
        expect(await banner.textContent()).toContain('plugins/billing/get-balance.ts:7:25 Unterminated string literal');
        await console.settled();
        expect(await findings(console)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')).toBe(false);
        expect(await page.evaluate('document.documentElement.scrollHeight > window.innerHeight')).toBe(false);

        await page.locator('nav a').last().focus();
        while (await page.evaluate("document.activeElement.closest('[role=alert] button') === null")) {
          await page.keyboard.press('Tab');
        }
        await page.keyboard.press('Enter');
        await console.noted('Copied the errors');
        expect(await console.clipboard()).toMatch(
          /^plugins\/billing\/get-balance\.ts:7:25: Unterminated .*\n.*index\.ts:2:1: /,
        );

        tell({ kind: 'applied', at: 2, durationMs: 80, plugins: [], configuration: false });
        await banner.waitFor({ state: 'detached' });
      }
    });

    it('shows after a reload', async () => {
      tell(REFUSED);
      await console.page.reload();
      await console.page.getByText('The last change was rejected').waitFor();
    });
  });
});
