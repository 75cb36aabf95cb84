/**
 * `npm run bench:console`: the frame times of the web console with a journal of 10,000 and of 200,000 requests: the times
 * between calls of requestAnimationFrame. 60 Hz means 16.7 ms. The platform is a fake in this process. Then the duration of
 * searches in a real journal of 200,000, and how long they hold the event loop. BENCH_MS (4000) is the duration of a
 * measurement, CHROMIUM the path of the browser.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Browser, Page } from 'playwright-core';
import { charset, EspRequest, encodeMessage } from '#wire';
import { parseFilter } from '../mock-platform/filter/index.ts';
import { Journal } from '../mock-platform/journal/journal.ts';
import { searchable } from '../mock-platform/journal/search.ts';
import { launch } from '../test/mock-platform/console/browser.ts';
import { ConsolePage } from '../test/mock-platform/console/console-page.ts';
import { FakeAdmin } from '../test/mock-platform/console/fake/index.ts';
import { request } from './requests.ts';

const RUN_MS = Number(process.env.BENCH_MS ?? 4000);
const ENTRIES = [10_000, 200_000] as const;
const LIVE_PER_SECOND = 200;

/** Calls `step(frame)` in each frame of the page, and returns the times between the frames. */
const frames = (page: Page, step: string): Promise<number[]> =>
  page.evaluate(`new Promise((done) => {
    const grid = document.querySelector('[role=grid]');
    const deltas = [];
    const step = ${step};
    let began, last;
    requestAnimationFrame(function next(now) {
      began ??= now;
      if (last !== undefined) deltas.push(now - last);
      last = now;
      if (now - began > ${RUN_MS}) return done(deltas);
      step(deltas.length);
      requestAnimationFrame(next);
    });
  })`);

/** Scrolls up and down the list, by this many pixels per frame. */
const scroll = (pixels: number): string => `(frame) => {
  const bottom = grid.scrollHeight - grid.clientHeight;
  const way = (frame * ${pixels}) % (2 * bottom);
  grid.scrollTop = way > bottom ? 2 * bottom - way : way;
}`;

const nothing = '() => undefined';

async function measure(console: ConsolePage, fake: FakeAdmin): Promise<void> {
  const { page } = console;
  print('at rest', await frames(page, nothing));
  print('scrolling, 60 px a frame', await frames(page, scroll(60)));
  print('scrolling, 2000 px a frame', await frames(page, scroll(2000)));
  print('typing a filter', await whileTyping(console, 'outcome:fault service:messaging code:904 '));
  await console.filter.fill('');
  const timer = setInterval(() => fake.request(), 1000 / LIVE_PER_SECOND);
  print(`${LIVE_PER_SECOND} requests/s come in`, await frames(page, nothing));
  print('the same, scrolling', await frames(page, scroll(60)));
  clearInterval(timer);
  await page.evaluate('document.querySelector("[role=grid]").scrollTop = 0');
  print('moving with j, detail open', await whileMoving(page));
}

/** Types the text repeatedly, a letter every 40 ms. */
async function whileTyping(console: ConsolePage, text: string): Promise<number[]> {
  const measured = frames(console.page, nothing);
  const until = performance.now() + RUN_MS;
  await console.filter.focus();
  while (performance.now() < until) {
    await console.filter.pressSequentially(text, { delay: 40 });
    await console.filter.fill('');
  }
  return measured;
}

/** Moves down the list like a held key. */
async function whileMoving(page: Page): Promise<number[]> {
  await page.getByRole('grid').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const measured = frames(page, nothing);
  const until = performance.now() + RUN_MS;
  while (performance.now() < until) await page.keyboard.press('j', { delay: 20 });
  return measured;
}

function print(what: string, deltas: readonly number[]): void {
  const sorted = deltas.toSorted((a, b) => a - b);
  const rank = (part: number): string => {
    const delta = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
    return delta.toFixed(1).padStart(9);
  };
  const cells = [what.padEnd(30), String(sorted.length).padStart(7), rank(0.5), rank(0.95), rank(1)];
  console.log(cells.join(' '));
}

/** The heap of the page without garbage, in MB. */
async function heap(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return `${(usedSize / 2 ** 20).toFixed(1)} MB`;
}

async function measureConsole(browser: Browser, entries: number): Promise<void> {
  const fake = await FakeAdmin.start({ entries });
  try {
    const page = await ConsolePage.open(browser, fake.url);
    await page.shows('10,000 requests');
    await page.settled();
    console.log(`\n${entries} requests, the page's heap ${await heap(page.page)}\n`);
    console.log('                                frames       p50       p95       max');
    await measure(page, fake);
    await page.filter.fill('messaging');
    await page.figures.filter({ hasText: / of / }).first().waitFor();
    await page.settled();
    print('filtered, scrolling', await frames(page.page, scroll(60)));
    console.log(`the page's heap, filtered: ${await heap(page.page)}`);
  } finally {
    await fake.close();
  }
}

const NAMES = Array.from({ length: 11 }, (_, index) => `P${index}`);
const utf8 = charset();

/** A journal of requests with 13 parameters. */
function realJournal(entries: number): Journal {
  const journal = new Journal({ entries, bytes: 2 ** 32 });
  for (let index = 0; index < entries; index++) {
    const more = Object.fromEntries(NAMES.map((name) => [name, `${name} of ${index}`]));
    const message = request('Bench', 'Answer', { Id: `+1631555${index}`, ...more });
    const frame = encodeMessage(message, utf8);
    const key = String(index);
    journal.begin({ client: '127.0.0.1:1', application: 'DMS', request: new EspRequest(message), frame, key });
  }
  return journal;
}

async function measureSearches(): Promise<void> {
  const journal = realJournal(200_000);
  console.log('\nsearches in a journal of 200,000      found        ms   hold, ms at p99');
  for (const text of ['outcome:fault', 'method:answer code:904 or id:17', 'Id=+163155519999', 'P7=17', '"of 19999"']) {
    const { matches } = parseFilter(text);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const began = performance.now();
    const found = await journal.search((entry) => matches(searchable(entry)));
    const ms = performance.now() - began;
    delay.disable();
    const cells = [text.padEnd(36), String(found.length).padStart(7), ms.toFixed(0).padStart(9)];
    console.log(`${cells.join(' ')} ${(delay.percentile(99) / 1e6).toFixed(0).padStart(18)}`);
  }
}

async function main(): Promise<void> {
  const browser = await launch();
  try {
    console.log(`Chromium ${browser.version()}, ${RUN_MS} ms per measurement; ms between frames`);
    for (const entries of ENTRIES) await measureConsole(browser, entries);
  } finally {
    await browser.close();
  }
  await measureSearches();
}

await main();
