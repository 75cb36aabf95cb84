import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Connection, Connections, type PendingCall } from '../../../src/adapters/http/connections.js';
import { RationedLog } from '../../../src/telemetry/index.js';
import { BufferBudget, QUIET_MS } from '../../../src/transport/index.js';
import { LogLines } from '../../support/log-lines.js';
import { closeSockets, read, socketPair, turn } from '../../transport/sockets.js';

let budget: BufferBudget;
let near: Socket;
let far: Socket;
let evicted: number[];
let connection: Connection;

beforeEach(async () => {
  budget = new BufferBudget(100_000);
  ({ near, far } = await socketPair(false));
  evicted = [];
  connection = new Connection(near, budget, (_, bytes) => void evicted.push(bytes));
});
afterEach(closeSockets);

function begin({ complete = true } = {}): ServerResponse {
  const request = new IncomingMessage(near);
  request.complete = complete;
  const response = new ServerResponse(request);
  connection.begin(response);
  return response;
}

/** A call, and what it is told. */
function pending(): PendingCall & { readonly told: string[] } {
  const told: string[] = [];
  return { told, abandon: () => void told.push('abandon'), turnAway: () => void told.push('turn away') };
}

const held = () => ({ waiting: budget.waiting, stalled: budget.stalled });

describe('a connection', () => {
  it('holds the bytes of each request until it ends', () => {
    const [first, second] = [begin(), begin()];
    const call = pending();
    connection.buffered(first.req, 300);
    connection.buffered(second.req, 40);
    connection.buffered(first.req, 100);
    expect(held()).toEqual({ waiting: 0, stalled: 140 });
    connection.buffered(first.req, 0);
    connection.add(first.req, 500, call);
    connection.add(second.req, 70, pending());
    expect(held()).toEqual({ waiting: 570, stalled: 40 });
    first.emit('close');
    first.emit('close');
    expect([held(), call.told]).toEqual([{ waiting: 70, stalled: 40 }, ['abandon']]);
    connection.buffered(first.req, 1000);
    expect(held()).toEqual({ waiting: 70, stalled: 40 });
    second.emit('close');
    expect(held()).toEqual({ waiting: 0, stalled: 0 });
  });

  it('that closes abandons its calls, and those that begin afterwards', async () => {
    const [first, late] = [begin(), begin()];
    const [call, second, none] = [pending(), pending(), pending()];
    connection.add(first.req, 500, call);
    connection.add(late.req, 500, second);
    near.destroy();
    await new Promise((resolve) => near.once('close', resolve));
    connection.add(late.req, 500, none);
    expect([call.told, second.told, none.told]).toEqual([['abandon'], ['abandon'], ['abandon']]);
    expect(held()).toEqual({ waiting: 0, stalled: 0 });
  });

  it('is closed when it uses the most of a full budget', async () => {
    const { req } = begin();
    connection.buffered(req, 60_000);
    await new Promise((resolve) => near.once('close', resolve));
    expect([evicted, near.destroyed]).toEqual([[60_000], true]);
  });

  it('may have 16 open requests', () => {
    const responses = Array.from({ length: 15 }, () => begin());
    expect(connection.full).toBe(false);
    begin();
    expect(connection.full).toBe(true);
    responses[3]?.emit('close');
    expect(connection.full).toBe(false);
  });

  it('owes a reply to a request that has come whole', () => {
    expect(connection.owesReply).toBe(false);
    begin({ complete: false });
    expect(connection.owesReply).toBe(false);
    const whole = begin();
    begin({ complete: false });
    expect(connection.owesReply).toBe(true);
    whole.emit('close');
    expect(connection.owesReply).toBe(false);
  });

  it('ends with the reply to its last request', () => {
    const [first, last] = [begin(), begin()];
    expect([connection.endWith(first), connection.ending]).toEqual([false, false]);
    expect([connection.endWith(last), connection.ending, connection.endWith(first)]).toEqual([true, true, true]);
  });

  it('turns away the calls in flight', () => {
    const call = pending();
    begin();
    connection.add(begin().req, 1, call);
    connection.turnAway();
    expect(call.told).toEqual(['turn away']);
  });

  it('has room for a request of half of the budget', () => {
    expect([connection.fits(25_000), connection.fits(100_001)]).toEqual([true, false]);
  });
});

describe('a connection that ends when it is quiet', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function advance(ms: number): Promise<void> {
    jest.advanceTimersByTime(ms);
    for (let turns = 0; turns < 4; turns++) await turn();
  }
  const bytes = async (count: number) => {
    far.write('x'.repeat(count));
    const before = near.bytesRead;
    near.resume();
    while (near.bytesRead < before + count) await turn();
  };

  it('ends after 100 ms', async () => {
    connection.endWhenQuiet();
    await advance(QUIET_MS - 1);
    expect([near.writableEnded, connection.ending]).toEqual([false, false]);
    await advance(1);
    expect([near.writableEnded, connection.ending]).toEqual([true, true]);
    near.destroy();
    await read(far, Number.POSITIVE_INFINITY);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for its request, and then for 100 ms', async () => {
    const response = begin();
    connection.endWhenQuiet();
    await advance(QUIET_MS);
    await advance(QUIET_MS);
    expect(near.writableEnded).toBe(false);
    response.emit('close');
    await advance(QUIET_MS - 1);
    expect(near.writableEnded).toBe(false);
    await advance(1);
    expect(near.writableEnded).toBe(true);
  });

  it('waits while bytes come, and for the rest of a request that has begun', async () => {
    connection.endWhenQuiet();
    await bytes(10);
    await advance(QUIET_MS);
    await advance(QUIET_MS);
    await advance(QUIET_MS);
    expect(near.writableEnded).toBe(false);
    const response = begin();
    await bytes(10);
    response.emit('close');
    await advance(QUIET_MS);
    await advance(QUIET_MS);
    expect(near.writableEnded).toBe(true);
  });

  it('looks no more once it has closed', async () => {
    connection.endWhenQuiet();
    near.destroy();
    await advance(QUIET_MS);
    expect([jest.getTimerCount(), connection.ending]).toEqual([0, false]);
  });
});

describe('the connections of an adapter', () => {
  let log: LogLines;
  let connections: Connections;
  let handled: number;
  let serve: (request: IncomingMessage, response: ServerResponse) => void;
  beforeEach(() => {
    log = new LogLines();
    connections = new Connections(new RationedLog(log.logger), budget);
    handled = 0;
    serve = connections.tracking(() => handled++);
  });

  const ask = () => {
    const request = new IncomingMessage(near);
    serve(request, new ServerResponse(request));
  };

  it('are the same for each request', () => {
    expect(connections.of(near)).toBe(connections.of(near));
    expect(connections.of(near).peer).toBe(`127.0.0.1:${near.remotePort}`);
  });

  it('begin no request when they end', () => {
    ask();
    connections.of(near).end();
    ask();
    expect([handled, near.writableEnded, near.destroyed]).toEqual([1, true, false]);
  });

  it('are closed with the 17th open request, with one line', async () => {
    for (let asked = 0; asked < 16; asked++) ask();
    expect([handled, near.destroyed]).toEqual([16, false]);
    ask();
    ask();
    expect([handled, near.destroyed]).toEqual([16, true]);
    expect(log.lines).toEqual([
      expect.stringMatching(
        / WARN {2}HTTP connection closed: more than 16 pipelined requests client=127\.0\.0\.1:\d+$/,
      ),
    ]);
  });

  it('are closed with a line when the budget is full', async () => {
    const request = new IncomingMessage(near);
    const own = connections.of(near);
    own.begin(new ServerResponse(request));
    own.buffered(request, 60_000);
    expect(log.lines).toEqual([
      expect.stringMatching(/ WARN {2}HTTP connection closed: limits\.bufferedBytes .* 60000 bytes .* client=127/),
    ]);
  });
});
