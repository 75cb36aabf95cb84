import { type Attack, FROM, otherAddress } from './attack.js';
import { body, FRAME, framed, MARKER, request, u32 } from './esp.js';
import { Peer, soon, turn } from './peer.js';

const MB = 1 << 20;
const ask = (id: number, more = 10): Buffer =>
  body(500, id, [
    ['Service', 'Messaging'],
    ['Method', 'ValidateContact'],
    [
      'Parameters',
      [
        ['Id', '+16315551002'],
        ['x', 'x'.repeat(more)],
      ],
    ],
  ]);

const tinyFragments: Attack = {
  name: 'packet extensions of tiny fragments',
  async *steps({ esp }) {
    const bytes = framed(ask(1, 60_000), 1);
    for (;;) {
      const peer = await Peer.open(esp, FROM);
      for (let message = 0; message < 5; message++) await peer.write(bytes);
      await peer.until(5, 'tiny fragments');
      peer.reset();
      yield 5;
    }
  },
};

const lyingTotals: Attack = {
  name: 'packet extensions of lying totals',
  async *steps({ esp }) {
    const small = ask(1);
    const lies = [
      Buffer.concat([MARKER, u32(0xffffffff)]),
      Buffer.concat([MARKER, u32(0)]),
      Buffer.concat([MARKER, u32(16 * MB), u32(0)]),
      Buffer.concat([MARKER, u32(4), u32(small.length), small]),
      Buffer.concat([MARKER, u32(small.length), u32(FRAME + 1), small]),
      Buffer.concat([MARKER, MARKER]),
      Buffer.concat([MARKER, u32(16 * MB + 1), u32(FRAME), Buffer.alloc(FRAME)]),
      Buffer.concat([u32(0x7fffffff), Buffer.alloc(1000)]),
      Buffer.concat([u32(4), Buffer.alloc(4)]),
    ];
    for (;;) {
      for (const lie of lies) {
        const peer = await Peer.open(esp, FROM);
        await peer.write(lie);
        // A lie that only says too little leaves the connection waiting for more.
        await Promise.race([peer.over, soon(50)]);
        peer.reset();
        yield 1;
      }
    }
  },
};

/** Totals that are believed, most of their bytes, and then silence: on many connections at a time. */
const unfinished: Attack = {
  name: 'messages of 16 MB that never end',
  async *steps({ esp }) {
    const fragment = Buffer.concat([u32(FRAME), Buffer.alloc(FRAME, 0x41)]);
    const mega = Buffer.concat(Array.from({ length: 64 }, () => fragment));
    const peers: Peer[] = [];
    try {
      for (;;) {
        const peer = await Peer.open(esp, otherAddress());
        peers.push(peer);
        await peer.write(Buffer.concat([MARKER, u32(16 * MB - 1)]));
        for (let part = 0; part < 15 && !peer.closed; part++) await peer.write(mega);
        if (peers.length > 150) peers.shift()?.reset();
        yield 1;
      }
    } finally {
      for (const peer of peers) peer.reset();
    }
  },
};

const slowBytes: Attack = {
  name: 'slow bytes on 300 connections',
  async *steps({ esp }) {
    const bytes = request(1, 'Messaging', 'ValidateContact', [['Id', '+16315551002']]);
    const peers: { peer: Peer; at: number }[] = [];
    try {
      for (;;) {
        while (peers.length < 300) peers.push({ peer: await Peer.open(esp, otherAddress()), at: 0 });
        for (const [index, one] of peers.entries()) {
          if (one.peer.closed) peers[index] = { peer: await Peer.open(esp, otherAddress()), at: 0 };
          else await one.peer.write(bytes.subarray(one.at % bytes.length, (one.at++ % bytes.length) + 1));
        }
        yield peers.length;
        await turn();
      }
    } finally {
      for (const { peer } of peers) peer.reset();
    }
  },
};

/** Asks for replies as large as requests can make them, and reads none. */
const unread: Attack = {
  name: 'replies that nobody reads',
  async *steps({ esp }) {
    const name = 'M'.repeat(3000);
    const batch = Buffer.concat(Array.from({ length: 100 }, (_, index) => request(index + 1, 'Messaging', name)));
    let peers: Peer[] = [];
    try {
      for (;;) {
        peers = peers.filter((peer) => !peer.closed);
        while (peers.length < 50) {
          const peer = await Peer.open(esp, otherAddress());
          peer.socket.pause();
          peers.push(peer);
        }
        for (const { socket } of peers) if (socket.writableLength < MB) socket.write(batch);
        yield peers.length * 100;
        await soon(20);
      }
    } finally {
      for (const peer of peers) peer.reset();
    }
  },
};

export const byteAttacks: readonly Attack[] = [tinyFragments, lyingTotals, unfinished, slowBytes, unread];
