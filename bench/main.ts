/**
 * `npm run bench`: `serve` in a process of its own, beside a bare node:net server, under the same load.
 * BENCH_MS sets how long each measurement takes (3000), after a warm-up of a third of it.
 */
import { type EspMessage, KeyValueList, MessageId } from 'esp-host/wire';
import { Child } from './child.ts';
import { type Load, type Result, run } from './generator.ts';

const RUN_MS = Number(process.env.BENCH_MS ?? 3000);
const LOADS: readonly Load[] = [
  { connections: 1, inFlight: 1 },
  { connections: 8, inFlight: 16 },
  { connections: 64, inFlight: 4 },
];

const request = (service: string, method: string): EspMessage => ({
  messageId: MessageId.Request3rdServer,
  referenceId: 0,
  request: KeyValueList.from({
    AppName: 'DMS',
    AppType: 171,
    Service: service,
    Method: method,
    Parameters: { _umsChannel: 'whatsapp', Id: '+16315551002' },
  }),
  userData: undefined,
});

async function main(): Promise<void> {
  const upstream = await Child.start(['bench/upstream.ts']);
  const env = { WHATSAPP_URL: `http://127.0.0.1:${upstream.port}` };
  const floor = await Child.start(['bench/floor.ts']);
  const host = await Child.start(['bin/esp-host.cjs', 'serve', '--config', 'bench/config.yaml'], env);
  try {
    console.log(`Node ${process.version}, ${RUN_MS} ms a measurement; us = CPU microseconds a request\n`);
    console.log(
      'load      what                    requests/s   of floor    p50 us    p99 us   server us   generator us',
    );
    for (const load of LOADS) {
      const bare = await measure(floor, request('Bench', 'Answer'), load);
      print(load, 'floor (bare node:net)', bare, bare);
      print(load, 'answers at once', await measure(host, request('Bench', 'Answer'), load), bare);
      print(load, 'ValidateContact', await measure(host, request('Messaging', 'ValidateContact'), load), bare);
    }
  } finally {
    await Promise.all([host.stop(), floor.stop(), upstream.stop()]);
  }
}

const measure = (server: Child, message: EspMessage, load: Load): Promise<Result> =>
  run(server, message, load, RUN_MS / 3, RUN_MS);

function print(load: Load, what: string, result: Result, floor: Result): void {
  const cells = [
    `${load.connections} x ${load.inFlight}`.padEnd(9),
    what.padEnd(22),
    Math.round(result.requestsPerSecond).toLocaleString('en').padStart(11),
    (result.requestsPerSecond / floor.requestsPerSecond).toFixed(2).padStart(10),
    String(result.p50Us).padStart(9),
    String(result.p99Us).padStart(9),
    result.serverUs.toFixed(2).padStart(11),
    result.generatorUs.toFixed(2).padStart(14),
  ];
  console.log(cells.join(' '));
}

await main();
