import { expect, it } from '@jest/globals';
import type { ListenerTls } from '../../../src/transport/index.js';
import { charset, encodeMessage } from '../../../src/wire/index.js';
import { pluginOf, TestHost } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';

const STOPS = 200;
/** Stops that take place beside each other, in the same event loop. */
const BESIDE = 50;
const DRAIN_MS = 2000;
/** Longer than a connection must have been quiet to be closed. */
const HOLD_MS = 150;
const PIECE = 8;
const PIECE_MS = 30;

/** Numbers from 0 to below 1 that are the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A host whose method answers at once or some ms later, and the numbers of the requests that it has begun. */
async function start(random: () => number, tls?: ListenerTls) {
  const begun: string[] = [];
  const plugin = pluginOf('Test', 'Echo', ({ received }) => {
    begun.push(received.string('Number') ?? '');
    const answer = { Number: received.string('Number') };
    return random() < 0.5 ? answer : later(random() * 10).then(() => answer);
  });
  return { host: await TestHost.start({ plugins: [plugin], ...(tls === undefined ? {} : { tls }) }), begun };
}

type Send = (client: RawClient, bytes: () => Buffer) => Promise<void>;

/** Clients that send requests until their connection ends. */
const CLIENTS: readonly Send[] = [
  // One request after the other.
  async (client, bytes) => {
    for (let asked = 1; !client.socket.destroyed; asked++) {
      client.write(bytes());
      await client.messages(asked).catch(() => undefined);
    }
  },
  // Never quiet.
  async (client, bytes) => {
    for (; !client.socket.destroyed; await later(5)) client.write(bytes());
  },
  // Requests in pieces.
  async (client, bytes) => {
    while (!client.socket.destroyed) {
      const whole = bytes();
      for (let at = 0; at < whole.length && !client.socket.destroyed; at += PIECE, await later(PIECE_MS))
        client.write(whole.subarray(at, at + PIECE));
    }
  },
  // A request now and then, as the last of which the loop is busy for longer than a connection must be quiet.
  async (client, bytes) => {
    for (; !client.socket.destroyed; await later(120)) client.write(bytes());
  },
];

async function stop(seed: number): Promise<void> {
  const random = numbers(seed);
  const { host, begun } = await start(random);
  const clients = await Promise.all(CLIENTS.map(() => host.client()));
  const sending = clients.map((client, index) => {
    let sent = 0;
    const bytes = (): Buffer => {
      const message = request(++sent, 'Test', 'Echo', { Number: `${index}.${sent}` });
      return encodeMessage(message, charset());
    };
    return CLIENTS[index]?.(client, bytes);
  });
  await later(random() * 50);
  const drained = host.adapter.drain(DRAIN_MS);
  await Promise.all([drained, ...clients.map(({ closed }) => closed), ...sending]);
  const answered = clients.flatMap(({ received }) => received.map(outcome)).sort();
  expect({ seed, answered }).toEqual({ seed, answered: begun.map((number) => `{"Number":"${number}"}`).sort() });
  await host.stop();
}

it('200 stops: each request is answered once or never begun, in pieces or not, though the loop is held up', async () => {
  for (let first = 1; first <= STOPS; first += BESIDE) {
    const stops = Promise.all(Array.from({ length: BESIDE }, (_, index) => stop(first + index)));
    let over = false;
    const held = stops.finally(() => {
      over = true;
    });
    for (; !over; await later(40)) {
      const end = performance.now() + HOLD_MS;
      while (performance.now() < end);
    }
    await held;
  }
}, 120_000);

/** Connects again and again until it is refused, and asks on each connection. */
async function arrive(port: number, ca: string, next: () => string): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (;;) {
    const client = await RawClient.openTls(port, { ca }).catch(() => undefined);
    if (client === undefined) return clients;
    clients.push(client);
    client.send(request(1, 'Test', 'Echo', { Number: next() }), request(2, 'Test', 'Echo', { Number: next() }));
  }
}

it('the same over TLS, for clients that are just connecting', async () => {
  const { server } = await certificates();
  for (let seed = 1; seed <= 10; seed++) {
    const random = numbers(seed);
    const { host, begun } = await start(random, server);
    let sent = 0;
    const next = (): string => String(++sent);
    const arriving = Array.from({ length: 8 }, () => arrive(host.adapter.port, server.certificate, next));
    await until(() => begun.length > 20 * random());
    const drained = host.adapter.drain(DRAIN_MS);
    const clients = (await Promise.all(arriving)).flat();
    await Promise.all([drained, ...clients.map(({ closed }) => closed)]);
    const answered = clients.flatMap(({ received }) => received.map(outcome)).sort();
    expect(answered).toEqual(begun.map((number) => `{"Number":"${number}"}`).sort());
    await host.stop();
  }
}, 60_000);
