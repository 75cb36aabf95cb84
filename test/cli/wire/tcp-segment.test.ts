import { describe, expect, it } from '@jest/globals';
import { tcpSegment } from '../../../src/cli/wire/tcp-segment.js';

interface Tcp {
  readonly payload?: string;
  readonly sequence?: number;
  readonly flags?: number;
  readonly options?: number;
}

function tcp({ payload = '0102', sequence = 7, flags = 0x18, options = 0 }: Tcp = {}): Buffer {
  const header = Buffer.alloc(20 + options, 0xee);
  header.writeUInt16BE(50_123, 0);
  header.writeUInt16BE(7120, 2);
  header.writeUInt32BE(sequence, 4);
  header[12] = ((header.length / 4) << 4) | 0x0f;
  header[13] = flags;
  return Buffer.concat([header, Buffer.from(payload, 'hex')]);
}

/** All bytes that do not matter are 0xee. */
function v4(payload: Buffer, { protocol = 6, options = 0, fragment = 0x4000 } = {}): Buffer {
  const header = Buffer.alloc(20 + options, 0xee);
  header[0] = 0x40 | (header.length / 4);
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(fragment, 6);
  header[9] = protocol;
  header.set([10, 1, 2, 3, 192, 168, 0, 9], 12);
  return Buffer.concat([header, payload]);
}

function v6(payload: Buffer): Buffer {
  const header = Buffer.alloc(40, 0xee);
  header[0] = 0x6f;
  header.writeUInt16BE(payload.length, 4);
  header[6] = 6;
  header.set(Buffer.from('fe800000000000000000000000000001', 'hex'), 8);
  header.set(Buffer.from('20010db8000000000000000000000abc', 'hex'), 24);
  return Buffer.concat([header, payload]);
}

const V4 = '10.1.2.3:50123 > 192.168.0.9:7120';
const V6 = '[fe80:0000:0000:0000:0000:0000:0000:0001]:50123 > [2001:0db8:0000:0000:0000:0000:0000:0abc]:7120';
const segment = (flow: string, more: object = {}) => ({
  ...{ flow, sequence: 7, opens: false, payload: Buffer.from('0102', 'hex') },
  ...more,
});

/** The header of a link layer with this protocol type. */
function link(size: number, typeAt: number, type: number): Buffer {
  const header = Buffer.alloc(size, 0x0e);
  header.writeUInt16BE(type, typeAt);
  return header;
}

describe('the TCP segment of a packet', () => {
  it('has its flow, sequence number and payload', () => {
    expect(tcpSegment(v4(tcp()))).toEqual(segment(V4));
    expect(tcpSegment(v6(tcp()))).toEqual(segment(V6));
    expect(tcpSegment(v4(tcp({ options: 12 }), { options: 8 }))).toEqual(segment(V4));
    expect(tcpSegment(v4(tcp({ payload: '' })))).toEqual(segment(V4, { payload: Buffer.alloc(0) }));
    expect(tcpSegment(v4(tcp({ sequence: 0xfedcba98, options: 40 })))).toEqual(segment(V4, { sequence: 0xfedcba98 }));
  });

  it('that opens a connection starts one number later', () => {
    const opened = (sequence: number) => tcpSegment(v4(tcp({ flags: 0x02, sequence, payload: '' })));
    expect(opened(7)).toMatchObject({ opens: true, sequence: 8 });
    expect(opened(0x7fffffff)).toMatchObject({ sequence: 0x80000000 });
    expect(opened(0xffffffff)).toMatchObject({ sequence: 0 });
    expect(tcpSegment(v4(tcp({ flags: 0xfd })))).toMatchObject({ opens: false, sequence: 7 });
  });

  it.each<[string, Buffer]>([
    ['Ethernet', link(14, 12, 0x0800)],
    ['Linux cooked capture', link(16, 14, 0x0800)],
    ['Linux cooked capture 2', link(20, 0, 0x0800)],
  ])('may follow a header of %s', (_name, header) => {
    expect(tcpSegment(Buffer.concat([header, v4(tcp())]))).toEqual(segment(V4));
    const six = Buffer.from(header);
    six.writeUInt16BE(0x86dd, header.indexOf('0800', 0, 'hex'));
    expect(tcpSegment(Buffer.concat([six, v6(tcp())]))).toEqual(segment(V6));
    // The type must be that of the IP version.
    expect(tcpSegment(Buffer.concat([six, v4(tcp())]))).toBeUndefined();
    expect(tcpSegment(Buffer.concat([header, v6(tcp())]))).toBeUndefined();
  });

  it('may have up to 46 bytes of padding after it, behind a link layer', () => {
    const padded = (size: number) => tcpSegment(Buffer.concat([link(14, 12, 0x0800), v4(tcp()), Buffer.alloc(size)]));
    expect(padded(46)).toEqual(segment(V4));
    expect(padded(47)).toBeUndefined();
  });

  it('needs 40 bytes behind a link layer', () => {
    const empty = v4(tcp({ payload: '' }));
    expect(empty).toHaveLength(40);
    expect(tcpSegment(Buffer.concat([link(14, 12, 0x0800), empty]))).toMatchObject({ flow: V4 });
    expect(tcpSegment(Buffer.concat([link(14, 12, 0x0800), empty.subarray(0, 39)]))).toBeUndefined();
  });
});

describe('a packet', () => {
  it.each<[string, Buffer]>([
    ['ESP', Buffer.from(`00000020${'00'.repeat(40)}`, 'hex')],
    ['ADDP', Buffer.from(`7032${'00'.repeat(40)}`, 'hex')],
    ['less than an IP header', v4(tcp()).subarray(0, 19)],
    ['less than a header of IPv6', v6(tcp()).subarray(0, 39)],
    ['a header of IPv4 that is too short', Buffer.concat([Buffer.from([0x44]), v4(tcp()).subarray(1)])],
    ['nothing', Buffer.alloc(0)],
  ])('is not %s', (_what, bytes) => expect(tcpSegment(bytes)).toBeUndefined());

  it('is as long as its header, at least', () => {
    const bytes = v4(Buffer.alloc(0), { protocol: 17 });
    expect(bytes).toHaveLength(20);
    expect(tcpSegment(bytes)).toBe('other');
    bytes.writeUInt16BE(19, 2);
    expect(tcpSegment(bytes)).toBeUndefined();
  });

  it('of another protocol is other, even a fragment', () => {
    expect(tcpSegment(v4(tcp(), { protocol: 17, fragment: 0x2000 }))).toBe('other');
    expect(tcpSegment(v4(tcp(), { protocol: 7 }))).toBe('other');
  });

  it.each([0x2000, 0x0001, 0x1fff])('with the fragment field %i is refused', (fragment) => {
    expect(() => tcpSegment(v4(tcp(), { fragment }))).toThrow('the packet is a fragment of an IP packet');
  });

  it('may forbid fragments', () => {
    for (const fragment of [0, 0x4000, 0x8000]) expect(tcpSegment(v4(tcp(), { fragment }))).toEqual(segment(V4));
  });

  it('must be whole', () => {
    const bytes = v4(tcp());
    expect(() => tcpSegment(bytes.subarray(0, 41))).toThrow(
      expect.objectContaining({
        code: 'ESP_CLI_INVALID_DUMP',
        name: 'DumpError',
        message: 'the packet is truncated: 41 of 42 bytes (use tcpdump -s 0)',
      }),
    );
    expect(() => tcpSegment(v6(tcp()).subarray(0, 61))).toThrow('the packet is truncated: 61 of 62 bytes');
  });

  it('has room for a TCP header', () => {
    expect(() => tcpSegment(v6(Buffer.alloc(0)))).toThrow('the packet is too short for a TCP header');
    expect(() => tcpSegment(v4(tcp().subarray(0, 19)))).toThrow('the packet is too short for a TCP header');
  });

  it.each([
    ['below 20 bytes', 4],
    ['beyond its end', 6],
    ['of nothing', 0],
  ])('has no TCP header %s', (_what, words) => {
    const bytes = v4(tcp());
    bytes[32] = words << 4;
    expect(() => tcpSegment(bytes)).toThrow('the TCP header has an invalid length');
  });
});
