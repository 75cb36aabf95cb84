import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import { EspRequest } from '../../src/esp/index.js';
import type { Reply } from '../../src/host/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { request } from '../support/raw-client.js';

/** What a host keeps of requests whose handlers are never done. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let host: TestHost | undefined;
afterEach(() => host?.stop());

/** The promises of handlers that are never done, and calls: kept as a timer or a socket of a plugin would. */
const kept: unknown[] = [];
const never = (...keeps: unknown[]): Promise<never> => {
  const promise = new Promise<never>(() => undefined);
  kept.push(promise, ...keeps);
  return promise;
};
const hanging = pluginOf('Test', 'Hang', () => never());
const keeping = pluginOf('Test', 'Keep', (call) => never(call, call.signal));

async function collected(refs: readonly WeakRef<object>[]): Promise<boolean> {
  for (let round = 0; round < 20; round++) {
    await turn();
    collect();
    if (refs.every((ref) => ref.deref() === undefined)) return true;
  }
  return false;
}

/** Dispatches requests with something of a connection's in their replies, and keeps neither. */
function dispatch(count: number, end: (began: TestHost, index: number, reply: () => void) => void): WeakRef<object>[] {
  return Array.from({ length: count }, (_, index) => {
    const asked = new EspRequest(request(index, 'Test', 'Hang'));
    const connection = { peer: '10.0.0.1:1', last: undefined as unknown };
    const reply: Reply = (message) => {
      connection.last = message;
    };
    const began = host as TestHost;
    const waiting = began.host.dispatcher.dispatch(asked, connection, reply);
    end(began, index, () => waiting && began.host.dispatcher.abandon(waiting));
    return [new WeakRef<object>(asked), new WeakRef<object>(connection)];
  }).flat();
}

it('after the deadline, it keeps neither the request nor its connection', async () => {
  const clock = new FakeClock();
  host = await TestHost.start({ plugins: [hanging], clock, limits: { deadlineMs: 100 } });
  const refs = dispatch(3, () => undefined);
  expect(host.host.dispatcher.inFlight).toBe(3);
  clock.advance(101);
  expect(host.host.dispatcher.inFlight).toBe(0);
  expect(await collected(refs)).toBe(true);
});

it('after the client has disconnected, it keeps neither', async () => {
  host = await TestHost.start({ plugins: [hanging] });
  const refs = dispatch(3, (_host, _index, abandon) => abandon());
  expect(await collected(refs)).toBe(true);
});

/** Abandons its request from a method of its own, so that a stack trace taken meanwhile refers to it. */
class Connection {
  readonly peer = '10.0.0.1:1';
  readonly received = Buffer.alloc(65_536);

  ask({ host: { dispatcher } }: TestHost): void {
    const waiting = dispatcher.dispatch(new EspRequest(request(1, 'Test', 'Keep')), this, () => undefined);
    if (waiting !== undefined) dispatcher.abandon(waiting);
  }
}

it('after the client has disconnected, a handler that keeps its call does not keep the connection', async () => {
  host = await TestHost.start({ plugins: [keeping] });
  const refs = Array.from({ length: 3 }, () => {
    const connection = new Connection();
    connection.ask(host as TestHost);
    return new WeakRef<object>(connection);
  });
  expect(await collected(refs)).toBe(true);
});
