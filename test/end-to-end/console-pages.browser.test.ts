import { beforeAll, expect, it } from '@jest/globals';
import { findings } from '../mock-platform/console/axe.ts';
import { type ConsolePage, VIEWS } from '../mock-platform/console/console-page.ts';
import { describeConsole } from './console-setting.ts';

/** The password of the WhatsApp API, in plain text and in Basic form; its tokens have 43 characters. */
const SECRETS = [/["'=:>]\s*secret\b/, /YWRtaW46c2VjcmV0/, /hunter2/, /(?<![\w-])[\w-]{43}(?![\w-])/];

/** What is unfolded. */
const PARTS = ['all', 'request-bytes', 'reply-bytes'];

describeConsole('every page of a platform', (setting) => {
  const has = async (path: string, console: ConsolePage = setting().console): Promise<void> => {
    await console.go(path);
    await console.settled();
  };

  /** The HTML of every page. */
  const pages = new Map<string, string>();

  beforeAll(async () => {
    const { console, platform, validate } = setting();
    await validate({ Id: '+1-631-555-1002', Password: 'hunter2', Login: { Token: 'hunter2' } });
    await validate({ Id: 'no number' });
    platform.faults.add({ kind: 'upstreamStatus', status: 503, times: 1 });
    await validate({ Id: '+16315559999' });
    platform.faults.add({ kind: 'delay', ms: 1, match: { method: 'ValidateContact' } });
    await console.shows('3 requests');
    for (const page of [
      ...VIEWS,
      'mock/whatsapp',
      'send/1',
      ...PARTS.flatMap((part) => [`journal/1/${part}`, `journal/3/${part}`]),
    ]) {
      await has(page);
      pages.set(page, await console.page.content());
    }
  });

  it('shows no password and no token', async () => {
    const { console } = setting();
    expect(pages.size).toBeGreaterThan(VIEWS.length);
    for (const [page, html] of pages) {
      for (const secret of SECRETS) expect(`${page}: ${secret.exec(html)?.[0]}`).toBe(`${page}: undefined`);
    }
    await has('journal/1/upstream');
    expect(await console.page.getByText('"token": "***"').count()).toBe(1);
    await has('journal/1/message');
    await console.page.getByRole('treeitem', { name: 'Password str ***' }).waitFor();
  });

  it('copies no password and no token', async () => {
    const { console } = setting();
    await has('journal/1');
    for (const form of ['send command', 'stub', 'strategy case', 'jest test', 'JSON']) {
      await console.page
        .getByRole('group', { name: 'Copy as' })
        .getByRole('button', { name: form, exact: true })
        .click();
      await console.noted(`Copied as ${form}`);
      const text = await console.clipboard();
      for (const secret of SECRETS) expect(text).not.toMatch(secret);
    }
  });

  it('shows the fault that is on, and the version that reports every number as valid, and switches both off', async () => {
    const { console, platform, validate } = setting();
    const strip = console.page.getByRole('region', { name: 'Unusual answers' });
    await has('charts');
    expect(await strip.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^Fault delay 1 ms, since [\d:]{8}Switch off$/),
    ]);
    await strip.getByRole('button', { name: 'Switch off: delay 1 ms' }).click();
    await strip.waitFor({ state: 'hidden' });
    await fetch(`${platform.admin.url}/api/whatsapp`, {
      ...{ method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"version":"2.45.1"}' },
    });
    await strip.getByText('whatsapp version 2.45.1: reports every number as valid').waitFor();
    await validate({ Id: '+16315550000' });
    const [entry] = platform.journal.find();
    await has(`journal/${entry?.id}`);
    await console.cause.getByText('whatsapp version 2.45.1: reports every number as valid').waitFor();
    await strip.getByRole('button', { name: 'Use 2.41.3: whatsapp version 2.45.1' }).click();
    await strip.waitFor({ state: 'hidden' });
  });

  it('links the calls of a mock to their exchanges', async () => {
    const { console, platform } = setting();
    await has('mock/whatsapp');
    const [entry] = platform.journal.find({ client: platform.journal.get(1)?.client ?? '', limit: 1 });
    const link = console.page.getByRole('region', { name: 'Calls' }).getByRole('link').first();
    expect(await link.getAttribute('href')).toBe(`#/journal/${entry?.id}`);
    await link.click();
    await console.detail(entry?.id ?? 0).waitFor();
  });

  it('sends no request to another host', () => {
    const { console, platform } = setting();
    const hosts = [...new Set(console.requested.map((url) => new URL(url).origin))];
    expect(hosts).toEqual([new URL(platform.admin.url).origin]);
  });

  it.each(['light', 'dark'] as const)('passes axe, %s', async (theme) => {
    const page = await setting().open({ theme });
    for (const path of ['journal', 'journal/1/request-bytes', 'journal/3/all', 'faults']) {
      await has(path, page);
      expect(await findings(page)).toEqual([]);
    }
    await page.close();
  });
});
