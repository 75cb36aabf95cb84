import { beforeEach, describe, expect, it } from '@jest/globals';
import { focusFilter, hasOwnKeys, isTyping } from '../../../../mock-platform/console/shell/keyboard.js';
import { applyTheme, THEMES, theme } from '../../../../mock-platform/console/shell/theme.js';
import { Store, stored } from '../../../../mock-platform/console/state/store.js';
import { FakePage } from './fake-page.js';

let page: FakePage;
beforeEach(() => {
  page = new FakePage();
});

describe('a store', () => {
  it('notifies its watchers of changes until they unsubscribe', () => {
    const store = new Store(1);
    const seen: number[] = [];
    const stop = store.watch(() => seen.push(store.value));
    store.set(1);
    store.update((value) => value + 1);
    stop();
    store.set(3);
    expect(seen).toEqual([2]);
    expect(store.value).toBe(3);
  });
});

describe('a stored value', () => {
  const read = (text: string | null) => Number(text ?? 4);

  it('is restored by its name', () => {
    stored('rows', read).set(7);
    expect([...page.remembered]).toEqual([['esp-host.console.rows', '7']]);
    expect(stored('rows', read).value).toBe(7);
    expect(stored('columns', read).value).toBe(4);
  });

  it('is lost in a browser that refuses to store it', () => {
    page.refusesToRemember = true;
    const store = stored('rows', read);
    store.set(7);
    expect(store.value).toBe(7);
  });
});

describe('the theme', () => {
  it('is that of the browser unless another is selected, and applies to the page', () => {
    expect(theme.value).toBe('system');
    applyTheme();
    expect(page.document.documentElement.dataset.theme).toBe('system');
    theme.set('dark');
    expect(page.document.documentElement.dataset.theme).toBe('dark');
    expect(page.remembered.get('esp-host.console.theme')).toBe('dark');
    theme.set('system');
    expect(THEMES).toEqual(['system', 'light', 'dark']);
  });
});

describe('the route', () => {
  it('follows the address, and each view keeps its last one', async () => {
    page = new FakePage('#/journal?q=fault');
    const { go, hashOf, route } = await import('../../../../mock-platform/console/shell/navigation.js');
    expect(route.value).toMatchObject({ view: 'journal', query: { q: 'fault' } });
    go('#/stubs');
    expect(route.value.view).toBe('stubs');
    go('#/stubs');
    go('#/journal/7', true);
    expect(page.history).toEqual(['push #/stubs', 'replace #/journal/7']);
    expect([hashOf('journal'), hashOf('stubs'), hashOf('faults')]).toEqual(['#/journal/7', '#/stubs', '#/faults']);
    window.location.hash = '#/charts';
    page.events.get('hashchange')?.();
    expect(route.value.view).toBe('charts');
    expect(hashOf('charts')).toBe('#/charts');
  });
});

describe('a key', () => {
  class FakeElement {
    constructor(readonly found: string) {}
    closest = (selector: string) => (selector.includes(this.found) ? this : null);
  }
  const pressed = (found: string, keys = {}) => {
    Object.assign(globalThis, { Element: FakeElement });
    const target: unknown = new FakeElement(found);
    const path = () => [target as EventTarget];
    return { ctrlKey: false, metaKey: false, altKey: false, ...keys, composedPath: path } as KeyboardEvent;
  };

  it('belongs to a field or to the browser', () => {
    expect(isTyping(pressed('textarea'))).toBe(true);
    expect(isTyping(pressed('nothing'))).toBe(false);
    for (const key of ['ctrlKey', 'metaKey', 'altKey'])
      expect(isTyping(pressed('nothing', { [key]: true }))).toBe(true);
  });

  it('may belong to a link, a button or a tree', () => {
    for (const part of ['textarea', 'button', '[role=tree]', 'dialog']) expect(hasOwnKeys(pressed(part))).toBe(true);
    expect(isTyping(pressed('[role=tree]'))).toBe(false);
    expect(hasOwnKeys(pressed('nothing'))).toBe(false);
    expect(hasOwnKeys({ ...pressed('a'), composedPath: () => [] } as KeyboardEvent)).toBe(false);
  });

  it('focuses the filter of a view that has one', () => {
    const done: string[] = [];
    const filter = { focus: () => done.push('focus'), select: () => done.push('select') };
    Object.assign(page.document, {
      querySelector: (selector: string) => (selector === '[data-filter]' ? filter : null),
    });
    expect(focusFilter()).toBe(true);
    expect(done).toEqual(['focus', 'select']);
    Object.assign(page.document, { querySelector: () => null });
    expect(focusFilter()).toBe(false);
  });
});
