import { DumpError } from '../errors.js';

/** The TCP segment of a packet. */
export interface Segment {
  /** `127.0.0.1:50123 > 127.0.0.1:7120`: one direction of one connection. */
  readonly flow: string;
  /** Sequence number of the first byte of the payload. */
  readonly sequence: number;
  readonly opens: boolean;
  readonly payload: Buffer;
}

const TCP = 6;
const ETHERNET_IPV4 = 0x0800;
const ETHERNET_IPV6 = 0x86dd;

/** Limit of the padding that a link layer adds to a short packet. */
const PADDING = 46;

interface Ip {
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
  /** Offset of the end of the header. */
  readonly header: number;
  /** Offset of the end of the payload, according to the header. */
  readonly end: number;
}

/**
 * The TCP segment of a packet that starts with its IP or link layer header; `other` for another protocol, undefined if
 * the bytes are not a packet. ESP starts with 00 or 70 and IP with 4x or 6x, so they cannot be confused. @throws DumpError
 */
export function tcpSegment(bytes: Buffer): Segment | 'other' | undefined {
  const ip = ipOf(bytes);
  if (ip === undefined) return undefined;
  if (ip.protocol !== TCP) return 'other';
  if (ip.end > bytes.length) {
    throw new DumpError(`the packet is truncated: ${bytes.length} of ${ip.end} bytes (use tcpdump -s 0)`);
  }
  if (ip.end - ip.header < 20) throw new DumpError('the packet is too short for a TCP header');
  const payload = ip.header + ((bytes[ip.header + 12] as number) >> 4) * 4;
  if (payload < ip.header + 20 || payload > ip.end) throw new DumpError('the TCP header has an invalid length');
  const opens = ((bytes[ip.header + 13] as number) & 0x02) !== 0;
  const sequence = bytes.readUInt32BE(ip.header + 4);
  return {
    flow: `${ip.from}:${bytes.readUInt16BE(ip.header)} > ${ip.to}:${bytes.readUInt16BE(ip.header + 2)}`,
    sequence: opens ? (sequence + 1) >>> 0 : sequence,
    opens,
    payload: bytes.subarray(payload, ip.end),
  };
}

/** The IP header, at the start or after the header of a link layer. */
function ipOf(bytes: Buffer): Ip | undefined {
  if (bytes.length < 20) return undefined;
  const first = (bytes[0] as number) >> 4;
  if (first === 4) return ipv4(bytes, 0);
  if (first === 6) return ipv6(bytes, 0);
  for (const [typeAt, at] of LINK_LAYERS) {
    if (bytes.length < at + 40) continue;
    const type = bytes.readUInt16BE(typeAt);
    const ip = type === ETHERNET_IPV4 ? ipv4(bytes, at) : type === ETHERNET_IPV6 ? ipv6(bytes, at) : undefined;
    if (ip !== undefined && bytes.length - ip.end <= PADDING) return ip;
  }
  return undefined;
}

/** Offsets of the protocol type and of the payload: Ethernet, Linux cooked capture 1 and 2. */
const LINK_LAYERS = [
  [12, 14],
  [14, 16],
  [0, 20],
] as const;

function ipv4(bytes: Buffer, at: number): Ip | undefined {
  const first = bytes[at] as number;
  const header = (first & 0x0f) * 4;
  const total = bytes.readUInt16BE(at + 2);
  if (first >> 4 !== 4 || header < 20 || total < header) return undefined;
  const protocol = bytes[at + 9] as number;
  if (protocol === TCP && (bytes.readUInt16BE(at + 6) & 0x3fff) !== 0) {
    throw new DumpError('the packet is a fragment of an IP packet');
  }
  const address = (from: number): string => bytes.subarray(from, from + 4).join('.');
  return { protocol, from: address(at + 12), to: address(at + 16), header: at + header, end: at + total };
}

function ipv6(bytes: Buffer, at: number): Ip | undefined {
  if (bytes.length < at + 40 || (bytes[at] as number) >> 4 !== 6) return undefined;
  const address = (from: number): string =>
    `[${bytes.toString('hex', from, from + 16).replaceAll(/(.{4})(?!$)/g, '$1:')}]`;
  return {
    protocol: bytes[at + 6] as number,
    from: address(at + 8),
    to: address(at + 24),
    header: at + 40,
    end: at + 40 + bytes.readUInt16BE(at + 4),
  };
}
