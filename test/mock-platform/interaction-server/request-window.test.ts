import { describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import {
  RequestWindow,
  type WindowBounds,
  type WindowRequest,
} from '../../../mock-platform/interaction-server/request-window.js';

/** A window with its clock, and what became of the numbered requests. */
function setting(bounds: Partial<WindowBounds>) {
  const clock = new FakeClock();
  const window = new RequestWindow({ windowSize: Infinity, queueSize: Infinity, timeoutMs: 1000, ...bounds }, clock);
  const events: string[] = [];
  const requests: WindowRequest[] = [];
  const enter = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const number = requests.length;
      const request = {
        send: () => events.push(`sent ${number}`),
        timedOut: () => events.push(`timed out ${number}`),
      };
      requests.push(request);
      if (!window.enter(request)) events.push(`rejected ${number}`);
    }
  };
  const leave = (number: number): void => window.leave(requests[number] as WindowRequest);
  const eventsNow = (): string[] => events.splice(0);
  return { clock, window, enter, leave, eventsNow };
}

describe('requests at once', () => {
  it.each<[string, Partial<WindowBounds>, number, number, number]>([
    ['no bounds', {}, 50, 50, 0],
    ['below the window', { windowSize: 3, queueSize: 0 }, 2, 2, 0],
    ['as many as the window', { windowSize: 3, queueSize: 0 }, 3, 3, 0],
    ['one more than the window, no queue', { windowSize: 3, queueSize: 0 }, 4, 3, 1],
    ['one more than the window', { windowSize: 3, queueSize: 2 }, 4, 3, 0],
    ['as many as window and queue', { windowSize: 3, queueSize: 2 }, 5, 3, 0],
    ['one more than window and queue', { windowSize: 3, queueSize: 2 }, 6, 3, 1],
    ['a window of 1 and any queue', { windowSize: 1 }, 50, 1, 0],
  ])('%s', (_what, bounds, count, sent, rejected) => {
    const { enter, eventsNow } = setting(bounds);
    enter(count);
    const events = eventsNow();
    expect(events.filter((event) => event.startsWith('sent'))).toHaveLength(sent);
    const refused = Array.from({ length: rejected }, (_, index) => `rejected ${count - rejected + index}`);
    expect(events.filter((event) => event.startsWith('rejected'))).toEqual(refused);
  });
});

describe('a reply', () => {
  it('lets the oldest request of the queue go, and makes a place in the queue', () => {
    const { enter, leave, eventsNow } = setting({ windowSize: 2, queueSize: 2 });
    enter(5);
    expect(eventsNow()).toEqual(['sent 0', 'sent 1', 'rejected 4']);
    leave(1);
    expect(eventsNow()).toEqual(['sent 2']);
    enter(2);
    expect(eventsNow()).toEqual(['rejected 6']);
    leave(0);
    leave(0);
    leave(4);
    expect(eventsNow()).toEqual(['sent 3']);
  });

  it('does not come to a request that left the queue', () => {
    const { enter, leave, clock, eventsNow } = setting({ windowSize: 1, queueSize: 2 });
    enter(3);
    leave(1);
    leave(0);
    expect(eventsNow()).toEqual(['sent 0', 'sent 2']);
    leave(2);
    clock.advance(5000);
    expect(eventsNow()).toEqual([]);
  });
});

describe('the timeout', () => {
  it.each([
    ['below', 999, []],
    ['at', 1000, ['timed out 0']],
    ['over', 1001, ['timed out 0']],
  ])('%s its bound', (_what, ms, events) => {
    const { enter, clock, eventsNow } = setting({});
    enter(1);
    eventsNow();
    clock.advance(ms);
    expect(eventsNow()).toEqual(events);
  });

  it('begins when the request is sent, and makes a place', () => {
    const { enter, clock, eventsNow } = setting({ windowSize: 1, queueSize: 1 });
    enter(2);
    clock.advance(1000);
    expect(eventsNow()).toEqual(['sent 0', 'sent 1', 'timed out 0']);
    clock.advance(999);
    enter(2);
    expect(eventsNow()).toEqual(['rejected 3']);
    clock.advance(1);
    expect(eventsNow()).toEqual(['sent 2', 'timed out 1']);
  });
});

it('requests that leave while they are sent let the whole queue through', () => {
  const window = new RequestWindow({ windowSize: 1, queueSize: 100_000, timeoutMs: 1000 }, new FakeClock());
  const first: WindowRequest = { send: () => undefined, timedOut: () => undefined };
  window.enter(first);
  let sent = 0;
  for (let index = 0; index < 100_000; index++) {
    const request: WindowRequest = {
      send: () => {
        sent++;
        window.leave(request);
      },
      timedOut: () => undefined,
    };
    window.enter(request);
  }
  expect(sent).toBe(0);
  window.leave(first);
  expect(sent).toBe(100_000);
});
