import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ADDP_TIMEOUT_MAX, Addp, AddpMonitor, decodeInit, encodeAddp, encodeInit } from '../../src/wire/index.js';
import { FakeTimers } from './fake-timers.js';
import { bytes } from './hex.js';
import { read } from './reading.js';

/** When a side of ADDP polls, answers, and takes its peer for dead. */

let clock: FakeTimers;
let sent: string[];
let dead: number[];
let traced: string[];
let monitor: AddpMonitor;

beforeEach(() => {
  clock = new FakeTimers();
  sent = [];
  dead = [];
  traced = [];
  monitor = new AddpMonitor(
    {
      send: (frame) => sent.push(`${frame.toString('latin1', 0, 3)} ${frame.toString('hex', 3)}`),
      dead: (silentMs) => dead.push(silentMs),
      trace: (text, frame) => traced.push(`${text} (${frame})`),
    },
    clock,
    () => 0xabcdef,
  );
});

/** What was sent since it was asked last. */
const news = (): string[] => sent.splice(0);

const TRACE = 0x800000;

describe('a server', () => {
  it('does nothing until its client asks', () => {
    monitor.heard();
    clock.pass(1_000_000);
    expect([news(), dead, clock.waiting]).toEqual([[], [], 0]);
  });

  it('accepts an init, and polls after the requested time, not before', () => {
    monitor.frame(Addp.Init, 15_000);
    expect(news()).toEqual(['p2i abcdef']);
    clock.pass(14_999);
    expect(news()).toEqual([]);
    clock.pass(1);
    expect(news()).toEqual(['p2P 000000']);
  });

  it('agrees to an init of 0 and never polls', () => {
    monitor.frame(Addp.Init, 0);
    expect(news()).toEqual(['p2i abcdef']);
    clock.pass(10_000_000);
    expect([news(), dead, clock.waiting]).toEqual([[], [], 0]);
  });

  it('restarts with the time of a second init', () => {
    monitor.frame(Addp.Init, 1000);
    clock.pass(900);
    monitor.frame(Addp.Init, 5000);
    expect(news()).toEqual(['p2i abcdef', 'p2i abcdef']);
    clock.pass(4999);
    expect(news()).toEqual([]);
    clock.pass(1);
    expect(news()).toEqual(['p2P 000000']);
    expect(clock.waiting).toBe(1);
  });

  it('drops a pending poll at a second init', () => {
    monitor.frame(Addp.Init, 1000);
    clock.pass(1500);
    monitor.frame(Addp.Init, 3000);
    news();
    clock.pass(3000);
    expect([news(), dead]).toEqual([['p2P 000001'], []]);
  });

  it('stops to poll with a second init of 0', () => {
    monitor.frame(Addp.Init, 1000);
    monitor.frame(Addp.Init, 0);
    news();
    clock.pass(100_000);
    expect([news(), dead, clock.waiting]).toEqual([[], [], 0]);
  });
});

describe('silence', () => {
  beforeEach(() => {
    monitor.frame(Addp.Init, 1000);
    news();
  });

  it('of twice the time is a timeout, reported once', () => {
    clock.pass(1000);
    expect(news()).toEqual(['p2P 000000']);
    clock.pass(999);
    expect(dead).toEqual([]);
    clock.pass(1);
    expect(dead).toEqual([2000]);
    clock.pass(100_000);
    expect([news(), dead, clock.waiting]).toEqual([[], [2000], 0]);
  });

  it('is broken by any byte: the time counts from then', () => {
    clock.pass(600);
    monitor.heard();
    clock.pass(999);
    expect(news()).toEqual([]);
    clock.pass(1);
    expect(news()).toEqual(['p2P 000000']);
  });

  it('is broken by any ADDP frame', () => {
    for (const letter of [Addp.InitAck, Addp.Poll, Addp.PollAck]) {
      clock.pass(900);
      monitor.frame(letter, 5);
    }
    clock.pass(999);
    expect(news()).toEqual(['p2p 000005']);
  });

  it('ends with the answer to a poll: the next poll follows after the same time', () => {
    for (const counter of ['000000', '000001', '000002']) {
      clock.pass(1000);
      expect(news()).toEqual([`p2P ${counter}`]);
      monitor.frame(Addp.PollAck, Number.parseInt(counter, 16));
    }
    expect(dead).toEqual([]);
  });

  it('that ends late, but within twice the time, is no timeout', () => {
    clock.pass(1999);
    monitor.heard();
    expect(news()).toEqual(['p2P 000000']);
    clock.pass(1);
    expect([news(), dead]).toEqual([[], []]);
    clock.pass(998);
    expect(news()).toEqual([]);
    clock.pass(1);
    expect(news()).toEqual(['p2P 000001']);
    clock.pass(1000);
    expect(dead).toEqual([2000]);
  });

  it('of a peer that disconnected normally is ignored', () => {
    clock.pass(1500);
    monitor.stop();
    news();
    clock.pass(100_000);
    expect([news(), dead, clock.waiting]).toEqual([[], [], 0]);
  });
});

describe('a poll', () => {
  it.each([0, 1, 0xffffff])('is answered with its own counter, %i, before any init too', (counter) => {
    monitor.frame(Addp.Poll, counter);
    expect(news()).toEqual([`p2p ${counter.toString(16).padStart(6, '0')}`]);
  });

  it('has a counter that increases by one, whatever the answers', () => {
    monitor.init(1, 0);
    news();
    for (let counter = 0; counter < 300; counter++) {
      clock.pass(1);
      expect(news()).toEqual([`p2P ${counter.toString(16).padStart(6, '0')}`]);
      monitor.frame(Addp.PollAck, 0x99);
    }
  });
});

describe('a client', () => {
  it('sends an init with the interval of its server, and polls at its own interval', () => {
    monitor.init(5000, 15_000);
    expect(news()).toEqual(['p2I 003a98']);
    monitor.frame(Addp.InitAck, 0x123456);
    clock.pass(4999);
    expect(news()).toEqual([]);
    clock.pass(1);
    expect(news()).toEqual(['p2P 000000']);
    clock.pass(5000);
    expect(dead).toEqual([10_000]);
  });

  it('asks for a trace with the top bit', () => {
    monitor.init(0, 15_000, true);
    expect(news()).toEqual(['p2I 803a98']);
  });

  it('with a time of 0 never polls', () => {
    monitor.init(0, 15_000);
    news();
    clock.pass(1_000_000);
    expect([news(), dead, clock.waiting]).toEqual([[], [], 0]);
  });
});

describe('a trace', () => {
  it('is not kept unless an init asks for it', () => {
    monitor.frame(Addp.Init, 1000);
    monitor.frame(Addp.Poll, 7);
    clock.pass(2000);
    expect(traced).toEqual([]);
  });

  it('reports every received frame and every poll', () => {
    monitor.frame(Addp.Init, TRACE | 1000);
    monitor.frame(Addp.Poll, 7);
    clock.pass(1000);
    monitor.frame(Addp.PollAck, 0);
    expect(traced).toEqual([
      ...['ADDP init: timeout 1000 ms (init)', 'ADDP P 7 (P)', 'ADDP poll 0 (poll)', 'ADDP p 0 (p)'],
    ]);
  });

  it('ends with an init without it', () => {
    monitor.frame(Addp.Init, TRACE);
    monitor.frame(Addp.Init, 0);
    monitor.frame(Addp.Poll, 1);
    expect(traced).toEqual(['ADDP init: timeout 0 ms (init)']);
  });

  it('is kept by a client that requested it', () => {
    monitor.init(1000, 0, true);
    monitor.frame(Addp.InitAck, 5);
    expect(traced).toEqual(['ADDP i 5 (i)']);
  });

  it('is dropped without a listener', () => {
    const silent = new AddpMonitor({ send: () => {}, dead: () => {} }, clock);
    expect(() => silent.frame(Addp.Init, TRACE)).not.toThrow();
  });
});

it('acknowledges an init with any 24 bits', () => {
  const frames: Buffer[] = [];
  const real = new AddpMonitor({ send: (frame) => frames.push(frame), dead: () => {} }, clock);
  for (let times = 0; times < 50; times++) real.frame(Addp.Init, 0);
  expect(frames.every((frame) => frame.length === 6 && frame.toString('latin1', 0, 3) === 'p2i')).toBe(true);
  expect(new Set(frames.map((frame) => frame.toString('hex'))).size).toBeGreaterThan(1);
});

describe('with the clock of the system', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('polls, until it is stopped', () => {
    const polls: string[] = [];
    const real = new AddpMonitor({ send: (frame) => polls.push(frame.toString('hex')), dead: (ms) => dead.push(ms) });
    real.init(1000, 0);
    jest.advanceTimersByTime(1999);
    expect(polls).toEqual(['703249000000', '703250000000']);
    jest.advanceTimersByTime(1);
    expect(dead).toEqual([2000]);
    real.init(1000, 0);
    real.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});

it('does not keep the process alive', () => {
  const monitored = new AddpMonitor({ send: () => {}, dead: () => {} });
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  monitored.init(60_000, 0);
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before);
  monitored.stop();
});

/** A frame has six bytes: `p2`, a letter, 24 bits. */
describe.each([
  ['I', Addp.Init, '703249'],
  ['i', Addp.InitAck, '703269'],
  ['P', Addp.Poll, '703250'],
  ['p', Addp.PollAck, '703270'],
])('%s', (letter, code, start) => {
  it.each([
    [0, '000000'],
    [1, '000001'],
    [0x012345, '012345'],
    [0xffffff, 'ffffff'],
  ])('with %i', (value, end) => {
    expect(encodeAddp(code, value).toString('hex')).toBe(start + end);
    expect(read(bytes(start + end))).toEqual([`addp ${letter} ${value}`]);
  });
});

it('a counter over 24 bits begins at 0 again', () => {
  expect(encodeAddp(Addp.Poll, 0x1000000).toString('hex')).toBe('703250000000');
  expect(encodeAddp(Addp.Poll, 0x1000001).toString('hex')).toBe('703250000001');
});

describe('an init frame', () => {
  it.each([
    [0, false, '000000'],
    [0, true, '800000'],
    [1, false, '000001'],
    [15_000, false, '003a98'],
    [15_000, true, '803a98'],
    [8_388_607, false, '7fffff'],
    [8_388_607, true, 'ffffff'],
  ])('asks for polls after %i ms, trace %s', (timeoutMs, trace, value) => {
    expect(encodeInit(timeoutMs, trace).toString('hex')).toBe(`703249${value}`);
    expect(decodeInit(Number.parseInt(value, 16))).toEqual({ timeoutMs, trace });
  });

  it('holds no more than 23 bits of milliseconds', () => {
    expect(ADDP_TIMEOUT_MAX).toBe(8_388_607);
    expect(encodeInit(8_388_608, false).toString('hex')).toBe('7032497fffff');
    expect(encodeInit(86_400_000, true).toString('hex')).toBe('703249ffffff');
  });
});
