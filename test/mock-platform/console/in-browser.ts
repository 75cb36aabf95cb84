import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { chromiumPath, launch, NO_CHROMIUM } from './browser.ts';
import { ConsolePage, type PageOptions } from './console-page.ts';
import { FakeAdmin, type FakeOptions } from './fake/index.ts';

/** Opens the console at any URL; what is opened is closed when the tests are over. */
export type Open = (url: string, options?: PageOptions) => Promise<ConsolePage>;

/** Tests that need a browser. Where there is none they are left out with a word, and fail in CI. */
export function describeInBrowser(name: string, tests: (open: Open) => void): void {
  if (chromiumPath() === undefined) {
    it(`${name} (left out)`, () => {
      if (process.env.CI === 'true') throw new Error(NO_CHROMIUM);
      process.stderr.write(`left out: ${name}; ${NO_CHROMIUM}\n`);
    });
    return;
  }
  describe(name, () => {
    let browser: Browser;
    const opened: ConsolePage[] = [];
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(async () => {
      await browser.close();
      // A console that threw or logged an error is broken, whatever else went well.
      expect(opened.flatMap(({ problems }) => problems)).toEqual([]);
    });
    tests(async (url, options) => {
      const page = await ConsolePage.open(browser, url, options);
      opened.push(page);
      return page;
    });
  });
}

const fakes: FakeAdmin[] = [];

/** A fake platform; `closeFakes` ends it. */
export async function startFake(options?: FakeOptions): Promise<FakeAdmin> {
  const fake = await FakeAdmin.start(options);
  fakes.push(fake);
  return fake;
}

export const closeFakes = async (): Promise<void> => {
  await Promise.all(fakes.splice(0).map((fake) => fake.close()));
};
