import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { charset, EspRequest, encodeMessage } from '#wire';
import { Events } from '../../../mock-platform/admin/events.js';
import { Journal } from '../../../mock-platform/journal/index.js';
import type { RunningPlatform } from '../../../mock-platform/runtime/index.js';
import { request } from '../../support/raw-client.js';

/** Something that can be followed, and says how many do so. */
class Followed<Change = void> {
  readonly listeners = new Set<(change: Change) => void>();
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  announce(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}

/** The response to a client, which reads as much as `writableLength` says. */
class Response extends EventEmitter {
  writableLength = 0;
  text = '';
  state = 'open';
  head: unknown[] = [];
  readonly noDelay: boolean[] = [];
  writeHead(...head: unknown[]): void {
    this.head = head;
  }
  write(text: string): void {
    this.text += text;
  }
  end(text = ''): void {
    this.text += text;
    this.state = 'ended';
  }
  destroy(): void {
    this.state = 'destroyed';
  }
  /** What came since it was asked last, without empty lines. */
  news(): string[] {
    const lines = this.text.split('\n').filter((line) => line !== '');
    this.text = '';
    return lines;
  }
}

let journal: Journal;
let connections: Followed;
let faults: Followed;
let stubFiles: Followed;
let billing: Followed & { name: string; notices: () => object[] };
let reloads: Followed<{ kind: string }>;
let events: Events;

beforeEach(() => {
  jest.useFakeTimers();
  journal = new Journal();
  connections = new Followed();
  faults = new Followed();
  stubFiles = new Followed();
  billing = Object.assign(new Followed(), { name: 'billing', notices: (): object[] => [] });
  reloads = new Followed();
  events = new Events({
    journal,
    connections,
    faults,
    stubFiles,
    upstreams: [billing],
    reloads,
  } as unknown as RunningPlatform);
});
afterEach(() => {
  events.close();
  jest.useRealTimers();
});

function open(): Response {
  const response = new Response();
  const socket = { setNoDelay: (noDelay: boolean) => response.noDelay.push(noDelay) };
  events.open({ socket } as unknown as IncomingMessage, response as unknown as ServerResponse);
  return response;
}

const message = request(1, 'Greeting', 'Greet', { Name: 'Ann' });
const begin = () =>
  journal.begin({
    ...{ client: 'a', application: 'DMS', key: 'a', request: new EspRequest(message) },
    frame: encodeMessage(message, charset()),
  });
const changed = (what: string): string[] => ['event: changed', `data: {"what":"${what}"}`];

describe('a client', () => {
  it('is told when to reconnect', () => {
    const client = open();
    expect(client.head).toEqual([
      200,
      {
        ...{ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
        'x-content-type-options': 'nosniff',
      },
    ]);
    expect([client.text, client.noDelay]).toEqual(['retry: 1000\n\n', [true]]);
  });

  it('hears a heartbeat every 15 s', () => {
    const client = open();
    client.news();
    jest.advanceTimersByTime(14_999);
    expect(client.text).toBe('');
    jest.advanceTimersByTime(1);
    expect(client.text).toBe(': heartbeat\n\n');
  });

  it('hears changes after 50 ms, each once', () => {
    const [first, second] = [open(), open()];
    first.news();
    events.changed('stubs');
    events.changed('stubs');
    events.changed('journal');
    jest.advanceTimersByTime(49);
    expect(first.text).toBe('');
    jest.advanceTimersByTime(1);
    expect(first.text).toBe('event: changed\ndata: {"what":"stubs"}\n\nevent: changed\ndata: {"what":"journal"}\n\n');
    expect(second.text).toContain(first.text);
    first.news();
    jest.advanceTimersByTime(1000);
    expect(first.text).toBe('');
    events.changed('stubs');
    jest.advanceTimersByTime(50);
    expect(first.news()).toEqual(changed('stubs'));
  });

  it('hears no changes of the time before it came', () => {
    events.changed('stubs');
    begin();
    billing.announce();
    const client = open();
    jest.advanceTimersByTime(1000);
    expect(client.news()).toEqual(['retry: 1000']);
  });

  it('hears of each entry of the journal once, as it is then', () => {
    const client = open();
    client.news();
    const [first, second] = [begin(), begin()];
    journal.end(first, 'none', '');
    jest.advanceTimersByTime(50);
    const lines = client.news();
    expect(lines.filter((line) => line.startsWith('event'))).toEqual(['event: journal', 'event: journal']);
    const entries = lines.filter((line) => line.startsWith('data')).map((line) => JSON.parse(line.slice(6)));
    expect(entries).toMatchObject([
      { id: first, outcome: 'none' },
      { id: second, outcome: 'pending' },
    ]);
    jest.advanceTimersByTime(50);
    expect(client.text).toBe('');
  });

  it('hears that the journal was cleared instead of its entries', () => {
    const client = open();
    client.news();
    begin();
    journal.clear();
    jest.advanceTimersByTime(50);
    expect(client.news()).toEqual(changed('journal'));
  });

  it.each<[string, () => void, string[]]>([
    ['connections', () => connections.announce(), changed('configuration')],
    ['faults', () => faults.announce(), changed('faults')],
    ['a reload', () => reloads.announce({ kind: 'applied' }), [...changed('reload'), ...changed('configuration')]],
    ['a reload that failed', () => reloads.announce({ kind: 'failed' }), changed('reload')],
  ])('hears of %s', (_what, announce, lines) => {
    const client = open();
    client.news();
    announce();
    jest.advanceTimersByTime(50);
    expect(client.news()).toEqual(lines);
  });

  it('hears of an upstream, and of its notices when they change', () => {
    const client = open();
    client.news();
    const announced = () => {
      billing.announce();
      jest.advanceTimersByTime(50);
      return client.news();
    };
    const both = [...changed('billing'), ...changed('notices')];
    expect([announced(), announced()]).toEqual([changed('billing'), changed('billing')]);
    billing.notices = () => [{ title: 'slow', effect: 'late', since: 1 }];
    expect([announced(), announced()]).toEqual([both, changed('billing')]);
    billing.notices = () => [{ title: 'slow', effect: 'late', since: 2 }];
    expect(announced()).toEqual(changed('billing'));
    billing.notices = () => [{ title: 'slow', effect: 'later', since: 2 }];
    expect(announced()).toEqual(both);
  });

  it('that reads too slowly is dropped, and may read why for 2 s', () => {
    const [slow, quick] = [open(), open()];
    slow.writableLength = 1 << 20;
    events.changed('stubs');
    jest.advanceTimersByTime(50);
    expect(slow.text).toContain('"stubs"');
    slow.writableLength++;
    slow.news();
    events.changed('faults');
    jest.advanceTimersByTime(50);
    expect(slow.text).toBe(': client too slow; reconnect and load the missed changes\n\n');
    expect([slow.state, quick.state]).toEqual(['ended', 'open']);
    slow.news();
    events.changed('journal');
    jest.advanceTimersByTime(1999);
    expect([slow.state, slow.text]).toEqual(['ended', '']);
    expect(quick.text).toContain('"journal"');
    jest.advanceTimersByTime(1);
    expect(slow.state).toBe('destroyed');
  });

  it('that has gone hears nothing more, and its errors do not matter', () => {
    const client = open();
    client.emit('error', new Error('reset'));
    client.emit('close');
    client.news();
    events.changed('stubs');
    jest.advanceTimersByTime(20_000);
    expect(client.text).toBe('');
  });
});

it('after it has closed, nobody is followed, and nobody can come', () => {
  const client = open();
  events.changed('stubs');
  events.close();
  expect(client.state).toBe('ended');
  client.news();
  jest.advanceTimersByTime(20_000);
  expect([client.text, jest.getTimerCount()]).toEqual(['', 0]);
  expect([connections, faults, stubFiles, billing, reloads].map(({ listeners }) => listeners.size)).toEqual([
    0, 0, 0, 0, 0,
  ]);
  expect(open().state).toBe('destroyed');
});

it('reloaded stub files also change the stubs', () => {
  const client = open();
  client.news();
  stubFiles.announce(undefined);
  jest.advanceTimersByTime(50);
  expect(client.news()).toEqual([...changed('stubs'), ...changed('files')]);
});

it('a platform need not reload', () => {
  const more = new Events({ journal, connections, faults, stubFiles, upstreams: [] } as unknown as RunningPlatform);
  more.close();
  expect(connections.listeners.size).toBe(1);
});
