/**
 * `npm run bench:bulk`: validates a million different numbers with `serve`. The API is the mock, in this process; it derives
 * its answers from the last digit, because a lookup in its directory would cost more than the host. BULK_NUMBERS (1000000)
 * is the number of numbers, BULK_IN_FLIGHT (1000) that of pending requests.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { charset, encodeMessage, KeyValueList, MessageId } from '#wire';
import { Child } from './child.ts';
import { startWhatsAppApi } from './whatsapp-api.ts';

const NUMBERS = Number(process.env.BULK_NUMBERS ?? 1_000_000);
const IN_FLIGHT = Number(process.env.BULK_IN_FLIGHT ?? 1000);
const CONNECTIONS = 4;

/** Offset of the message id in a frame. The ReferenceId follows after four bytes and a type. */
const MESSAGE_ID = 4 + 1;
const REFERENCE_ID = 4 + 1 + 4 + 4 + 1;

/** +91 and nine digits. */
const FIRST = 9_000_000_000;

const frame = encodeMessage(
  {
    messageId: MessageId.Request3rdServer,
    referenceId: 0,
    request: KeyValueList.from({
      AppName: 'DMS',
      Service: 'Messaging',
      Method: 'ValidateContact',
      Parameters: { _umsChannel: 'whatsapp', Id: `+91${FIRST}` },
    }),
    userData: undefined,
  },
  charset(),
);
const DIGITS = frame.indexOf(String(FIRST));

/** Numbers that end in an even digit are on WhatsApp. */
type WhatsAppApi = Awaited<ReturnType<typeof startWhatsAppApi>>;

function answerByLastDigit(api: WhatsAppApi): void {
  api.respondWith(({ path, body }) => {
    if (path !== '/v1/contacts') return undefined;
    const { contacts } = JSON.parse(body) as { contacts: string[] };
    const answers = contacts.map((input) =>
      Number(input.at(-1)) % 2 === 0 ? { input, status: 'valid', wa_id: input.slice(1) } : { input, status: 'invalid' },
    );
    return { status: 200, body: { contacts: answers, meta: { api_status: 'stable', version: '2.41.3' } } };
  });
}

/** The remaining numbers, and the replies. */
class Bulk {
  faults = 0;
  #asked = 0;
  #answered = 0;
  readonly done = Promise.withResolvers<void>();

  /** The next request; undefined if all are sent. */
  next(): Buffer | undefined {
    if (this.#asked === NUMBERS) return undefined;
    const bytes = Buffer.from(frame);
    bytes.writeUInt32BE(this.#asked, REFERENCE_ID);
    bytes.write(String(FIRST + this.#asked++), DIGITS, 'latin1');
    return bytes;
  }

  answered(messageId: number): void {
    if (messageId !== MessageId.Event3rdServerResponse) this.faults++;
    if (++this.#answered === NUMBERS) this.done.resolve();
  }
}

/** Keeps its share of pending requests on one connection. */
async function open(port: number, bulk: Bulk): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const next: Buffer[] = [];
    let at = 0;
    for (let end = frameEnd(bytes, at); end <= bytes.length; end = frameEnd(bytes, at)) {
      bulk.answered(bytes.readUInt32BE(at + MESSAGE_ID));
      next.push(...[bulk.next()].filter((one) => one !== undefined));
      at = end;
    }
    rest = bytes.subarray(at);
    if (next.length > 0) socket.write(Buffer.concat(next));
  });
  const first = Array.from({ length: IN_FLIGHT / CONNECTIONS }, () => bulk.next());
  socket.write(Buffer.concat(first.filter((one) => one !== undefined)));
  return socket;
}

const frameEnd = (bytes: Buffer, at: number): number =>
  bytes.length - at < 4 ? Number.POSITIVE_INFINITY : at + 4 + bytes.readUInt32BE(at);

async function main(): Promise<void> {
  const api = await startWhatsAppApi({ numbers: [] });
  answerByLastDigit(api);
  const host = await Child.start(['bin/esp-host.cjs', 'serve', '--config', 'bench/config.yaml'], {
    WHATSAPP_URL: api.url,
  });
  try {
    const bulk = new Bulk();
    const cpu = process.cpuUsage();
    const hostCpu = host.cpuUs();
    const start = performance.now();
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(host.port, bulk)));
    await bulk.done.promise;
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    print(seconds, api.calls.count('/v1/contacts'), host.cpuUs() - hostCpu, used.user + used.system);
    for (const socket of sockets) socket.destroy();
    if (bulk.faults > 0) throw new Error(`${bulk.faults} of the replies are faults`);
  } finally {
    await host.stop();
    await api.close();
  }
}

function print(seconds: number, calls: number, hostUs: number, ownUs: number): void {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  console.log(`Node ${process.version}, ${whole(NUMBERS)} numbers, ${whole(IN_FLIGHT)} pending requests\n`);
  console.log(`numbers/s         ${whole(NUMBERS / seconds)}`);
  console.log(`upstream calls    ${whole(calls)} (${(NUMBERS / calls).toFixed(1)} numbers per call)`);
  console.log(`host CPU          ${(hostUs / NUMBERS).toFixed(2)} us per number`);
  console.log(`generator and API ${(ownUs / NUMBERS).toFixed(2)} us per number`);
}

await main();
