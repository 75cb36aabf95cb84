import { beforeEach, describe, expect, it } from '@jest/globals';
import { changed, changes, follow, journal, live } from '../../../../mock-platform/console/state/session.js';
import { summary } from '../summary.js';
import { FakeEventSource, FakePage, settled } from './fake-page.js';

let page: FakePage;
beforeEach(() => {
  page = new FakePage();
  live.set('connecting');
  changes.set({ faults: 0, stubs: 0, files: 0, notices: 0, configuration: 0, journal: 0, reload: 0 });
});

const loads = () => page.asked.filter(({ path }) => path === 'api/journal?limit=200').length;
const say = (name: string, data?: unknown) => FakeEventSource.opened.at(-1)?.say(name, data);

describe('the session', () => {
  it('counts changes', () => {
    changed('faults');
    changed('faults');
    changed('stubs');
    expect(changes.value).toEqual({
      faults: 2,
      stubs: 1,
      files: 0,
      notices: 0,
      configuration: 0,
      journal: 0,
      reload: 0,
    });
    expect(loads()).toBe(0);
  });

  it('loads the journal again when it has changed', () => {
    changed('journal');
    expect(changes.value.journal).toBe(1);
    expect(loads()).toBe(1);
  });

  it('passes events of the platform to the journal and the views', async () => {
    follow();
    say('changed', { what: 'billing' });
    say('journal', summary({ id: 4 }));
    await page.ring();
    expect(changes.value.billing).toBe(1);
    expect(journal.state.value.entries.map(({ id }) => id)).toEqual([4]);
  });

  it('loads the journal at the start, and again when the events are connected', () => {
    follow();
    expect([loads(), live.value]).toEqual([1, 'connecting']);
    say('open');
    expect([loads(), live.value]).toEqual([2, 'live']);
    expect(changes.value).toMatchObject({ faults: 0, stubs: 0, notices: 0, configuration: 0 });
  });

  it('loads everything again that it may have missed after a lost connection', async () => {
    follow();
    say('open');
    say('error');
    expect([loads(), live.value]).toEqual([2, 'lost']);
    say('open');
    await settled();
    expect([loads(), live.value]).toEqual([3, 'live']);
    expect(changes.value).toEqual({
      faults: 1,
      stubs: 1,
      files: 1,
      notices: 1,
      configuration: 1,
      journal: 0,
      reload: 0,
    });
  });
});
