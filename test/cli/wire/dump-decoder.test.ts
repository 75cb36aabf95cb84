import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DumpDecoder } from '../../../src/cli/wire/dump-decoder.js';
import { messageFromJson, messageToJson } from '../../../src/esp/index.js';
import { charset, encodeAddp, encodeMessage } from '../../../src/wire/index.js';
import { vectors } from '../../wire/vectors.js';

const utf8 = charset();

/** What comes out of these lines: messages as JSON, problems and notes as texts. */
function decoded(text: string, set = utf8) {
  const found = { messages: [] as unknown[], problems: [] as string[], notes: [] as string[], others: [] as string[] };
  const decoder = new DumpDecoder(set, {
    message: (message) => found.messages.push(messageToJson(message)),
    problem: (line, problem) => found.problems.push(`${line}: ${problem}`),
    note: (line, note) => found.notes.push(`${line}: ${note}`),
  });
  text.split('\n').forEach((line, index) => {
    if (line.trim() !== '' && !decoder.line(line, index + 1)) found.others.push(line);
  });
  decoder.end();
  return found;
}

const clean = { problems: [], notes: [], others: [] };
const json = ({ messageId, referenceId, request, userData }: (typeof vectors)[number]) => ({
  messageId,
  referenceId,
  request,
  userData,
});

const ascii = (bytes: Buffer): string => bytes.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.');
const groupsOf = (bytes: Buffer, size: number): string =>
  bytes.toString('hex').replaceAll(new RegExp(`.{${2 * size}}(?!$)`, 'g'), '$& ');

/** Each row of 16 bytes, with its offset. */
function rows(bytes: Buffer, row: (at: number, bytes: Buffer) => string): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) lines.push(row(at, bytes.subarray(at, at + 16)));
  return lines.map((line) => `${line}\n`).join('');
}

const offset = (at: number, digits: number): string => at.toString(16).padStart(digits, '0');

const STYLES: Record<string, (bytes: Buffer) => string> = {
  'tcpdump -x': (bytes) => rows(bytes, (at, row) => `\t0x${offset(at, 4)}:  ${groupsOf(row, 2)}`),
  'tcpdump -X': (bytes) =>
    rows(bytes, (at, row) => `\t0x${offset(at, 4)}:  ${groupsOf(row, 2).padEnd(39)}  ${ascii(row)}`),
  xxd: (bytes) => rows(bytes, (at, row) => `${offset(at, 8)}: ${groupsOf(row, 2).padEnd(39)}  ${ascii(row)}`),
  'xxd -g1 -u': (bytes) =>
    rows(bytes, (at, row) => `${offset(at, 8)}: ${groupsOf(row, 1).toUpperCase().padEnd(47)}  ${ascii(row)}`),
  Wireshark: (bytes) => rows(bytes, (at, row) => `${offset(at, 4)}   ${groupsOf(row, 1).padEnd(47)}   ${ascii(row)}`),
  'Wireshark, without text': (bytes) => rows(bytes, (at, row) => `${offset(at, 4)}  ${groupsOf(row, 1)}`),
  'hexdump -C': (bytes) => {
    const halves = (row: Buffer): string =>
      `${groupsOf(row.subarray(0, 8), 1).padEnd(23)}  ${groupsOf(row.subarray(8), 1)}`.padEnd(48);
    return `${rows(bytes, (at, row) => `${offset(at, 8)}  ${halves(row)}  |${ascii(row)}|`)}${offset(bytes.length, 8)}\n`;
  },
};
const styles = Object.entries(STYLES);

/** An IPv4 packet with a TCP segment. */
function packet(
  payload: Buffer,
  sequence: number,
  { from = 50123, to = 7120, flags = 0x18, options = 0 } = {},
): Buffer {
  const header = Buffer.alloc(40 + options);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(0x4000, 6);
  header[8] = 64;
  header[9] = 6;
  header.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
  header.writeUInt16BE(from, 20);
  header.writeUInt16BE(to, 22);
  header.writeUInt32BE(sequence >>> 0, 24);
  header[32] = ((20 + options) / 4) << 4;
  header[33] = flags;
  return Buffer.concat([header, payload]);
}

const CAPTION =
  '12:34:56.789012 IP 127.0.0.1.50123 > 127.0.0.1.7120: Flags [P.], seq 1:53, ack 1, win 512, length 52\n';
const tcpdump = (bytes: Buffer): string => CAPTION + (STYLES['tcpdump -X'] as (bytes: Buffer) => string)(bytes);
const small = vectors.filter(({ hex }) => hex.length < 2000);
const frame = (index: number): Buffer => Buffer.from(small[index]?.hex ?? '', 'hex');
const message = (index: number) => json(small[index] as (typeof vectors)[number]);

describe('dumps of streams', () => {
  it.each(styles)('%s: each captured message, and all of them as one stream', (_name, dump) => {
    for (const vector of small) {
      const { messages, ...rest } = decoded(dump(Buffer.from(vector.hex, 'hex')));
      expect(messages).toEqual([json(vector)]);
      expect(rest).toEqual(clean);
    }
    const all = decoded(dump(Buffer.concat(vectors.map(({ hex }) => Buffer.from(hex, 'hex')))));
    expect(all).toEqual({ ...clean, messages: vectors.map(json) });
  });

  it.each(styles)('%s: whatever the bytes and their text are', (_name, dump) => {
    const value = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f >:]{0,40}$/), fc.constant(' > a: '));
    fc.assert(
      fc.property(value, value, (first, second) => {
        const one = { messageId: 500, referenceId: 1, request: [[first, 'str', second]], userData: null };
        const found = decoded(dump(encodeMessage(messageFromJson(one), utf8)));
        expect(found).toEqual({ ...clean, messages: [one] });
      }),
    );
  });

  it('continue from one to the next: a message may span two', () => {
    const bytes = Buffer.concat([frame(0), frame(1)]);
    const [dump] = styles.map(([, style]) => style);
    const text = [bytes.subarray(0, 25), bytes.subarray(25)].map((part) => dump?.(part)).join('\n');
    expect(decoded(text)).toEqual({ ...clean, messages: [message(0), message(1)] });
  });

  it('skip ADDP frames, with a note', () => {
    const bytes = Buffer.concat([frame(0), encodeAddp(0x50, 7), frame(1)]);
    const found = decoded((STYLES.xxd as (bytes: Buffer) => string)(bytes));
    expect(found).toEqual({ ...clean, messages: [message(0), message(1)], notes: ['1: skipped ADDP frame P 7'] });
  });

  it('may have an asterisk for repeated lines', () => {
    const one = { messageId: 500, referenceId: 1, request: [['key', 'bin', 'ab'.repeat(100)]], userData: null };
    const lines = (STYLES['hexdump -C'] as (bytes: Buffer) => string)(encodeMessage(messageFromJson(one), utf8)).split(
      '\n',
    );
    const squeezed = lines.flatMap((line, index) => {
      const same = (other: number): boolean => lines[other]?.slice(8) === line.slice(8) && line.length > 20;
      if (!same(index - 1)) return [line];
      return same(index - 2) ? [] : ['*'];
    });
    expect(squeezed).toContain('*');
    expect(squeezed.length).toBeLessThan(lines.length);
    expect(decoded(squeezed.join('\n'))).toEqual({ ...clean, messages: [one] });
  });

  it('report missing lines, and continue with the next dump', () => {
    const lines = (STYLES.xxd as (bytes: Buffer) => string)(frame(0)).split('\n');
    const text = [lines[0], ...lines.slice(2), (STYLES.xxd as (bytes: Buffer) => string)(frame(1))].join('\n');
    const found = decoded(text);
    expect(found.problems).toEqual(['2: a line of the dump is missing: expected offset 0010, found 0020']);
    expect(found.messages).toEqual([message(1)]);
    const rest = (STYLES['hexdump -C'] as (bytes: Buffer) => string)(frame(0)).split('\n');
    expect(decoded([rest[0], ...rest.slice(2)].join('\n'))).toMatchObject({
      problems: [expect.stringMatching(/^2: a line/)],
      others: [],
    });
    expect(decoded(lines.slice(0, 2).join('\n')).problems).toEqual([
      expect.stringMatching(/^1: the connection ended inside a frame: received 32 of 170 bytes/),
    ]);
    expect(decoded('00000000: 4745 5420 2f20  GET /').problems).toEqual([expect.stringMatching(/^1: .* HTTP/)]);
  });

  it('report only the first error of a stream that cannot be decoded', () => {
    const dump = STYLES.xxd as (bytes: Buffer) => string;
    const http = dump(Buffer.from('GET / HTTP/1.1\r\n'));
    expect(decoded(`${http}${http}${dump(frame(0))}`)).toEqual({
      ...{ messages: [], notes: [], others: [] },
      problems: [expect.stringMatching(/^1: .* HTTP/)],
    });
  });

  it('continue after a malformed message', () => {
    const broken = Buffer.from('0000000e01000001f4000000016200040001', 'hex');
    const found = decoded((STYLES.xxd as (bytes: Buffer) => string)(Buffer.concat([broken, frame(1)])));
    expect(found.messages).toEqual([message(1)]);
    expect(found.problems).toEqual([expect.stringMatching(/^1: list of 1 entries does not fit in 0 bytes/)]);
  });
});

describe('lines that are not part of a dump', () => {
  it.each([
    ['a message as hex', frame(0).toString('hex')],
    ['hex in groups', groupsOf(frame(0), 4)],
    [
      'hex with its length apart',
      frame(0)
        .toString('hex')
        .replace(/^(.{8})/, '$1  '),
    ],
    ['hex in pairs with its length apart', `000000a6  ${groupsOf(frame(0).subarray(4), 1)}`],
    ['a short message in pairs with its length apart', '0000000E  01 00 00 01 F4 00 00 00 01 00 00 00 00 00'],
    ['words', 'no hex'],
    ['two addresses without a colon', 'from > to'],
  ])('are ignored: %s', (_name, line) => {
    expect(decoded(line)).toEqual({ ...clean, messages: [], others: [line] });
  });
});

describe('a line in the middle of a dump', () => {
  it.each(['00000010: 4500', '00000010  45 00  E.', '0010   45 00   E.'])(
    '%j reports the missing first line',
    (line) => {
      expect(decoded(line)).toEqual({
        ...{ ...clean, messages: [] },
        problems: ['1: a line of the dump is missing: expected offset 0000, found 0010'],
      });
    },
  );

  it('is skipped after another was missing', () => {
    expect(decoded('00000010: 4500\n00000020  45 00\n00000030')).toEqual({
      ...{ ...clean, messages: [] },
      problems: [expect.stringMatching(/^1: /)],
    });
  });
});

it.each(['12:34 IP 1.2.3.4.5 > 1.2.3.4.6: Flags', '\t> host.7120:', 'a\t>\tb:'])(
  'the caption of a packet is part of a dump: %j',
  (line) => {
    expect(decoded(`x${line}`)).toEqual({ ...clean, messages: [] });
  },
);

describe('dumps of TCP packets', () => {
  it('are stripped of headers, options and padding', () => {
    const [first, second] = [frame(0).subarray(0, 30), frame(0).subarray(30)];
    const padded = Buffer.concat([packet(Buffer.alloc(0), 1031), Buffer.alloc(6)]);
    const text = [packet(first, 1001, { options: 12 }), padded, packet(second, 1031)].map(tcpdump).join('');
    expect(decoded(text)).toEqual({ ...clean, messages: [message(0)] });
  });

  it.each([
    ['Ethernet', Buffer.concat([Buffer.alloc(12), Buffer.from('0800', 'hex')])],
    ['Linux cooked', Buffer.concat([Buffer.alloc(14), Buffer.from('0800', 'hex')])],
    ['Linux cooked 2', Buffer.concat([Buffer.from('0800', 'hex'), Buffer.alloc(18)])],
  ])('lose a header of %s, too', (_name, header) => {
    const bytes = Buffer.concat([header, packet(frame(0), 1)]);
    expect(decoded((STYLES.Wireshark as (bytes: Buffer) => string)(bytes))).toEqual({
      ...clean,
      messages: [message(0)],
    });
  });

  it('may be IPv6', () => {
    const v6 = (bytes: Buffer, sequence: number): Buffer => {
      const tcp = packet(bytes, sequence).subarray(20);
      const header = Buffer.alloc(40);
      header[0] = 0x60;
      header.writeUInt16BE(tcp.length, 4);
      header[6] = 6;
      header.writeUInt16BE(0xfe80, 8);
      return Buffer.concat([header, tcp]);
    };
    expect(decoded(tcpdump(v6(frame(0), 1)))).toEqual({ ...clean, messages: [message(0)] });
    const gap = [v6(frame(0).subarray(0, 40), 1), v6(frame(0).subarray(60), 61)].map(tcpdump).join('');
    expect(decoded(gap).problems).toEqual([
      expect.stringContaining(' are missing ([fe80:0000:0000:0000:0000:0000:0000:0000]:50123 > [0000:'),
    ]);
  });

  it('form a stream per direction, in any order and with repetitions', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
    const start = fc.constantFrom(0, 1, 0x7ffffff0, 0xfffffff0);
    fc.assert(
      fc.property(cuts, start, fc.infiniteStream(fc.nat(99)), (lengths, first, random) => {
        const ways = [
          { from: 50123, to: 7120, bytes: Buffer.concat([frame(0), frame(2), frame(4)]) },
          { from: 7120, to: 50123, bytes: Buffer.concat([frame(1), frame(3)]) },
        ];
        const packets = ways.flatMap(({ from, to, bytes }) => {
          const ports = { from, to };
          const found = [];
          for (let at = 0, index = 0; at < bytes.length; index++) {
            const length = lengths[index % lengths.length] as number;
            found.push(packet(bytes.subarray(at, at + length), first + 1 + at, ports));
            at += length;
          }
          return found.flatMap((one) => (random.next().value < 20 ? [one, one] : [one]));
        });
        for (let index = packets.length - 1; index > 0; index--) {
          const other = random.next().value % (index + 1);
          [packets[index], packets[other]] = [packets[other] as Buffer, packets[index] as Buffer];
        }
        const opened = ways.map((ports) => packet(Buffer.alloc(0), first, { ...ports, flags: 0x02 }));
        const found = decoded([...opened, ...packets].map(tcpdump).join('\n'));
        expect({ ...found, messages: [] }).toEqual({ ...clean, messages: [] });
        const by = (even: number) =>
          found.messages.filter((one) =>
            [message(even), message(even + 2)].some((m) => JSON.stringify(m) === JSON.stringify(one)),
          );
        expect(found.messages).toHaveLength(5);
        expect(by(0)).toEqual([message(0), message(2)]);
        expect(by(1)).toEqual([message(1), message(3)]);
      }),
      { numRuns: 200 },
    );
  });

  it('may repeat bytes in other segments', () => {
    const bytes = frame(0);
    const pieces = [
      [0, 50],
      [20, 70],
      [0, 60],
      [70, bytes.length],
    ] as const;
    const text = pieces.map(([from, to]) => tcpdump(packet(bytes.subarray(from, to), 1 + from))).join('');
    expect(decoded(text)).toEqual({ ...clean, messages: [message(0)] });
  });

  it('of two connections on the same ports form two streams', () => {
    const cut = [
      packet(frame(0).subarray(0, 40), 11),
      packet(Buffer.alloc(0), 500, { flags: 0x02 }),
      packet(frame(1), 501),
    ];
    const found = decoded(cut.map(tcpdump).join(''));
    expect(found.messages).toEqual([message(1)]);
    expect(found.problems).toEqual([
      expect.stringMatching(/^2: .*received 40 of 170 bytes.*127\.0\.0\.1:50123 > 127\.0\.0\.1:7120/),
    ]);
  });

  it('report bytes that were not captured', () => {
    const bytes = frame(0);
    const gap = decoded([packet(bytes.subarray(0, 40), 1), packet(bytes.subarray(60), 61)].map(tcpdump).join(''));
    expect(gap.problems).toEqual([
      expect.stringMatching(/^8: 20 bytes before this packet are missing \(127.0.0.1:50123 > 127.0.0.1:7120\)$/),
    ]);
    const short = decoded(tcpdump(packet(bytes, 1).subarray(0, 96)));
    expect(short.problems).toEqual(['2: the packet is truncated: 96 of 210 bytes (use tcpdump -s 0)']);
    const udp = packet(bytes, 1);
    udp[9] = 17;
    expect(decoded(tcpdump(udp)).notes).toEqual(['2: skipped a packet that is not TCP']);
    const fragment = packet(bytes, 1);
    fragment.writeUInt16BE(0x2000, 6);
    expect(decoded(tcpdump(fragment)).problems).toEqual(['2: the packet is a fragment of an IP packet']);
    const empty = packet(bytes, 1).subarray(0, 40);
    empty.writeUInt16BE(20, 2);
    expect(decoded(tcpdump(empty)).problems).toEqual(['2: the packet is too short for a TCP header']);
    const odd = packet(bytes, 1);
    odd[32] = 0x10;
    expect(decoded(tcpdump(odd)).problems).toEqual(['2: the TCP header has an invalid length']);
  });
});
