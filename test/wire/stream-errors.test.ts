import { describe, expect, it } from '@jest/globals';
import {
  charset,
  decodeBody,
  FrameReader,
  foreignProtocol,
  WireError,
  type WireErrorCode,
} from '../../src/wire/index.js';
import { bytes } from './hex.js';
import { Received, thrownBy } from './reading.js';
import { bytesOf, captured } from './streams.js';

/** What the reader says of a stream that breaks the format: every text, with its byte, from bytes written by hand. */

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const MARKER = `0000001c ${ascii('$PACKET EXTENSION V1.00$')}`;
/** A whole message of 9 bytes, and an ADDP frame of 6. */
const MESSAGE = '00000005 00 000001f4';
const POLL = '7032 50 000000';

function refusal(chunks: Iterable<Buffer>): unknown {
  const { reader } = new Received(100_000);
  return thrownBy(() => {
    for (const chunk of chunks) reader.push(chunk);
  });
}

const inOneChunk = (hex: string): Buffer[] => [bytes(hex)];
const byteByByte = (hex: string): Buffer[] => Array.from(bytes(hex), (byte) => Buffer.of(byte));

type Row = [what: string, hex: string, text: string];

/** @param rows texts without `of the stream` */
function table(cuts: ((hex: string) => Buffer[])[], rows: Row[]): void {
  it.each(rows)('%s', (_what, hex, text) => {
    for (const cut of cuts) {
      const error = refusal(cut(hex));
      expect(error).toBeInstanceOf(WireError);
      expect(String(error)).toBe(`WireError: ${text} of the stream`);
      expect((error as WireError).place).toBe('stream');
    }
  });
}

describe('a frame', () => {
  table(
    [inOneChunk, byteByByte],
    [
      ['of 16381 bytes', '00003ffd', 'frame length 16381 exceeds 16380, at byte 0'],
      ['of 4 GiB', 'ffffffff', 'frame length 4294967295 exceeds 16380, at byte 0'],
      ['of 50 MB', '03200000', 'frame length 52428800 exceeds 16380, at byte 0'],
      ['that begins like half an ADDP frame', '70330000', 'frame length 1882390528 exceeds 16380, at byte 0'],
      ['that ends its first half like an ADDP frame', '00320000', 'frame length 3276800 exceeds 16380, at byte 0'],
      ['of no bytes', '00000000', 'frame length 0 is below the 5 bytes of a message, at byte 0'],
      ['of 4 bytes', '00000004', 'frame length 4 is below the 5 bytes of a message, at byte 0'],
      ['behind other units', `${MESSAGE} ${POLL} 00003ffd`, 'frame length 16381 exceeds 16380, at byte 15'],
    ],
  );
});

describe('a packet extension', () => {
  table(
    [inOneChunk, byteByByte],
    [
      ['of 4 bytes', `${MARKER} 00000004`, 'packet extension of 4 bytes is below the 5 bytes of a message, at byte 0'],
      [
        'over limits.messageBytes (here 100000)',
        `${MESSAGE} ${MARKER} 000186a1`,
        'packet extension of 100001 bytes exceeds limits.messageBytes of 100000 bytes, at byte 9',
      ],
      ['with a fragment of no bytes', `${MARKER} 00000005 00000000`, 'empty fragment, at byte 32'],
      [
        'with a fragment that is longer than the missing part',
        `${MARKER} 00000005 00000003 000000 00000003`,
        'fragment of 3 bytes exceeds the 2 bytes missing, at byte 39',
      ],
      [
        'with a fragment of 16381 bytes',
        `${MARKER} 00005000 ${POLL} 00003ffd`,
        'fragment length 16381 exceeds 16380, at byte 38',
      ],
    ],
  );
});

describe('an ADDP frame', () => {
  table(
    [inOneChunk, byteByByte],
    [
      ['of an unknown letter', '7032 51 000000', 'unknown ADDP frame 0x51, at byte 2'],
      ['with an unknown letter', `${POLL} 7032 00 000000`, 'unknown ADDP frame 0x00, at byte 8'],
      ['between fragments', `${MARKER} 00000005 7032 ff 000000`, 'unknown ADDP frame 0xff, at byte 34'],
    ],
  );
});

describe('a peer of another protocol', () => {
  const HELLO = '160301 00c8 010000c4 0303';

  table(
    [inOneChunk],
    [
      ['TLS', HELLO, 'frame length 369295616 exceeds 16380: the peer speaks TLS instead of plain ESP, at byte 0'],
      [
        'HTTP',
        ascii('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
        'frame length 1195725856 exceeds 16380: the peer speaks HTTP instead of plain ESP, at byte 0',
      ],
      [
        'HTTP, as a server',
        ascii('HTTP/1.1 400 Bad Request\r\n'),
        'frame length 1213486160 exceeds 16380: the peer speaks HTTP instead of plain ESP, at byte 0',
      ],
      [
        'TLS, as a server',
        '15030300 020246',
        'frame length 352518912 exceeds 16380: the peer speaks TLS instead of plain ESP, at byte 0',
      ],
      [
        'HTTP with a longer method',
        ascii('POST /x HTTP/1.1\r\n'),
        'frame length 1347375956 exceeds 16380: the peer speaks HTTP instead of plain ESP, at byte 0',
      ],
      [
        'which is only told by the first bytes',
        `${MESSAGE} ${HELLO}`,
        'frame length 369295616 exceeds 16380, at byte 9',
      ],
    ],
  );

  it('TLS, byte by byte', () => {
    expect(String(refusal(byteByByte(HELLO)))).toContain('the peer speaks TLS');
  });

  it.each([
    ['1603', 'TLS'],
    [ascii('GET '), 'HTTP'],
    [ascii('OPTIONS * HTTP/1.1'), 'HTTP'],
    [ascii('PRI * HTTP/2.0'), 'HTTP'],
    [ascii('GETTING'), undefined],
    [ascii('AGET / '), undefined],
    [ascii('SSH-2.0-x'), undefined],
    ['1602', undefined],
    ['', undefined],
  ])('%s', (hex, protocol) => expect(foreignProtocol(bytes(hex))).toBe(protocol));
});

it.each<[WireErrorCode, string]>([
  ['ESP_WIRE_FRAME_TOO_LONG', '00003ffd'],
  ['ESP_WIRE_FRAME_LENGTH', '00000004'],
  ['ESP_WIRE_FRAME_LENGTH', `${MARKER} 00000004`],
  ['ESP_WIRE_FRAME_LENGTH', `${MARKER} 00000005 00000000`],
  ['ESP_WIRE_FRAME_LENGTH', `${MARKER} 00000005 00000006`],
  ['ESP_WIRE_MESSAGE_TOO_LONG', `${MARKER} 000186a1`],
  ['ESP_WIRE_ADDP', '7032 51 000000'],
])('%s: %s', (code, hex) => expect(refusal(inOneChunk(hex))).toMatchObject({ code }));

describe('after an error', () => {
  it('the reader rejects later data with the same error, and returns nothing more', () => {
    const { reader, units } = new Received();
    const first = thrownBy(() => reader.push(bytes('00000000')));
    expect(thrownBy(() => reader.push(bytes(MESSAGE)))).toBe(first);
    expect(units).toEqual([]);
  });

  it('messages before it are returned', () => {
    const { reader, units } = new Received();
    thrownBy(() => reader.push(bytes(`${POLL} ${MESSAGE} 00000000`)));
    expect(units).toEqual(['addp P 0', 'body 00000001f4']);
  });
});

describe('a body that its sink refuses', () => {
  function refusedAt(stream: Buffer): { offset: number; error: unknown; again: unknown } {
    const utf8 = charset('utf-8');
    const reader: FrameReader = new FrameReader(
      { body: (body, start, end) => void decodeBody(body, start, end, utf8), addp() {} },
      100_000,
    );
    const error = thrownBy(() => reader.push(stream));
    return { offset: reader.offset, error, again: thrownBy(() => reader.push(Buffer.of(0))) };
  }

  it('fails the stream at the offset of that message', () => {
    const { offset, error, again } = refusedAt(bytes(`${MESSAGE} ${POLL} 00000006 00 000001f4 00 ${MESSAGE}`));
    expect(offset).toBe(15);
    expect(error).toEqual(new WireError('ESP_WIRE_LEFTOVER', '1 bytes left over after the attributes', 5, 'message'));
    expect(again).toBe(error);
  });

  it('in a packet extension too', () => {
    const fragments = `00000006 00000003 000000 ${POLL} 00000003 01f400`;
    expect(refusedAt(bytes(`${MESSAGE} ${MARKER} ${fragments} ${MESSAGE}`))).toMatchObject({
      offset: 9,
      error: new WireError('ESP_WIRE_LEFTOVER', '1 bytes left over after the attributes', 5, 'message'),
    });
  });
});

it('the offset moves on over whole units', () => {
  const { reader } = new Received();
  const extension = bytesOf(captured('string-16352/request'));
  reader.push(Buffer.concat([bytes(`${POLL} ${MESSAGE}`), extension, bytes('0000')]));
  expect(reader.offset).toBe(15 + extension.length);
});
