/**
 * `npm run bench:codec`: the cost of decoding and encoding messages, compared with a copy of their bytes. BENCH_MS (200) is
 * the duration of a round.
 */
import {
  ByteWriter,
  charset,
  decodeBody,
  type EspMessage,
  EspRequest,
  encodeBody,
  encodeMessage,
  KeyValueList,
  ReplyWriter,
  responseTo,
} from '#wire';
import { costNs, printCost, printHeading } from './loop.ts';
import { answer, request } from './requests.ts';

const utf8 = charset();

const bodyOf = (message: EspMessage): Buffer => encodeBody({ ...message, referenceId: 7 }, utf8);

const decode = (body: Buffer): EspMessage => decodeBody(body, 0, body.length, utf8);

/** Reads a request as the host does: names, target, and the parameters of its method. */
function read(body: Buffer): unknown {
  const asked = new EspRequest(decode(body));
  return [asked.appName, asked.parameters.string('_umsChannel'), asked.parameters.string('Id')];
}

function requests(): void {
  const userData = KeyValueList.from(
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`Key${index}`, `some value ${index}`])),
  );
  for (const [what, message] of [
    ['a request', answer],
    ['the same with 40 entries in UserData', { ...answer, userData }],
  ] as const) {
    const body = bodyOf(message);
    const floor = costNs(() => Buffer.from(body));
    printCost(`copy of the bytes of ${what}`, floor, floor);
    printCost(
      '  checked',
      costNs(() => decode(body)),
      floor,
    );
    printCost(
      '  checked and read as the host does',
      costNs(() => read(body)),
      floor,
    );
    printCost(
      '  checked and read entirely',
      costNs(() => everything(decode(body))),
      floor,
    );
  }
}

const everything = ({ request: list, userData }: EspMessage): unknown =>
  [list, userData].map((one) => one && deep(one));
const deep = (list: KeyValueList): unknown =>
  list.entries.map((entry) => (entry.type === 'list' ? deep(entry.value) : entry.value));

function replies(): void {
  const asked = new EspRequest(decode(bodyOf(answer)));
  const reply = responseTo(asked, 171, KeyValueList.from({ Id: '+16315551002' }));
  const bytes = encodeMessage(reply, utf8);
  const [writer, out] = [new ReplyWriter(utf8), new ByteWriter()];
  const floor = costNs(() => Buffer.from(bytes));
  printCost('copy of the bytes of a response', floor, floor);
  printCost(
    '  written behind its kept beginning',
    costNs(() => {
      out.length = 0;
      writer.write(out, reply);
    }),
    floor,
  );
  printCost(
    '  written from its list',
    costNs(() => encodeMessage(reply, utf8)),
    floor,
  );
}

/** The time grows with the bytes and the entries. */
function sizes(): void {
  for (const bytes of [1_000, 10_000, 100_000, 1_000_000, 10_000_000]) {
    const body = bodyOf(request('Bench', 'Length', { Text: 'x'.repeat(bytes) }));
    const floor = costNs(() => Buffer.from(body));
    const cost = costNs(() => new EspRequest(decode(body)).parameters.string('Text'));
    printCost(
      `a value of ${bytes.toLocaleString('en')} bytes, read`,
      cost,
      floor,
      `${(cost / bytes).toFixed(3)} ns a byte`,
    );
  }
  for (const entries of [10, 100, 1_000, 10_000, 90_000]) {
    const list = Array.from({ length: entries }, (_, index) => [`Key${index}`, `value ${index}`] as const);
    const body = bodyOf(request('Bench', 'Answer', Object.fromEntries(list)));
    const floor = costNs(() => Buffer.from(body));
    const cost = costNs(() => new EspRequest(decode(body)).parameters.string(`Key${entries - 1}`));
    printCost(
      `${entries.toLocaleString('en')} entries, the last read`,
      cost,
      floor,
      `${(cost / entries).toFixed(1)} ns an entry`,
    );
  }
}

printHeading();
requests();
replies();
sizes();
