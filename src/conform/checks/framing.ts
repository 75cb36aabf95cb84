import type { Check } from '../check.js';

const TOGETHER = 20;
/** Bytes of a parameter, so that the request needs a packet extension of two fragments. */
const TWO_FRAMES = 20_000;

/** How the server cuts the byte stream into messages. */
export const framing: readonly Check[] = [
  {
    id: 'framing.boundaries',
    title: 'reads a request that arrives in two pieces, cut at each byte',
    notice: 'requests time out now and then, for networks cut where they like',
    run: (subject) =>
      subject.connected(async (peer) => {
        const { length } = subject.request(0);
        for (let at = 1; at < length; at++) {
          const id = subject.nextId();
          const bytes = subject.request(id);
          await peer.writePieces([bytes.subarray(0, at), bytes.subarray(at)]);
          const what = `a request cut after ${at} of ${length} bytes`;
          subject.same(await peer.reply(id, what), what);
        }
      }),
  },
  {
    id: 'framing.bytes',
    title: 'reads a request that arrives byte by byte',
    notice: 'requests time out on slow connections',
    run: (subject) =>
      subject.connected(async (peer) => {
        const id = subject.nextId();
        await peer.writePieces([...subject.request(id)].map((byte) => Uint8Array.of(byte)));
        subject.same(await peer.reply(id, 'a request in single bytes'), 'a request in single bytes');
      }),
  },
  {
    id: 'framing.together',
    title: `reads ${TOGETHER} requests, and half of one, that arrive together`,
    notice: 'under load, requests time out',
    run: (subject) =>
      subject.connected(async (peer) => {
        const ids = Array.from({ length: TOGETHER }, () => subject.nextId());
        const half = subject.nextId();
        const last = subject.request(half);
        const at = last.length >> 1;
        peer.write(Buffer.concat([...ids.map((id) => subject.request(id)), last.subarray(0, at)]));
        for (const [index, id] of ids.entries()) {
          const what = `request ${index + 1} of ${TOGETHER} in one write`;
          subject.same(await peer.reply(id, what), what);
        }
        peer.write(last.subarray(at));
        subject.same(await peer.reply(half, 'the request that began in that write'), 'it');
      }),
  },
  {
    id: 'framing.extension',
    title: 'reads a packet extension, cut at each of its boundaries',
    notice: 'requests over 16 kB time out',
    run: (subject) =>
      subject.connected(async (peer) => {
        const id = subject.nextId();
        const text = { key: 'EspHostConform', type: 'str', value: 'x'.repeat(TWO_FRAMES) } as const;
        const bytes = subject.request(id, subject.with(text));
        // The marker, the total, the first fragment's length and end, the second's length.
        const cuts = [10, 28, 30, 32, 34, 36, 36 + 16_380, 36 + 16_382, 36 + 16_384];
        await peer.writePieces([0, ...cuts].map((cut, index) => bytes.subarray(cut, cuts[index])));
        await peer.reply(id, `a packet extension of ${bytes.length} bytes`);
        await subject.ask(peer, {}, 'the request after a packet extension');
      }),
  },
];
