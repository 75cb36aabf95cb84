import { beforeEach, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { describeConsole } from '../../../end-to-end/console-setting.ts';
import { findings } from '../../../mock-platform/console/axe.ts';

const NUMBER = '+353861234567';

describeConsole('the page of the WhatsApp mock', (setting) => {
  const confirmed = async (Id: string): Promise<string | undefined> =>
    (await setting().validate({ Id })).parameters.string('Id');
  const section = (name: string) => setting().console.page.getByRole('region', { name, exact: true });

  beforeEach(() => setting().console.go('mock/whatsapp'));

  it('is in the navigation, and shows the registered number of the client', async () => {
    const { page } = setting().console;
    await page.getByRole('navigation').getByRole('link', { name: 'WhatsApp' }).waitFor();
    await page.getByText('The mock WhatsApp Business API client, registered as +919876543210.').waitFor();
  });

  it('confirms a number while it is in the directory', async () => {
    const { console } = setting();
    expect(await confirmed(NUMBER)).toBe('');
    const number = section('Directory').getByLabel(/^number/);
    await number.fill('631 555');
    await number.press('Enter');
    await section('Directory')
      .getByText(/'631555' is not in E\.164 format: expected a plus/)
      .waitFor();
    await number.fill('+353 (86) 123-4567');
    await number.press('Enter');
    const remove = console.page.getByRole('button', { name: `Remove ${NUMBER}` });
    await remove.waitFor();
    expect(await confirmed(NUMBER)).toBe(NUMBER);
    await remove.click();
    await remove.waitFor({ state: 'detached' });
    expect(await confirmed(NUMBER)).toBe('');
    console.problems.splice(0); // Chromium logs the 400
  });

  it('finds a number in the directory', async () => {
    await section('Directory').getByRole('searchbox').fill('(631) 555');
    await setting().console.page.getByRole('button', { name: 'Remove +16315551002' }).waitFor();
    await setting().console.page.getByRole('button', { name: 'Remove +15162837151' }).waitFor({ state: 'detached' });
  });

  it('shows tokens, and the calls with their numbers', async () => {
    const { page } = setting().console;
    for (let asked = 0; asked < 3; asked++) await confirmed(NUMBER);
    await section('Tokens').locator('.state-good').getByText('valid').waitFor();
    const calls = page.getByRole('group', { name: 'Calls' });
    await calls
      .getByRole('row', { name: new RegExp(`/v1/contacts \\${NUMBER} 200`) })
      .nth(2)
      .waitFor();
    await calls.getByRole('row', { name: '/v1/users/login – 200' }).waitFor();
    await page.getByRole('button', { name: 'Expire all' }).click();
    await section('Tokens').locator('.state-good').waitFor({ state: 'detached' });
    await section('Tokens').getByText('expired').waitFor();
    expect(await confirmed(NUMBER)).toBe('');
    await calls.getByRole('row', { name: `/v1/contacts ${NUMBER} 401` }).waitFor();
  });

  it('shows sent messages with links to their requests', async () => {
    const { console, platform } = setting();
    const { page } = console;
    await section('Sent messages').getByText('No messages yet.').waitFor();
    await using client = new EspClient(platform.esp);
    await client.connect();
    const parameters = { _umsClientId: '+16315551002', _umsBusinessId: '+919876543210' };
    await client.request({ service: 'ChatService', method: 'InviteToChat', parameters });
    const sent = page.getByRole('group', { name: 'Sent messages' });
    const row = sent.getByRole('row', {
      name: /\+16315551002 chat_invitation en_US support team Thank you for calling/,
    });
    await row.getByRole('link', { name: /^ReferenceId \d+$/ }).click();
    const [entry] = platform.journal.find({ method: 'InviteToChat' });
    await console.detail(entry?.id ?? 0).waitFor();
  });

  it('warns that 2.45.1 reports every number as valid', async () => {
    const version = section('Version');
    const now = (text: string) => version.locator('dd', { hasText: text }).waitFor();
    await version.getByText('remove ValidateContact from strategies that rely on it', { exact: false }).waitFor();
    await version.getByRole('button', { name: '2.45.1' }).click();
    await version.getByText('2.45.1 reports every number as valid, and makes up a wa_id.').waitFor();
    await now('2.45.1');
    expect(await confirmed(NUMBER)).toBe(NUMBER);
    await version.getByLabel(/^version/).fill('2.42');
    await version.getByRole('button', { name: 'Set version' }).click();
    await version.getByText('body.version: must be a version such as 2.41.3', { exact: false }).waitFor();
    await version.getByLabel(/^version/).fill('2.42.0');
    await version.getByRole('button', { name: 'Set version' }).click();
    await now('2.42.0');
    expect(await version.locator('.advice').count()).toBe(0);
    await version.getByRole('button', { name: '2.41.3' }).click();
    await now('2.41.3');
    expect(await confirmed(NUMBER)).toBe('');
    setting().console.problems.splice(0); // Chromium logs the 400
  });

  it.each(['light', 'dark'] as const)('passes axe, %s', async (theme) => {
    const console = await setting().open({ theme });
    await console.go('mock/whatsapp');
    await console.settled();
    expect(await findings(console)).toEqual([]);
    await console.close();
  });
});
