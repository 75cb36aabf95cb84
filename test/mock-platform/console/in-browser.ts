import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { chromiumPath, launch, NO_CHROMIUM } from './browser.ts';
import { ConsolePage, type PageOptions } from './console-page.ts';
import { FakeAdmin, type FakeOptions } from './fake/index.ts';

/** Opens the console at a URL, and closes it after the tests. */
export type Open = (url: string, options?: PageOptions) => Promise<ConsolePage>;

/** Tests in a browser. Without one they are skipped with a message, and fail in CI. */
export function describeInBrowser(name: string, tests: (open: Open) => void): void {
  if (chromiumPath() === undefined) {
    it(`${name} (skipped)`, () => {
      if (process.env.CI === 'true') throw new Error(NO_CHROMIUM);
      process.stderr.write(`skipped: ${name}; ${NO_CHROMIUM}\n`);
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
      // Any exception or logged error is a failure.
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
