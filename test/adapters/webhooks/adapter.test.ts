import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Inbox, Outbox, WebhookAdapter, WebhookMetrics } from '../../../src/adapters/webhooks/index.js';
import {
  httpClient,
  jsonOf,
  type WebhookEvent,
  type WebhookReceiver,
  WebhookRefusedError,
} from '../../../src/host/index.js';
import { StateFile } from '../../../src/state/index.js';
import { Metrics } from '../../../src/telemetry/index.js';
import { BufferBudget, Descriptors } from '../../../src/transport/index.js';
import { deferred } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { seriesValue } from '../../support/http.js';
import { LogLines } from '../../support/log-lines.js';
import { intercept } from '../../support/state.js';
import { post } from '../../support/webhooks.js';

const LIMITS = { connections: 20, connectionsPerAddress: 20, frameMs: 10_000 };
const SETTINGS = { waiting: 100, attempts: 3, rememberMs: 3_600_000, deadlineMs: 5000 };

let state: StateFile;
let inbox: Inbox;
let outbox: Outbox;
let adapter: WebhookAdapter;
let metrics: Metrics;
let log: LogLines;
let sockets: Socket[];

beforeEach(() => {
  state = StateFile.inMemory();
  metrics = new Metrics();
  log = new LogLines();
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await adapter.drain(0);
  await Promise.all([inbox.stop(0), outbox.stop(0)]);
  await state.close();
});

const receiver: WebhookReceiver = {
  receive: ({ body }) => jsonOf(body) as WebhookEvent[],
  handle: () => undefined,
};

async function start({ limits = LIMITS, bodyBytes = 10_000, budget = new BufferBudget(1 << 20), own = receiver } = {}) {
  const counted = new WebhookMetrics(metrics);
  inbox = new Inbox({ state, metrics: counted, logger: log.logger, settings: SETTINGS });
  outbox = new Outbox({ state, metrics: counted, logger: log.logger, http: httpClient(metrics) });
  const common = { host: '127.0.0.1', port: 0, logger: log.logger, metrics: counted, budget };
  adapter = new WebhookAdapter({ ...common, limits, bodyBytes, inbox, outbox, descriptors: new Descriptors() });
  await adapter.start();
  await inbox.use([{ path: '/a', plugin: 'one', receiver: own, logger: log.logger }], SETTINGS);
}

const send = (...ids: string[]) =>
  post(adapter.port, JSON.stringify(ids.map((id) => ({ id, data: 1 }))), { path: '/a' });
const value = async (series: string) => seriesValue(await metrics.text(), series);
const answers = (outcome: string, path = '/a') => value(`esp_webhooks_total{path="${path}",outcome="${outcome}"}`);

interface Raw {
  readonly socket: Socket;
  text: string;
}

/** A connection that sends this, and then nothing. */
async function raw(text: string): Promise<Raw> {
  const socket = connect(adapter.port, '127.0.0.1');
  sockets.push(socket);
  const got: Raw = { socket, text: '' };
  socket.setEncoding('utf8').on('data', (part: string) => {
    got.text += part;
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return got;
}

function deep(): unknown {
  let value: unknown = 1;
  for (let depth = 0; depth < 200_000; depth++) value = [value];
  return value;
}

const throwing = (): never => {
  throw new Error('of a trap');
};
/** Errors that cannot be looked at. */
const UNREADABLE: readonly [string, unknown][] = [
  ['a proxy', new Proxy(new Error('it'), { get: throwing, getPrototypeOf: throwing })],
  ['getters', Object.defineProperties(new Error('it'), { stack: { get: throwing }, code: { get: throwing } })],
];

const head = (length: number): string => `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

describe('a sender', () => {
  it('that stalls in its body gets 408, and others are answered meanwhile', async () => {
    await start({ limits: { ...LIMITS, frameMs: 1000 } });
    const slow = await raw(`${head(100)}[`);
    expect(await send('e1')).toMatchObject({ status: 200 });
    await until(() => slow.text.includes('HTTP/1.1 408 '));
    await until(async () => (await answers('incomplete')) === 1);
    await log.line(/webhook connection closed: Request timeout/);
    expect(await answers('incomplete', 'other')).toBeUndefined();
  });

  it('that stalls in its headers gets 408, and is counted', async () => {
    await start({ limits: { ...LIMITS, frameMs: 1000 } });
    const slow = await raw('POST /a HTTP/1.1\r\nHost:');
    await once(slow.socket, 'close');
    expect(slow.text).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    expect([await answers('incomplete', 'other'), await answers('invalid', 'other')]).toEqual([1, undefined]);
  });

  it('that is cut off is counted', async () => {
    await start();
    const gone = await raw(`${head(100)}[`);
    await until(() => adapter.connections === 1);
    gone.socket.destroy();
    await until(async () => (await answers('incomplete')) === 1);
  });

  it('whose whole body is over the limit is answered 413, however it is announced', async () => {
    await start();
    const body = 'a'.repeat(20_000);
    const announced = await raw(`${head(body.length)}${body}`);
    const chunked = await raw(
      `POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n${body}\r\n0\r\n\r\n`,
    );
    await until(() => [announced, chunked].every(({ text }) => text.includes('HTTP/1.1 413 ')));
    expect(await answers('too_large')).toBe(2);
    expect(await send('e1')).toMatchObject({ status: 200 });
  });

  it('of something else than HTTP is answered 400', async () => {
    await start();
    const other = await raw('\x00\x01\x02\r\n\r\n');
    await once(other.socket, 'close');
    expect(other.text).toContain('HTTP/1.1 400 ');
    expect(await answers('invalid', 'other')).toBe(1);
  });

  it('may pipeline 16 requests', async () => {
    const held = deferred();
    let accepted = 0;
    intercept(state, ({ kind }) => {
      if (kind !== 'accept') return undefined;
      if (++accepted === 16) held.resolve();
      return held.promise;
    });
    await start();
    const body = '[{"id":"a","data":1}]';
    const many = await raw(`${head(body.length)}${body}`.repeat(16));
    await until(() => many.text.split('HTTP/1.1 200 OK').length === 17);
    expect(many.socket.destroyed).toBe(false);
  });

  it('uses no bytes of the budget between its requests', async () => {
    const budget = new BufferBudget(1 << 20);
    await start({ budget });
    const kept = await raw(`${head(5000)}${'a'.repeat(4999)}`);
    await until(() => budget.stalled === 5000 || budget.stalled === 4999);
    kept.socket.write('a');
    await until(() => kept.text.includes('HTTP/1.1 400') || kept.text.includes('HTTP/1.1 500'));
    expect([budget.stalled, adapter.connections]).toEqual([0, 1]);
  });

  it('that pipelines too much is closed', async () => {
    const held = deferred();
    intercept(state, ({ kind }) => (kind === 'accept' ? held.promise : undefined));
    await start();
    const body = '[{"id":"a","data":1}]';
    const many = await raw(`${head(body.length)}${body}`.repeat(17));
    await once(many.socket, 'close');
    held.resolve();
    expect(await send('e1')).toMatchObject({ status: 200 });
  });

  it('that uses the most of a full budget is closed', async () => {
    await start({ budget: new BufferBudget(20_000) });
    const greedy = await raw(`${head(10_000)}${'a'.repeat(9000)}`);
    const other = await raw(`${head(10_000)}${'a'.repeat(3000)}`);
    await once(greedy.socket, 'close');
    expect(other.socket.destroyed).toBe(false);
    await log.line(/limits.bufferedBytes is reached, and this client uses the most/);
  });

  it('uses the bytes of all its pipelined bodies', async () => {
    const held = deferred();
    intercept(state, ({ kind }) => (kind === 'accept' ? held.promise : undefined));
    await start({ budget: new BufferBudget(30_000) });
    const body = JSON.stringify([{ id: 'a', data: 'a'.repeat(9000) }]);
    const greedy = await raw(`${head(body.length)}${body}`.repeat(2));
    await once(greedy.socket, 'close');
    await log.line(/limits.bufferedBytes is reached, and this client uses the most: 18\d{3} bytes/);
    held.resolve();
  });

  it('over the limit of connections is refused and counted', async () => {
    await start({ limits: { ...LIMITS, connectionsPerAddress: 1 } });
    await raw('');
    const refused = await raw('');
    await once(refused.socket, 'close');
    expect(await value('esp_webhook_connections_refused_total{reason="address"}')).toBe(1);
    expect(await value('esp_webhook_connections')).toBe(1);
  });
});

describe('the answer to a webhook', () => {
  const refusing = (status: 400 | 401 | 403): WebhookReceiver => ({
    receive: () => {
      throw new WebhookRefusedError(status, `refused with ${status}`);
    },
    handle: () => undefined,
    verify: ({ query }) => `challenge ${query.get('c')}`,
  });
  const error = (text: string) => ({ type: 'application/json', text: JSON.stringify({ error: text }) });

  it.each([
    ['POST', '/a', receiver, { status: 200, type: 'text/plain; charset=utf-8', text: '' }],
    ['POST', '/a?x=1', refusing(400), { status: 400, ...error('refused with 400') }],
    ['POST', '/a', refusing(401), { status: 401, ...error('refused with 401') }],
    ['POST', '/a', refusing(403), { status: 403, ...error('refused with 403') }],
    ['GET', '/a?c=1', refusing(400), { status: 200, type: 'text/plain; charset=utf-8', text: 'challenge 1' }],
    ['GET', '/a', receiver, { status: 405, ...error('use POST'), allow: 'POST' }],
    ['PUT', '/a', refusing(400), { status: 405, ...error('use GET, POST'), allow: 'GET, POST' }],
    ['POST', '/b', receiver, { status: 404, ...error('no plugin receives webhooks at this path') }],
    [
      'POST',
      '/a?',
      { ...receiver, receive: () => throwing() },
      { status: 500, ...error('the receiver failed; the log of the host says why') },
    ],
  ] as const)('%s %s %#', async (method, path, own, wanted) => {
    await start({ own });
    const { status, text, headers } = await post(adapter.port, method === 'POST' ? '[]' : '', { path, method });
    const { allow } = headers;
    expect({ status, type: headers['content-type'], text, ...(allow === undefined ? {} : { allow }) }).toEqual(wanted);
    expect(headers['x-content-type-options']).toBe('nosniff');
    const reason = /^\S+ (WARN |ERROR) webhook refused: (?!undefined).+ webhook=/;
    if (status === 200) expect(log.matching(/webhook refused/)).toEqual([]);
    else if (path !== '/b') expect(await log.line(reason)).toContain(`webhook=/a status=${status}`);
    const stacks = log.matching(/\n +Error: of a trap\n/);
    expect(stacks).toHaveLength(status === 500 ? 1 : 0);
  });

  it('keeps its connection open', async () => {
    await start();
    const kept = await raw(`${head(2)}[]`);
    await until(() => kept.text.includes('HTTP/1.1 200'));
    expect(kept.text).toMatch(/^connection: keep-alive\r$/im);
    expect(kept.text).not.toMatch(/^connection: close\r$/im);
    kept.socket.write(`${head(2)}[]`);
    await until(() => kept.text.split('HTTP/1.1 200').length === 3);
    expect(await value('esp_webhook_connections')).toBe(1);
    kept.socket.destroy();
    await until(async () => (await value('esp_webhook_connections')) === 0);
    expect(await value('esp_webhook_connections_accepted_total')).toBe(1);
    expect(await value('esp_webhook_answer_duration_seconds_count')).toBe(2);
    expect(await value('esp_webhook_answer_duration_seconds_sum')).toBeLessThan(5);
  });

  it('is logged with 500 characters of a long reason', async () => {
    const reason = 'r'.repeat(600);
    const receive = (): never => {
      throw new WebhookRefusedError(400, reason);
    };
    await start({ own: { ...receiver, receive } });
    expect(JSON.parse((await send('e1')).text)).toEqual({ error: reason });
    expect(await log.line(/webhook refused/)).toMatch(/: r{500}\.\.\. \(100 more characters\) webhook=\/a status=400/);
  });

  it('names the limit of the body', async () => {
    await start({ bodyBytes: 10 });
    const { status, text, headers } = await post(adapter.port, 'a'.repeat(11), { path: '/a' });
    expect([status, headers.connection]).toEqual([413, 'close']);
    expect(JSON.parse(text)).toEqual({ error: 'the body exceeds 10 bytes (listeners.webhooks.bodyBytes)' });
    expect(await post(adapter.port, '[       ]'.padEnd(10), { path: '/a' })).toMatchObject({ status: 200 });
    adapter.use({ limits: LIMITS, bodyBytes: 9 });
    expect(await post(adapter.port, '[       ]'.padEnd(10), { path: '/a' })).toMatchObject({ status: 413 });
  });

  it('before the receivers are known is 503', async () => {
    await start();
    await inbox.use([], SETTINGS);
    const { status, text, headers } = await post(adapter.port, '[]', { path: '/a' });
    expect([status, JSON.parse(text), headers['retry-after']]).toEqual([503, { error: 'the host is starting' }, '5']);
  });
});

describe('a webhook that is not stored', () => {
  const kept = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' };

  it.each([
    ['waiting is reached', 'full', 'too many events wait', '60'],
    ['it takes too long', 'unstored', 'the webhook could not be stored in time', '5'],
  ])('because %s is answered 503', async (_why, outcome, error, after) => {
    const held = deferred();
    await start();
    if (outcome === 'full') await inbox.use([...inbox.webhooks.values()], { ...SETTINGS, waiting: 0 });
    else intercept(state, ({ kind }) => (kind === 'accept' ? held.promise : undefined));
    const { status, text, headers } = await send('e1');
    expect([status, JSON.parse(text)]).toEqual([503, { error }]);
    expect(headers).toMatchObject({ ...kept, 'retry-after': after });
    expect(await answers(outcome)).toBe(1);
    held.resolve();
  });
});

describe('a port', () => {
  it('that is paused refuses connections, and keeps open ones, until it starts again', async () => {
    await start();
    const { port } = adapter;
    expect(adapter.asked).toMatchObject({ host: '127.0.0.1', port: 0 });
    expect([adapter.host, port > 0]).toEqual(['127.0.0.1', true]);
    const kept = await raw(`${head(2)}[]`);
    await until(() => kept.text.includes('HTTP/1.1 200'));
    adapter.pause();
    const refused = connect(port, '127.0.0.1');
    sockets.push(refused);
    const [{ code }] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(code).toBe('ECONNREFUSED');
    kept.socket.write(`${head(2)}[]`);
    await until(() => kept.text.split('HTTP/1.1 200').length === 3);
    await adapter.start();
    expect(await send('e1')).toMatchObject({ status: 200 });
  });

  it('that drains says so in its last answer', async () => {
    const held = deferred();
    intercept(state, ({ kind }) => (kind === 'accept' ? held.promise : undefined));
    await start();
    const body = '[{"id":"a","data":1}]';
    const busy = await raw(`${head(body.length)}${body}`);
    await until(() => adapter.connections === 1);
    const drained = adapter.drain(5000);
    held.resolve();
    await drained;
    await until(() => /HTTP\/1.1 (200|503)/.test(busy.text));
    expect(busy.text).toMatch(/^connection: close\r$/im);
  });

  it('that drains closes a connection that stays busy', async () => {
    await start();
    const stuck = await raw(`${head(100)}[`);
    await until(() => adapter.connections === 1);
    const closed = once(stuck.socket, 'close');
    await adapter.drain(50);
    await closed;
    expect(adapter.connections).toBe(0);
  });
});

describe('a webhook', () => {
  it('that cannot be stored in time is answered 503, and has its effect once when it is sent again', async () => {
    const handled: string[] = [];
    const held = deferred();
    let slow = true;
    intercept(state, ({ kind }) => (kind === 'accept' && slow ? held.promise : undefined));
    await start({ own: { ...receiver, handle: ({ id }) => void handled.push(id) } });
    expect(await send('e1')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(await answers('unstored')).toBe(1);
    slow = false;
    held.resolve();
    expect(await send('e1')).toMatchObject({ status: 200 });
    await until(() => handled.length > 0);
    await until(async () => (await value('esp_webhook_events_waiting')) === 0);
    expect(handled).toEqual(['e1']);
  });

  it('that cannot be written to disk is answered 503, with the reason in the log', async () => {
    await start();
    await state.close();
    expect(await send('e1')).toMatchObject({ status: 503 });
    await log.line(/ERROR webhook refused: the state file is closed/);
    state = StateFile.inMemory();
  });

  it.each(UNREADABLE)('whose receiver throws %s is answered 500', async (_what, error) => {
    const receive = (): never => {
      throw error;
    };
    await start({ own: { ...receiver, receive } });
    expect(await send('e1')).toMatchObject({ status: 500 });
    await log.line(/ERROR webhook refused/);
  });

  it('whose verification returns no text is answered 500', async () => {
    await start({ own: { ...receiver, verify: () => Promise.resolve('4711') as never } });
    expect(await post(adapter.port, '', { path: '/a', method: 'GET' })).toMatchObject({ status: 500 });
  });

  it('without events is answered 200', async () => {
    await start();
    expect(await send()).toMatchObject({ status: 200 });
  });

  it.each([
    ['a promise', () => Promise.resolve([]) as never],
    ['an event without an id', () => [{ data: 1 }] as never],
    ['data that is not JSON', () => [{ id: 'a', data: 1n }]],
    ['data that nests too deep', () => [{ id: 'a', data: deep() }]],
  ])('whose receiver returns %s is answered 500', async (_what, receive) => {
    await start({ own: { ...receiver, receive } });
    expect(await send('e1')).toMatchObject({ status: 500 });
    await log.line(
      /ERROR webhook refused: (receive\(\) returned no list of events|an event needs an id|.*BigInt|Maximum call stack)/,
    );
    expect(await answers('failed')).toBe(1);
  });

  it('on a draining connection closes it', async () => {
    await start();
    const kept = await raw(`${head(2)}[]`);
    await until(() => kept.text.includes('HTTP/1.1 200'));
    const drained = adapter.drain(5000);
    await Promise.all([once(kept.socket, 'close'), drained]);
    expect(adapter.connections).toBe(0);
  });
});
