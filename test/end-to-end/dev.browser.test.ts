import { afterAll, expect, it } from '@jest/globals';
import { describeInBrowser } from '../mock-platform/console/in-browser.ts';
import { removeFolders } from '../support/files.js';
import { killPrograms } from '../support/processes.js';
import { DevSetting, markMethod } from './dev-setting.ts';

describeInBrowser('the console of esp-host dev', (open) => {
  afterAll(async () => {
    await killPrograms();
    removeFolders();
  });

  it('shows why a plugin was not reloaded until it is fixed, and then its new methods', async () => {
    const setting = await DevSetting.start();
    const console = await open(setting.admin);
    const { page } = console;
    await page.getByText('Live', { exact: true }).waitFor();
    await console.go('send');
    const banner = page.getByRole('alert').filter({ hasText: 'The last change was rejected' });
    setting.write('plugins/mark/mark.ts', markMethod('2').replace("'2'", "'2"));
    await banner.waitFor();
    expect(await banner.textContent()).toContain('plugins/mark/mark.ts:7:25 Unterminated string literal');
    expect(await setting.ask()).toBe('{"Mark":"1"}');

    setting.write('plugins/mark/mark.ts', markMethod('2'));
    await banner.waitFor({ state: 'detached' });
    expect(await setting.ask()).toBe('{"Mark":"2"}');

    setting.edit('plugins/mark/index.ts', (text) => text.replaceAll('Mark', 'Other'));
    setting.write('plugins/mark/mark.ts', markMethod('3', 'Other'));
    await page.locator('main option', { hasText: 'Other' }).first().waitFor({ state: 'attached' });
  });
});
