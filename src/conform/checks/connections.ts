import type { Check } from '../check.js';
import type { Peer } from '../peer.js';

const CLIENTS = 50;
/** Enough replies to fill the buffers of a connection that is not read. */
const UNREAD = 5000;

/** What one client does must not concern another. */
export const connections: readonly Check[] = [
  {
    id: 'connections.halfClosed',
    title: 'closes its side of the connection after the client has closed its own, with a reply before that',
    notice: 'connections of clients that have left stay open, until there are too many',
    run: (subject, remark) =>
      subject.connected(async (peer) => {
        const id = subject.nextId();
        peer.write(subject.request(id));
        peer.end();
        await peer.ended('the server did not close its side');
        // Many servers cannot tell such a client from one that has gone.
        if (peer.messages.length === 0) remark('note', 'there was no reply before that');
        else await peer.reply(id);
      }),
  },
  {
    id: 'connections.many',
    title: `serves ${CLIENTS} clients at a time`,
    notice: 'some clients cannot connect, or get no reply',
    run: async (subject) => {
      const peers: Peer[] = [];
      const open = async (left: number): Promise<void> => {
        if (left === 0) {
          for (const peer of peers) await subject.ask(peer, {}, `a request of one of ${CLIENTS} clients`);
          return;
        }
        await subject.connected((peer) => {
          peers.push(peer);
          return open(left - 1);
        });
      };
      await open(CLIENTS);
    },
  },
  {
    id: 'connections.slowWriter',
    title: 'serves others while a request of one client is incomplete',
    notice: 'one slow client stops all strategies',
    run: (subject) =>
      subject.connected(async (slow) => {
        const id = subject.nextId();
        const bytes = subject.request(id);
        slow.write(bytes.subarray(0, 10));
        await subject.connected((other) => subject.ask(other, {}, "a request while another client's is incomplete"));
        slow.write(bytes.subarray(10));
        subject.same(await slow.reply(id, 'the request that was incomplete'), 'it');
      }),
  },
  {
    id: 'connections.slowReader',
    title: `serves others while one client does not read ${UNREAD} replies, and loses none of them`,
    notice: 'one slow client stops all strategies, or loses replies',
    run: (subject) =>
      subject.connected(async (slow) => {
        slow.pause();
        const ids = Array.from({ length: UNREAD }, () => subject.nextId());
        slow.write(Buffer.concat(ids.map((id) => subject.request(id))));
        await subject.connected((other) => subject.ask(other, {}, 'a request while another client reads nothing'));
        slow.resume();
        for (const [index, id] of ids.entries())
          await slow.reply(id, `request ${index + 1} of a client that read late`);
      }),
  },
  {
    id: 'connections.reset',
    title: 'serves others after a client resets its connection inside a request',
    notice: 'one client that fails takes others with it',
    run: (subject) =>
      subject.connected(async (other) => {
        await subject.connected(async (peer) => {
          peer.write(subject.request(subject.nextId()).subarray(0, 20));
          await subject.ask(other, {}, 'a request');
          peer.reset();
        });
        await subject.ask(other, {}, "a request after another client's reset");
      }),
  },
  {
    id: 'connections.garbage',
    title: 'closes a connection that does not speak ESP, and serves others',
    notice: 'a port scan stops all strategies',
    run: (subject) =>
      subject.connected(async (other) => {
        await subject.connected(async (peer) => {
          peer.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
          await peer.ended('a connection that speaks HTTP did not end');
        });
        await subject.ask(other, {}, 'a request after garbage on another connection');
      }),
  },
];
