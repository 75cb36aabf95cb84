import { beforeEach, describe, expect, it } from '@jest/globals';
import { listen } from '../../../../mock-platform/console/api/events.js';
import { summary } from '../summary.js';
import { FakeEventSource, FakePage } from './fake-page.js';

let page: FakePage;
let heard: string[];
let stop: () => void;
const source = (index = -1): FakeEventSource => FakeEventSource.opened.at(index) as FakeEventSource;

beforeEach(() => {
  page = new FakePage();
  heard = [];
  stop = listen({
    journal: ({ id }) => heard.push(`entry ${id}`),
    changed: (what) => heard.push(`changed ${what}`),
    state: (state) => heard.push(state),
  });
});

/** The browser closes a connection. */
function giveUp(): void {
  source().readyState = FakeEventSource.CLOSED;
  source().say('error');
}

describe('the events of the platform', () => {
  it('are passed on', () => {
    source().say('open');
    source().say('journal', summary({ id: 4 }));
    source().say('changed', { what: 'faults' });
    expect(source().url).toBe('api/events');
    expect(heard).toEqual(['connecting', 'live', 'entry 4', 'changed faults']);
  });

  it('let the browser reconnect as long as it does', () => {
    source().say('error');
    source().say('open');
    expect(heard).toEqual(['connecting', 'lost', 'live']);
    expect(page.timers.size).toBe(0);
  });

  it('reconnect with growing delays after the browser has given up, and quickly again after a success', async () => {
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries++) {
      giveUp();
      waits.push(...(await page.ring()));
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(FakeEventSource.opened).toHaveLength(8);
    source().say('open');
    giveUp();
    expect(await page.ring()).toEqual([500]);
  });

  it('end when the listener stops', () => {
    giveUp();
    stop();
    expect(page.timers.size).toBe(0);
    expect(source().closed).toBe(true);
  });
});
