import { connect as connectTls } from 'node:tls';
import { type Attack, FROM, otherAddress } from './attack.js';
import { request } from './esp.js';
import { Peer, soon } from './peer.js';

const ask = (id: number): Buffer => request(id, 'Messaging', 'ValidateContact', [['Id', '+16315551002']]);
const BATCH = 50;

const together = (make: () => Promise<void>): Promise<unknown> => Promise.all(Array.from({ length: BATCH }, make));

const churn: Attack = {
  name: 'a connection for each request',
  async *steps({ esp }) {
    for (;;) {
      await together(async () => {
        const peer = await Peer.open(esp, otherAddress());
        await peer.write(ask(1));
        await peer.until(1, 'a connection each').catch(() => undefined);
        peer.socket.end();
        await Promise.race([peer.over, soon(1000)]);
        peer.reset();
      });
      yield BATCH;
    }
  },
};

const resets: Attack = {
  name: 'storm of resets',
  async *steps({ esp }) {
    for (let number = 0; ; number++) {
      await together(async () => {
        const peer = await Peer.open(esp, otherAddress());
        if (number % 2 === 1) await peer.write(ask(1));
        if (number % 3 === 1) await peer.write(ask(2).subarray(0, 30));
        peer.reset();
      });
      yield BATCH;
    }
  },
};

const tlsToPlain: Attack = {
  name: 'TLS and other protocols to the port of ESP',
  async *steps({ esp }) {
    const others = ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'SSH-2.0-x\r\n', '\r\n', '\0'.repeat(100), '\xff'.repeat(100)];
    for (;;) {
      await together(async () => {
        const socket = connectTls({ port: esp, host: '127.0.0.1', rejectUnauthorized: false });
        await new Promise((resolve) => socket.once('error', resolve).once('close', resolve));
        socket.destroy();
      });
      for (const other of others) {
        const peer = await Peer.open(esp, FROM);
        await peer.write(other);
        await Promise.race([peer.over, soon(100)]);
        peer.reset();
      }
      yield BATCH + others.length;
    }
  },
};

/** What comes to a port of TLS and is none, or stops in the middle of its handshake. */
const plainToTls: Attack = {
  name: 'plain bytes and unfinished handshakes to the port of ESP over TLS',
  tls: true,
  async *steps({ esp }) {
    const hello = Buffer.from('16030100f8010000f40303', 'hex');
    const openings = [
      ask(1),
      hello,
      Buffer.concat([hello, Buffer.alloc(300, 0xff)]),
      Buffer.alloc(0),
      Buffer.from('\r\n'),
    ];
    for (let number = 0; ; number++) {
      await together(async () => {
        const peer = await Peer.open(esp, otherAddress(), 'HTTP');
        await peer.write(openings[number % openings.length] as Buffer);
        await Promise.race([peer.over, soon(50)]);
        peer.reset();
      });
      yield BATCH;
    }
  },
};

/** A handshake each, which costs a server more than a client. */
const handshakes: Attack = {
  name: 'a TLS handshake for each request, and plain bytes behind it',
  tls: true,
  async *steps({ esp }) {
    for (;;) {
      for (let number = 0; number < 5; number++) {
        const peer = await Peer.open(esp, FROM, 'ESP over TLS');
        await peer.write(ask(1));
        await peer.until(1, 'a handshake each').catch(() => undefined);
        await peer.write('GET / HTTP/1.1\r\n\r\n');
        await Promise.race([peer.over, soon(100)]);
        peer.socket.destroy();
      }
      yield 5;
    }
  },
};

/** Keeps so many connections open, and asks for a new one in place of each that the host closes. */
async function* keeping(count: number, open: () => Promise<Peer>): AsyncGenerator<number, void> {
  let peers: Peer[] = [];
  try {
    for (;;) {
      peers = peers.filter((peer) => !peer.closed);
      const more = await Promise.all(Array.from({ length: Math.min(BATCH, count - peers.length) }, open));
      peers.push(...more);
      yield more.length;
      await soon(more.length === 0 ? 50 : 1);
    }
  } finally {
    for (const peer of peers) peer.reset();
  }
}

const address = (from: 'one address' | 'many addresses'): string => (from === 'one address' ? FROM : otherAddress());

/** Connections that never send a byte. */
export const silent = (
  count: number,
  name: 'esp' | 'http' | 'metrics',
  from: 'one address' | 'many addresses' = 'one address',
): Attack => ({
  name: `${count} silent connections from ${from} to the port of ${name}`,
  steps: (ground) => keeping(count, () => Peer.open(ground[name], address(from), name === 'esp' ? 'ESP' : 'HTTP')),
});

/** Connections that each have sent a request, and stay. */
export const crowd = (count: number): Attack => ({
  name: `${count} connections that ask once`,
  limit: 2 * count,
  steps: ({ esp }) =>
    keeping(count, async () => {
      const peer = await Peer.open(esp, otherAddress());
      await peer.write(ask(1));
      return peer;
    }),
});

export const connectionAttacks: readonly Attack[] = [churn, resets, tlsToPlain];

export const tlsAttacks: readonly Attack[] = [plainToTls, handshakes];
