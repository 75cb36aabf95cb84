import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import fc from 'fast-check';
import got from 'got';
import { Application, Channels } from '../../src/config/index.js';
import { EspRequest } from '../../src/esp/index.js';
import { Dispatcher, type PendingExchange } from '../../src/host/index.js';
import {
  ConnectionFailedError,
  type EspCall,
  EspFault,
  EspResponse,
  ExecutionFailedError,
  IncorrectParameterError,
  type LabelledCounter,
  type LabelledHistogram,
  Metrics,
  z,
} from '../../src/index.js';
import type { RootLogger } from '../../src/telemetry/index.js';
import { type HostSetup, pluginOf, TestHost } from '../support/esp-host.js';
import { outcome, type RawClient, request } from '../support/raw-client.js';

/** Whatever a method, the log or the metrics do: a request gets one reply, and leaves nothing behind. */

let host: TestHost | undefined;
afterEach(() => host?.stop());

const FAILED = '900 Test.Do failed unexpectedly (ReferenceId 1)';

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const fails = (): never => {
  throw new Error('looked at');
};

const getters = (...names: string[]): PropertyDescriptorMap =>
  Object.fromEntries(names.map((name) => [name, { get: fails }]));

const cyclic = (): Error => {
  const error: Error = new Error('a');
  error.cause = new Error('b', { cause: error });
  return error;
};

/** A fault that was changed behind its constructor. */
const changed = (fields: object): EspFault => Object.assign(new EspFault(1, 'x'), fields);

const thenable = (then: unknown): object => Object.defineProperty({}, 'then', { value: then });

const THROWN: Record<string, () => unknown> = {
  undefined: () => undefined,
  'a null-prototype object': () => Object.create(null),
  'a symbol': () => Symbol('x'),
  'a function': () => fails,
  'a revoked proxy': revoked,
  'a proxy that throws': () => new Proxy({}, { get: fails, getPrototypeOf: fails, has: fails }),
  'an error with a cyclic cause': cyclic,
  'an error whose getters throw': () => Object.defineProperties(new Error('x'), getters('message', 'stack', 'cause')),
  'an object whose toString throws': () => ({ toString: fails, [Symbol.toPrimitive]: fails }),
  '6 MB of digits': () => '1-'.repeat(3_000_000),
  'an error of 6 MB of digits': () => new Error('1-'.repeat(3_000_000)),
  'a fault whose text is an object': () => changed({ message: {} }),
  'a fault whose text is a number': () => changed({ message: 5 }),
  'a fault whose text is null': () => changed({ message: null }),
  'a fault whose code is an object': () => changed({ code: {} }),
  'a fault whose getters throw': () => Object.defineProperties(new EspFault(1, 'x'), getters('code', 'message')),
  'a fault behind a proxy that throws': () => new Proxy(new EspFault(1, 'x'), { get: fails }),
  'a failure whose parts throw': () => Object.defineProperties(new ConnectionFailedError('a', 'b'), getters('channel')),
  'a failure whose parts are no text': () =>
    Object.assign(new ExecutionFailedError('a', 'b'), { why: Object.create(null) }),
  'a parameter that is not a string': () => Object.assign(new IncorrectParameterError('a', 'b'), { parameter: 5 }),
};

const RETURNED: Record<string, () => unknown> = {
  'an object whose getters throw': () => Object.defineProperty({}, 'Id', { get: fails, enumerable: true }),
  'a revoked proxy': revoked,
  'a proxy that throws': () => new Proxy({}, { ownKeys: fails }),
  'an object that holds itself': () => {
    const self: Record<string, unknown> = {};
    self.Self = self;
    return self;
  },
  'a key that no message holds': () => ({ ['k'.repeat(70_000)]: '1' }),
  'a then that throws when read': () => Object.defineProperty({}, 'then', { get: fails }),
  'a then that throws when called': () => thenable(fails),
};

type Do = (call: EspCall) => unknown;
type Later = (value: () => unknown, rejects: boolean) => unknown;

async function start(handle: Do, setup: HostSetup = {}): Promise<RawClient> {
  host = await TestHost.start({
    ...setup,
    plugins: [pluginOf('Test', 'Do', handle), pluginOf('Test', 'Ok', () => ({}), { name: 'ok' })],
  });
  return host.client();
}

/** There is one reply, and the connection and the host continue. */
async function expectOne(client: RawClient, expected: string): Promise<void> {
  expect(outcome(await client.ask(request(1, 'Test', 'Do')))).toBe(expected);
  expect(outcome(await client.ask(request(2, 'Test', 'Ok')))).toBe('{}');
  expect(client.received.map(({ referenceId }) => referenceId)).toEqual([1, 2]);
  expect(host?.host.dispatcher.inFlight).toBe(0);
}

const settle: Later = async (value, rejects) => {
  await Promise.resolve();
  if (rejects) throw value();
  return value();
};

describe.each(Object.entries(THROWN))('a handler that throws %s', (_name, thrown) => {
  it('at once', async () =>
    expectOne(
      await start(() => {
        throw thrown();
      }),
      FAILED,
    ));
  it('later', async () => expectOne(await start(() => settle(thrown, true)), FAILED));
});

describe.each(Object.entries(RETURNED))('a handler that returns %s', (_name, returned) => {
  it('at once', async () => expectOne(await start(returned), FAILED));
  it('later', async () => expectOne(await start(() => settle(returned, false)), FAILED));
});

it('a then that throws when it is read again is fault 900', async () => {
  let times = 0;
  const returned = Object.defineProperty({}, 'then', { get: () => (times++ === 0 ? () => undefined : fails()) });
  await expectOne(await start(() => returned), FAILED);
});

it('a promise whose constructor throws when it is read is fault 900', async () => {
  const returned = Object.defineProperty(Promise.resolve({}), 'constructor', { get: fails });
  await expectOne(await start(() => returned), FAILED);
});

describe('a thenable', () => {
  type Settle = (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void;
  const answer = { Said: '1' };
  it.each<[string, string, Settle]>([
    ['settles at once', '{"Said":"1"}', (resolve) => resolve(answer)],
    ['settles twice', '{"Said":"1"}', (resolve) => [resolve(answer), resolve({ Said: '2' })]],
    ['resolves, then rejects', '{"Said":"1"}', (resolve, reject) => [resolve(answer), reject(new Error('late'))]],
    ['rejects, then resolves', '7 no', (resolve, reject) => [reject(new EspFault(7, 'no')), resolve(answer)]],
    ['resolves, then throws', '{"Said":"1"}', (resolve) => [resolve(answer), fails()]],
    ['rejects, then throws', '7 no', (_resolve, reject) => [reject(new EspFault(7, 'no')), fails()]],
  ])('that %s gets one reply', async (_name, expected, then) => {
    await expectOne(await start(() => thenable(then)), expected);
  });
});

describe('a response over limits.messageBytes', () => {
  const tooLarge = /the response has at least 62914\d+ bytes; limits.messageBytes allows 16777216 bytes/;
  it.each<[string, () => unknown]>([
    ['600 MB of bytes', () => ({ Bytes: new Uint8Array(600 << 20) })],
    ['600 MB in parts', () => ({ Bytes: Array.from({ length: 10 }, () => new Uint8Array(60 << 20)) })],
    ['600 MB in a nested list', () => ({ List: { Bytes: new Uint8Array(600 << 20) } })],
    ['600 MB of user data', () => new EspResponse({}, { Bytes: new Uint8Array(600 << 20) })],
  ])('is fault 900 with its size in the log: %s', async (_name, value) => {
    await expectOne(await start(value), FAILED);
    await host?.log.line(tooLarge);
  });

  it('is recognised by its encoded size if only that is too large', async () => {
    const text = 'é'.repeat(10 << 20);
    await expectOne(await start(() => ({ Text: text })), FAILED);
    await host?.log.line(/the response has at least 2097\d+ bytes/);
    const client = await (host as TestHost).client();
    expect(outcome(await client.ask(request(1, 'Test', 'Ok')))).toBe('{}');
  });
});

it('a request ends at the deadline, whatever happens to its signal', async () => {
  const clock = new FakeClock();
  const client = await start(
    (call) => {
      Object.defineProperty(call.signal, 'aborted', { get: fails });
      Object.defineProperty(call.signal, 'dispatchEvent', { value: fails });
      return new Promise(() => undefined);
    },
    { clock, limits: { deadlineMs: 20 } },
  );
  client.send(request(1, 'Test', 'Do'));
  await client.ask(request(2, 'Test', 'Ok'));
  clock.advance(20);
  const [, late] = await client.messages(2);
  expect(late && outcome(late)).toMatch(/^920 .*deadline of 20 ms passed$/);
  expect(host?.host.dispatcher.inFlight).toBe(0);
});

const KINDS = ['answers', 'throws', 'answers later', 'rejects later', 'hangs', 'answers late', 'has gone'] as const;
type Kind = (typeof KINDS)[number];

const DEADLINE_MS = 1000;

/** What a handler of this kind does. */
function handle(kind: Kind, clock: FakeClock): unknown {
  switch (kind) {
    case 'answers':
      return {};
    case 'throws':
      return fails();
    case 'answers later':
      return Promise.resolve({});
    case 'rejects later':
      return Promise.reject(new EspFault(7, 'no'));
    case 'answers late':
      return new Promise((resolve) => clock.setTimeout(() => resolve({}), 2 * DEADLINE_MS));
    default:
      return new Promise(() => undefined);
  }
}

/** Whatever it is asked for, it may fail. */
class Brittle extends Metrics implements RootLogger {
  constructor(private readonly unlucky: () => void) {
    super();
  }
  override counter(): LabelledCounter {
    return { inc: this.unlucky };
  }
  override histogram(): LabelledHistogram {
    return { observe: this.unlucky };
  }
  enabled(): boolean {
    this.unlucky();
    return true;
  }
  error = (): void => this.unlucky();
  warn = (): void => this.unlucky();
  info = (): void => this.unlucky();
  debug = (): void => this.unlucky();
  child = (): RootLogger => this;
  configure = (): void => this.unlucky();
}

it('any handlers, with a log and metrics that fail at random, leave one reply each and none in flight', async () => {
  const anyRequest = fc.record({
    kind: fc.constantFrom(...KINDS),
    /** How often the reply cannot be written at first. */
    replyFails: fc.nat({ max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRequest, { maxLength: 20 }),
      fc.infiniteStream(fc.boolean()),
      async (requests, luck) => {
        const clock = new FakeClock();
        const brittle = new Brittle(() => {
          if (luck.next().value) throw new Error('out of luck');
        });
        const dispatcher = new Dispatcher({
          application: new Application({ name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' }),
          channels: new Channels([]),
          limits: { deadlineMs: DEADLINE_MS, inFlight: 1000 },
          logger: brittle,
          metrics: brittle,
          http: got,
          clock,
        });
        dispatcher.register(
          { service: 'Test', method: 'Do', parameters: z.object({ Index: z.int() }), response: z.object({}) },
          {
            handle: (call: EspCall) =>
              handle(requests[call.request.referenceId ?? 0]?.kind ?? 'hangs', clock) as object,
          },
        );
        const replies = requests.map(() => 0);
        const begun: PendingExchange[] = [];
        for (const [index, { kind, replyFails }] of requests.entries()) {
          let failing = replyFails;
          const asked = new EspRequest(request(index, 'Test', 'Do', { Index: index }, { AppName: `App${index}` }));
          const waiting = dispatcher.dispatch(asked, { peer: `10.0.0.${index}:1` }, () => {
            if (failing-- > 0) throw new Error('cannot be written');
            replies[index] = (replies[index] ?? 0) + 1;
          });
          if (waiting === undefined) continue;
          begun.push(waiting);
          if (kind === 'has gone') dispatcher.abandon(waiting);
        }
        for (const _ of requests) {
          await new Promise(setImmediate);
          clock.advance(DEADLINE_MS);
        }
        // Nothing becomes of one that is over.
        for (const waiting of begun) {
          waiting.stop();
          dispatcher.abandon(waiting);
        }
        expect(dispatcher.inFlight).toBe(0);
        expect(replies).toEqual(requests.map(({ kind, replyFails }) => repliesOf(kind, replyFails)));
        dispatcher.close();
      },
    ),
    { numRuns: 200 },
  );
});

/** A response, and any fault, is tried once more as fault 900; a response that fails is a fault, which is tried twice. */
function repliesOf(kind: Kind, failing: number): number {
  if (kind === 'has gone') return 0;
  const tries = kind === 'answers' || kind === 'answers later' ? 3 : 2;
  return failing < tries ? 1 : 0;
}
