import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

export const VIEWS = [
  'journal',
  'send',
  'configuration',
  'whatsapp',
  'faults',
  'stubs',
  'strategies',
  'charts',
] as const;

export type View = (typeof VIEWS)[number];

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** The console in a browser, whatever platform is behind its URL. */
export class ConsolePage {
  /** Every address that the page asked for. */
  readonly requested: string[] = [];
  /** What the page threw, or wrote as an error. */
  readonly problems: string[] = [];

  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(page: Page, context: BrowserContext, url: string) {
    this.page = page;
    this.#context = context;
    this.#url = url;
    page.on('request', (request) => this.requested.push(request.url()));
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, options: PageOptions = {}): Promise<ConsolePage> {
    const { theme = 'light', width = 1280, height = 800 } = options;
    const context = await browser.newContext({
      baseURL: url,
      colorScheme: theme,
      viewport: { width, height },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(8000);
    const console = new ConsolePage(await context.newPage(), context, url);
    await console.page.goto(url);
    await console.page.getByRole('navigation', { name: 'Views' }).waitFor();
    return console;
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  /** Goes to `journal/17/frame`, and waits for the view's heading. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#url}#/${path}`);
    const [view = ''] = path.split(/[/?]/);
    await this.page.locator(`main.view-${view} h1`).waitFor({ state: 'attached' });
  }

  /** Waits until nothing is loading, and the page has been drawn. */
  async settled(): Promise<void> {
    await this.page.getByText('Loading…').waitFor({ state: 'detached' });
    await this.page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
    await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  get grid(): Locator {
    return this.page.getByRole('grid');
  }

  /** The requests that are in the page, not the head of the list. */
  get rows(): Locator {
    return this.grid.locator('[data-id]');
  }

  row(id: number): Locator {
    return this.grid.locator(`[data-id="${id}"]`);
  }

  get selected(): Locator {
    return this.grid.locator('[data-id][aria-selected="true"]');
  }

  get filter(): Locator {
    return this.page.getByRole('searchbox', { name: 'Filter' });
  }

  /** The line under the list, such as `12 of 10,000 requests`. */
  get figures(): Locator {
    return this.page.locator('[data-figure="requests"]');
  }

  /** Waits until the line under the list says `text`. */
  async shows(text: string): Promise<void> {
    await this.figures.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
  }

  detail(id: number): Locator {
    return this.page.getByRole('region', { name: `Request ${id}`, exact: true });
  }

  /** Opens a request that is in the page, and waits for what is known of it. */
  async openDetail(id: number): Promise<Locator> {
    await this.row(id).click();
    const detail = this.detail(id);
    await detail.and(this.page.locator('[aria-busy="false"]')).waitFor();
    return detail;
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** Waits for a note that something was done. */
  async noted(text: string | RegExp): Promise<void> {
    await this.page.locator('.toast', { hasText: text }).waitFor();
  }

  clipboard(): Promise<string> {
    return this.page.evaluate('navigator.clipboard.readText()');
  }
}
