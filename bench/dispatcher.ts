/**
 * `npm run bench:dispatcher`: the cost of a request from its bytes to those of its reply, without sockets, compared with a
 * copy of both. BENCH_MS (200) is the duration of a round, BENCH_METHODS (1) the number of methods.
 */
import { type EspMessage, KeyValueList } from 'esp-host/client';
import { ByteWriter, charset, decodeBody, EspRequest, encodeBody, encodeMessage, ReplyWriter } from '#wire';
import { Application, Channels } from '../src/config/index.ts';
import { type Client, Host } from '../src/host/index.ts';
import { createLogger, Metrics } from '../src/telemetry/index.ts';
import { costNs, printCost, printHeading } from './loop.ts';
import plugin from './plugin/index.mjs';
import { answer, request, withoutId } from './requests.ts';

const utf8 = charset();
const client: Client = { peer: '127.0.0.1:1' };
const replies = new ReplyWriter(utf8);
const out = new ByteWriter();

async function startHost(): Promise<Host> {
  const host = new Host({
    application: new Application({ name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' }),
    channels: new Channels([]),
    plugins: [{ use: 'bench', definition: plugin, options: {} }],
    limits: { deadlineMs: 10_000, inFlight: 10_000 },
    logger: createLogger({ level: 'info', format: 'text' }),
    metrics: new Metrics(),
  });
  await host.start();
  return host;
}

const bodyOf = (message: EspMessage): Buffer => encodeBody({ ...message, referenceId: 7 }, utf8);

const read = (body: Buffer): EspRequest => new EspRequest(decodeBody(body, 0, body.length, utf8));

const { dispatcher } = await startHost();
const body = bodyOf(answer);
const asked = read(body);
const reply = encodeMessage({ messageId: 501, referenceId: 7, request: new KeyValueList(), userData: undefined }, utf8);

const dispatch = (one: EspRequest): unknown =>
  dispatcher.dispatch(one, client, (made) => {
    out.length = 0;
    replies.write(out, made);
  });

printHeading();
const floor = costNs(() => [Buffer.from(body), Buffer.from(reply)]);
printCost('copies of request and reply', floor, floor);
printCost(
  'bytes to bytes, answered at once',
  costNs(() => dispatch(read(body))),
  floor,
);
printCost(
  '  of that: the request is read',
  costNs(() => read(body)),
  floor,
);
printCost(
  '  of that: it is dispatched and answered',
  costNs(() => dispatch(asked)),
  floor,
);
const faults: [what: string, asked: EspMessage][] = [
  ['902, unknown method', request('Bench', 'Nothing')],
  ['904, by the schema', withoutId],
  ['901, thrown by the method', request('Bench', 'Away')],
];
for (const [what, one] of faults) {
  const bytes = bodyOf(one);
  printCost(
    what,
    costNs(() => dispatch(read(bytes))),
    floor,
  );
}
const many = bodyOf(request('Bench', `Answer${Number(process.env.BENCH_METHODS ?? 1) - 1}`.replace(/0$/, '')));
printCost(
  'the last of the methods',
  costNs(() => dispatch(read(many))),
  floor,
);
dispatcher.close();
