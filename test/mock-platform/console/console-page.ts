import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

export const VIEWS = ['journal', 'send', 'configuration', 'faults', 'stubs', 'strategies', 'charts'] as const;

export type View = (typeof VIEWS)[number];

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** The console in a browser, for any platform. */
export class ConsolePage {
  /** Every URL that the page requested. */
  readonly requested: string[] = [];
  /** Exceptions and logged errors of the page. */
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

  /** Navigates, for example to `journal/17/request`, and waits for the heading. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#url}#/${path}`);
    const [view = ''] = path.split(/[/?]/);
    await this.page.locator(`main.view-${view} h1`).waitFor({ state: 'attached' });
  }

  /** Waits until nothing is loading and the page is rendered. */
  async settled(): Promise<void> {
    await this.page.getByText('Loading…').waitFor({ state: 'detached' });
    await this.page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
    await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  get grid(): Locator {
    return this.page.getByRole('grid');
  }

  /** The rows of requests in the page, without the header. */
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
    return this.page.getByRole('combobox', { name: 'Filter' });
  }

  /** The line below the list, such as `12 of 10,000 requests`. */
  get figures(): Locator {
    return this.page.locator('[data-figure="requests"]');
  }

  /** Waits for `text` in the line below the list. */
  async shows(text: string): Promise<void> {
    await this.figures.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
  }

  detail(id: number): Locator {
    return this.page.getByRole('region', { name: `Request ${id}`, exact: true });
  }

  /** Opens a request in the page, and waits for its details. */
  async openDetail(id: number): Promise<Locator> {
    await this.row(id).click();
    const detail = this.detail(id);
    await detail.and(this.page.locator('[aria-busy="false"]')).waitFor();
    return detail;
  }

  /** The moments of the open request whose kind and text match, such as `Upstream POST`. */
  moment(name: string | RegExp): Locator {
    return this.page.getByRole('list', { name: 'What happened' }).getByRole('button', { name });
  }

  get cause(): Locator {
    return this.page.getByRole('region', { name: 'Cause' });
  }

  /** Waits for a notification. */
  async noted(text: string | RegExp): Promise<void> {
    await this.page.locator('.toast', { hasText: text }).first().waitFor();
  }

  clipboard(): Promise<string> {
    return this.page.evaluate('navigator.clipboard.readText()');
  }
}
