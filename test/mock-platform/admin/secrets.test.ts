import { afterAll, afterEach, expect, it } from '@jest/globals';
import { removeFolders } from '../../support/files.js';
import { allAnswers } from './all-answers.js';
import { AdminSetting, askBalance } from './setting.js';

const setting = new AdminSetting();
afterEach(() => setting.end());
afterAll(removeFolders);

it('no response contains a password, token or key', async () => {
  const answers = await allAnswers(setting, await setting.whole(), askBalance());
  for (const text of answers) expect(text).not.toContain('hunter2');
});
