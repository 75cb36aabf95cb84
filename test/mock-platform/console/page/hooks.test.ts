import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ContainerNode, h, options, render } from 'preact';
import { useWindow, type Windowed } from '../../../../mock-platform/console/list/use-window.js';
import { Store, useStore } from '../../../../mock-platform/console/state/store.js';
import { type Resource, useResource } from '../../../../mock-platform/console/state/use-resource.js';
import { FakePage, settled } from './fake-page.js';

let page: FakePage;
let root: ContainerNode;
beforeEach(() => {
  page = new FakePage();
  root = { nodeType: 1, parentNode: null, firstChild: null, childNodes: [], ...places() };
});
const places = () => ({ appendChild: keep, insertBefore: keep, removeChild: keep });
const keep = <T>(node: T): T => node;
afterEach(() => render(null, root));

// Effects run in the next turn, not in the next frame.
options.requestAnimationFrame = (run: () => void) => void setTimeout(run);

/** Renders an empty component, and runs its effects. */
async function draw(component: () => unknown): Promise<void> {
  const Probe = (): null => {
    component();
    return null;
  };
  render(h(Probe, null), root);
  await drawn();
}
const drawn = async (): Promise<void> => {
  for (let turn = 0; turn < 6; turn++) await settled();
};

describe('the value of a store', () => {
  it('renders again when it changes, even before anyone watches', async () => {
    const store = new Store('a');
    const seen: string[] = [];
    await draw(() => {
      seen.push(useStore(store));
      if (seen.length === 1) store.set('b');
    });
    expect(seen).toEqual(['a', 'b']);
    store.set('c');
    await drawn();
    expect(seen).toEqual(['a', 'b', 'c']);
    render(null, root);
    store.set('d');
    await drawn();
    expect(seen).toEqual(['a', 'b', 'c']);
  });
});

describe('a resource', () => {
  let calls: { signal: AbortSignal; resolve(value: string): void; reject(error: Error): void }[];
  let last: Resource<string>;
  let input: Store<number>;
  beforeEach(() => {
    calls = [];
    input = new Store(1);
  });
  const load = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      calls.push({ signal, resolve, reject });
    });
  const view = (everyMs?: number) => () => {
    last = useResource(load, [useStore(input)], everyMs);
  };
  const shown = () => [last.data, last.problem];

  it('has its data once loaded, and keeps it while loading again and after a failure', async () => {
    await draw(view());
    expect(shown()).toEqual([undefined, undefined]);
    calls[0]?.resolve('one');
    await drawn();
    expect(shown()).toEqual(['one', undefined]);
    last.reload();
    await drawn();
    expect(calls).toHaveLength(2);
    expect(shown()).toEqual(['one', undefined]);
    calls[1]?.reject(new Error('no answer'));
    await drawn();
    expect(shown()).toEqual(['one', 'no answer']);
    last.reload();
    await drawn();
    calls[2]?.resolve('two');
    await drawn();
    expect(shown()).toEqual(['two', undefined]);
  });

  it('loads again when an input changes, and ignores the late result of the previous load', async () => {
    await draw(view());
    input.set(2);
    await drawn();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    calls[1]?.resolve('new');
    await drawn();
    calls[0]?.resolve('old');
    await drawn();
    expect(shown()).toEqual(['new', undefined]);
  });

  it('shows no error of an aborted load', async () => {
    await draw(view());
    input.set(2);
    await drawn();
    calls[0]?.reject(new Error('aborted'));
    await drawn();
    expect(shown()).toEqual([undefined, undefined]);
  });

  it('is aborted when the view is removed', async () => {
    await draw(view(1000));
    render(null, root);
    await drawn();
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(page.intervals.size).toBe(0);
  });

  it('loads again at each interval while the page is visible', async () => {
    await draw(view(1000));
    expect([...page.intervals.values()].map(({ ms }) => ms)).toEqual([1000]);
    await page.ring(page.intervals);
    await drawn();
    expect(calls).toHaveLength(2);
    page.document.visibilityState = 'hidden';
    await page.ring(page.intervals);
    await drawn();
    expect(calls).toHaveLength(2);
  });

  it('loads once without an interval', async () => {
    await draw(view());
    expect(page.intervals.size).toBe(0);
  });
});

describe('a long list', () => {
  const ROW = 20;
  const element = { scrollTop: 0, clientHeight: 100, observed: 0 };
  let last: Windowed;
  let resized: () => void;
  beforeEach(async () => {
    Object.assign(element, { scrollTop: 0, clientHeight: 100, observed: 0 });
    const { ref } = { ref: element };
    Object.assign(globalThis, {
      ResizeObserver: class {
        constructor(changed: () => void) {
          resized = changed;
        }
        observe = () => element.observed++;
        disconnect = () => element.observed--;
      },
    });
    await draw(() => {
      last = useWindow(1000, ROW, 20);
      Object.assign(last.ref, { current: ref });
    });
  });

  it('renders the visible rows below the header', () => {
    expect(last.window).toEqual({ first: 0, end: 25 });
    expect(last.rowsSeen).toBe(4);
    expect(element.observed).toBe(1);
  });

  it('follows scrolling and resizing', async () => {
    element.scrollTop = 100 * ROW;
    last.onScroll();
    await drawn();
    expect(last.window).toEqual({ first: 90, end: 115 });
    element.clientHeight = 220;
    resized();
    await drawn();
    expect(last.rowsSeen).toBe(10);
    expect(last.window).toEqual({ first: 90, end: 121 });
    element.clientHeight = 10;
    resized();
    await drawn();
    expect(last.rowsSeen).toBe(1);
  });

  it('scrolls to a row, and past rows added above', async () => {
    last.see(50);
    await drawn();
    expect(element.scrollTop).toBe(51 * ROW - 80);
    last.moveTop((top) => top + ROW);
    await drawn();
    expect(element.scrollTop).toBe(52 * ROW - 80);
    expect(last.window.first).toBe(38);
  });

  it('is observed until it is removed', () => {
    render(null, root);
    expect(element.observed).toBe(0);
  });
});
