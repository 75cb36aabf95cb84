import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { findings } from './axe.ts';
import { type ConsolePage, VIEWS } from './console-page.ts';
import type { FakeAdmin } from './fake/index.ts';
import { closeFakes, describeInBrowser, startFake } from './in-browser.ts';

describeInBrowser('what makes the platform answer unusually', (open) => {
  let fake: FakeAdmin;
  let console: ConsolePage;

  beforeEach(async () => {
    fake = await startFake({ entries: 5 });
    console = await open(fake.url);
  });
  afterEach(() => console.close());
  afterEach(closeFakes);

  const strip = () => console.page.getByRole('region', { name: 'Unusual answers' });
  const items = () => strip().getByRole('listitem');

  /** A fault that applies, one that is used up, an added stub, and the mock. */
  const lie = (): void => {
    const { rules, stubs, ledger } = fake.state;
    rules.push(fake.state.ruleOf('upstreamStatus 503'), { ...fake.state.ruleOf('delay 5 ms'), isUsedUp: true });
    const [first] = stubs;
    if (first !== undefined) stubs.unshift({ ...first, id: fake.state.nextId('s1'), name: 'always down' });
    Object.assign(ledger, { currency: 'USD' });
    fake.emit('changed', { what: 'notices' });
  };

  it('is shown in every view, without what no longer applies', async () => {
    expect(await strip().count()).toBe(0);
    lie();
    for (const view of [...VIEWS, 'mock/ledger']) {
      await console.go(view);
      await items().nth(2).waitFor();
      const texts = (await items().allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
      expect(texts).toEqual([
        expect.stringMatching(/^Fault upstreamStatus 503, since \d\d:\d\d:\d\d Switch off$/),
        expect.stringMatching(/^Stub always down: added to .+ Remove$/),
        'ledger in another currency: converts amounts Use EUR',
      ]);
    }
  });

  it('is switched off there, one by one', async () => {
    lie();
    await strip().getByRole('button', { name: 'Switch off: upstreamStatus 503' }).click();
    await items().nth(2).waitFor({ state: 'detached' });
    await strip().getByRole('button', { name: 'Remove: always down' }).click();
    await items().nth(1).waitFor({ state: 'detached' });
    await strip().getByRole('button', { name: 'Use EUR: ledger in another currency' }).click();
    await strip().waitFor({ state: 'hidden' });
    expect(fake.state.rules).toMatchObject([{ kind: 'delay 5 ms' }]);
    expect(fake.state.stubs.some(({ name }) => name === 'always down')).toBe(false);
    expect(fake.state.ledger.currency).toBe('EUR');
  });

  it('is bounded', async () => {
    for (let count = 0; count < 20; count++) fake.state.rules.push(fake.state.ruleOf('delay 5 ms'));
    fake.emit('changed', { what: 'faults' });
    await strip().getByRole('link', { name: 'and 14 more' }).click();
    await console.page.getByRole('heading', { name: 'Faults', exact: true }).waitFor();
    expect(await items().count()).toBe(7);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 640],
    ['dark', 640],
  ] as const)('passes axe, %s, %i px wide', async (theme, width) => {
    lie();
    const page = await open(fake.url, { theme, width });
    await page.page.getByRole('region', { name: 'Unusual answers' }).waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await page.page.evaluate('document.documentElement.scrollWidth > window.innerWidth')).toBe(false);
    await page.close();
  });
});
