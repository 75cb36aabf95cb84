/** The parts of a browser page that the console's logic uses, controlled by the test. */

interface Timer {
  readonly run: () => void;
  readonly ms: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly contentType: string | null;
  readonly signal: AbortSignal | null;
  /** Responds with a text or JSON. */
  answer(body: unknown, status?: number): Promise<void>;
  /** The network fails. */
  fail(error: Error): Promise<void>;
}

export class FakeEventSource {
  static readonly CLOSED = 2;
  static readonly opened: FakeEventSource[] = [];
  readyState = 0;
  closed = false;
  readonly #listeners = new Map<string, (event: { data: string }) => void>();

  constructor(readonly url: string) {
    FakeEventSource.opened.push(this);
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.#listeners.set(name, listener);
  }

  say(name: string, data?: unknown): void {
    this.#listeners.get(name)?.({ data: JSON.stringify(data) });
  }

  close(): void {
    this.closed = true;
  }
}

/** Lets pending promises settle. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

export class FakePage {
  readonly asked: Asked[] = [];
  readonly timers = new Map<number, Timer>();
  readonly intervals = new Map<number, Timer>();
  readonly remembered = new Map<string, string>();
  readonly events = new Map<string, () => void>();
  readonly history: string[] = [];
  readonly document = { visibilityState: 'visible', documentElement: { dataset: { theme: '' } } };
  refusesToRemember = false;
  #last = 0;

  /** Installs the page's globals. */
  constructor(hash = '') {
    FakeEventSource.opened.length = 0;
    const location = { hash };
    const moved = (kind: string) => (_state: unknown, _title: string, to: string) => {
      location.hash = to;
      this.history.push(`${kind} ${to}`);
    };
    const start = (into: Map<number, Timer>) => (run: () => void, ms: number) => {
      into.set(++this.#last, { run, ms });
      return this.#last;
    };
    const window = {
      location,
      history: { pushState: moved('push'), replaceState: moved('replace') },
      setTimeout: start(this.timers),
      clearTimeout: (id: number) => this.timers.delete(id),
      setInterval: start(this.intervals),
      clearInterval: (id: number) => this.intervals.delete(id),
      addEventListener: (name: string, run: () => void) => this.events.set(name, run),
    };
    const localStorage = {
      getItem: (name: string) => this.#remembering(() => this.remembered.get(name) ?? null),
      setItem: (name: string, value: string) => this.#remembering(() => this.remembered.set(name, value)),
    };
    Object.assign(globalThis, {
      window,
      localStorage,
      document: this.document,
      EventSource: FakeEventSource,
      fetch: (path: string, init: RequestInit) => this.#fetch(path, init),
    });
  }

  /** Runs the pending timers. @returns their delays in ms */
  async ring(timers = this.timers): Promise<number[]> {
    const due = [...timers.values()];
    this.timers.clear();
    for (const { run } of due) run();
    await settled();
    return due.map(({ ms }) => ms);
  }

  /** The last request. */
  get last(): Asked {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error('nothing was asked for');
    return last;
  }

  #remembering<T>(run: () => T): T {
    if (this.refusesToRemember) throw new Error('no storage here');
    return run();
  }

  #fetch(path: string, { method = 'GET', body, headers, signal = null }: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      this.asked.push({
        method,
        path,
        signal,
        body: typeof body === 'string' ? JSON.parse(body) : undefined,
        contentType: new Headers(headers).get('content-type'),
        answer: (answer, status = 200) => {
          const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
          resolve(
            new Response(status === 204 ? null : text, { status, statusText: status === 502 ? 'Bad Gateway' : '' }),
          );
          return settled();
        },
        fail: (error) => {
          reject(error);
          return settled();
        },
      });
    });
  }
}
