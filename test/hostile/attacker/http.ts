import { type Attack, FROM, type Ground, otherAddress } from './attack.js';
import { Peer, soon } from './peer.js';

const authorised = ({ token }: Ground): string =>
  `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;

const post = (ground: Ground, path: string, text: string): string =>
  `POST ${path} HTTP/1.1\r\n${authorised(ground)}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

const call = (ground: Ground, text: string): string => post(ground, '/esp/Messaging/ValidateContact', text);

/** Requests that are no requests, to any HTTP server. */
const nonsense = (): string[] => [
  'GET /health/live HTTP/1.1\r\n',
  `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  `GET /metrics HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}\r\n`,
  'GET /%ff%00%zz/../..//metrics?__proto__=1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /__proto__ HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /constructor HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n',
  'POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n',
  `PUT /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(3000)}`,
  'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /metrics HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
  '\x16\x03\x01\x00\xf8\x01\x00\x00',
  '\0'.repeat(1000),
];

async function send(port: number, bytes: string): Promise<void> {
  const peer = await Peer.open(port, otherAddress(), 'HTTP');
  await peer.write(Buffer.from(bytes, 'latin1'));
  await Promise.race([peer.over, soon(30)]);
  peer.reset();
}

const strange = (name: string, port: (ground: Ground) => number, requests: (ground: Ground) => string[]): Attack => ({
  name,
  async *steps(ground) {
    const all = requests(ground);
    for (;;) {
      await Promise.all(all.map((one) => send(port(ground), one)));
      yield all.length;
    }
  },
});

const bodies = (ground: Ground): string[] => [
  ...nonsense(),
  call(ground, '{"Id":"+16315551002"}'),
  call(ground, '['.repeat(100_000)),
  call(ground, '{"Id":'.repeat(50_000)),
  call(ground, `{"Id":${'"\\"token'.repeat(2000)}`),
  call(ground, `{"Id":"${'1-1-1-'.repeat(150_000)}"}`),
  call(ground, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"Id":"+16315551002"}'),
  call(ground, `{"Id":"${'\\ud800'.repeat(10_000)}"}`),
  call(ground, '\xff\xfe\x00'),
  post(ground, `/esp/${'%22token'.repeat(500)}/x`, '{}'),
  post(ground, '/esp/__proto__/constructor', '{}'),
  post(ground, '/esp/%ff/%00', '{}'),
];

/** Scrapes that do not read their pages. */
const unreadPages: Attack = {
  name: '10,000 pages of metrics a second that nobody reads',
  async *steps({ metrics }) {
    const peers: Peer[] = [];
    try {
      for (;;) {
        const peer = await Peer.open(metrics, otherAddress(), 'HTTP');
        peer.socket.pause();
        await peer.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
        peers.push(peer);
        if (peers.length > 50) peers.shift()?.reset();
        yield 1;
        await soon(5);
      }
    } finally {
      for (const peer of peers) peer.reset();
    }
  },
};

const slowRequests = (name: string, port: (ground: Ground) => number): Attack => ({
  name,
  async *steps(ground) {
    const bytes = `POST /esp/Messaging/ValidateContact HTTP/1.1\r\n${authorised(ground)}Content-Length: 1000\r\n\r\n`;
    const peers: Peer[] = [];
    try {
      for (let at = 0; ; at++) {
        if (peers.length < 200) peers.push(await Peer.open(port(ground), FROM, 'HTTP'));
        for (const peer of peers) if (!peer.closed) await peer.write(bytes[at % bytes.length] as string);
        yield peers.length;
        await soon(2);
      }
    } finally {
      for (const peer of peers) peer.reset();
    }
  },
});

const metrics = (ground: Ground): number => ground.metrics;
const http = (ground: Ground): number => ground.http;

export const httpAttacks: readonly Attack[] = [
  strange('strange requests to the metrics port', metrics, nonsense),
  strange('strange requests to the HTTP port', http, bodies),
  unreadPages,
  slowRequests('slow requests to the metrics port', metrics),
  slowRequests('slow requests to the HTTP port', http),
];
