/**
 * `npm run bench`: `serve` and a bare node:net server under the same load. BENCH_MS (2500) is the duration of a
 * measurement, after a warm-up of a third of it.
 */
import { EspClient, type EspMessage } from 'esp-host/client';
import { Child, serve } from './child.ts';
import { type Measured, measure, type Result } from './measure.ts';
import { answer, megabyteRead, megabyteUnread, request, withoutId } from './requests.ts';
import { type BenchCertificate, certificate } from './tls.ts';

const RUN_MS = Number(process.env.BENCH_MS ?? 2500);
const METHODS = 1000;
/** The first one warms the code up: a host runs for months. */
const LOADS = [
  [8, 16],
  [1, 1],
  [64, 4],
  [256, 1],
] as const;

type Row = readonly [what: string, server: Child, load: Partial<Measured>];

/** Measures the rows of a load; the first is the floor of the others. */
async function group(connections: number, inFlight: number, rows: readonly Row[]): Promise<void> {
  let floor: Result | undefined;
  for (const [what, server, load] of rows) {
    const measured = await measure(server, { connections, inFlight, messages: [answer], ...load }, RUN_MS);
    floor ??= measured;
    print(`${connections} x ${inFlight}`, what, measured, floor);
  }
}

async function main(): Promise<void> {
  const pem = await certificate();
  const children: Child[] = [];
  const start = async (child: Promise<Child>): Promise<Child> => {
    children.push(await child);
    return child;
  };
  try {
    heading();
    await everyLoad(start);
    await faults(start);
    await otherWays(start, pem);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    pem.remove();
  }
}

type Start = (child: Promise<Child>) => Promise<Child>;

async function everyLoad(start: Start): Promise<void> {
  const upstream = await start(Child.start(['bench/upstream.ts']));
  const floor = await start(Child.start(['bench/floor.ts']));
  const host = await start(serve('bench/config.yaml', { WHATSAPP_URL: `http://127.0.0.1:${upstream.port}` }));
  const validate: Partial<Measured> = { messages: [request('Messaging', 'ValidateContact')] };
  for (const [connections, inFlight] of LOADS) {
    await group(connections, inFlight, [
      ['floor (bare node:net)', floor, {}],
      ['answers at once', host, {}],
      ['ValidateContact', host, validate],
    ]);
  }
  const evidence: Partial<Measured> = {
    messages: [request('Messaging', 'ValidateContact', { _umsChannel: 'evidence' })],
  };
  // The first is the floor of the second.
  await group(8, 16, [
    ['ValidateContact, cached', host, validate],
    ['... from evidence', host, evidence],
  ]);
  await group(8, 16, [
    ['floor (bare node:net)', floor, {}],
    ['answers with a promise', host, { messages: [request('Bench', 'Later')] }],
    ['writes a line at info', host, { messages: [request('Bench', 'Log')] }],
  ]);
  await group(1, 4, [
    ['floor, 1 MB', floor, { messages: [megabyteUnread] }],
    ['1 MB that is not read', host, { messages: [megabyteUnread] }],
    ['1 MB that is read', host, { messages: [megabyteRead] }],
  ]);
  await group(16, 1, [
    ['floor, a connection each', floor, { connectionPerRequest: true }],
    ['a connection each', host, { connectionPerRequest: true }],
  ]);
}

/** Compared with a success: a host in trouble must not be slower. */
async function faults(start: Start): Promise<void> {
  const upstream = await start(Child.start(['bench/upstream.ts']));
  const host = await start(serve('bench/config.yaml', { WHATSAPP_URL: `http://127.0.0.1:${upstream.port}` }));
  const away = await start(serve('bench/config-faults.yaml'));
  const full = await start(serve('bench/config-faults.yaml'));
  const validate = request('Messaging', 'ValidateContact');
  await using fails = new EspClient({ host: '127.0.0.1', port: away.port });
  await using hangs = new EspClient({ host: '127.0.0.1', port: full.port });
  await Promise.all([fails.connect(), hangs.connect()]);
  await fails.requestMessage(validate);
  hangs.requestMessage(request('Bench', 'Hang'), { timeoutMs: 600_000 }).catch(() => undefined);
  await group(8, 16, [
    ['ValidateContact', host, { messages: [validate] }],
    ['902 unknown method', host, { messages: [request('Bench', 'Nothing')], faultCode: '902' }],
    ['904 no Id', host, { messages: [withoutId], faultCode: '904' }],
    ['901 upstream away', away, { messages: [validate], faultCode: '901' }],
    ['920 overloaded', full, { messages: [answer], faultCode: '920' }],
  ]);
}

async function otherWays(start: Start, { file, pem }: BenchCertificate): Promise<void> {
  const many = await start(serve('bench/config.yaml', { BENCH_METHODS: String(METHODS) }));
  const all = Array.from({ length: METHODS - 1 }, (_, index) => request('Bench', `Answer${index + 1}`));
  await group(8, 16, [
    ['one of 1,000 methods', many, {}],
    ['1,000 methods in turn', many, { messages: [answer, ...all] as [EspMessage, ...EspMessage[]] }],
  ]);
  const floor = await start(Child.start(['bench/floor.ts'], { BENCH_TLS: file }));
  const host = await start(serve('bench/config-tls.yaml', { BENCH_TLS: file }));
  const tls = { tls: { ca: pem } };
  await group(8, 16, [
    ['floor, TLS (node:tls)', floor, tls],
    ['answers at once, TLS', host, tls],
  ]);
}

function heading(): void {
  console.log(`Node ${process.version}, ${RUN_MS} ms per measurement; us = CPU microseconds per request\n`);
  console.log(
    'load      what                       requests/s  of floor   p50 us   p99 us  server us  of floor  generator us  cores',
  );
}

function print(load: string, what: string, result: Result, floor: Result): void {
  const cells = [
    load.padEnd(9),
    what.padEnd(24),
    Math.round(result.requestsPerSecond).toLocaleString('en').padStart(12),
    (result.requestsPerSecond / floor.requestsPerSecond).toFixed(2).padStart(9),
    String(result.p50Us).padStart(8),
    String(result.p99Us).padStart(8),
    result.serverUs.toFixed(2).padStart(10),
    (result.serverUs / floor.serverUs).toFixed(2).padStart(9),
    result.generatorUs.toFixed(2).padStart(13),
    result.generatorCores.toFixed(2).padStart(6),
  ];
  console.log(cells.join(' '));
}

await main();
