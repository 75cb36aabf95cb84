import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Peer } from '../../../mock-platform/relay/peer.js';

/** A socket, and what is done to it. */
function socketOf(has: object = {}) {
  const done: unknown[][] = [];
  const written: (() => void)[] = [];
  const names = ['setNoDelay', 'end', 'destroySoon', 'destroy', 'resetAndDestroy'];
  const calls = names.map((name) => [name, (...given: unknown[]) => void done.push([name, ...given])]);
  const write = (bytes: Buffer, sent = () => undefined): boolean => {
    done.push(['write', bytes.length]);
    written.push(sent);
    return false;
  };
  const state = { writable: true, writableLength: 0, writableNeedDrain: false, destroyed: false };
  const socket: Socket = Object.assign(Object.fromEntries(calls), { write }, state, has);
  const peer = new Peer(socket);
  return { socket, peer, done, written };
}

describe('a side of a relayed connection', () => {
  it.each([
    ['10.0.0.1', 5, '10.0.0.1:5'],
    ['::ffff:10.0.0.1', 5, '10.0.0.1:5'],
    ['::ffff:a', 5, '[::ffff:a]:5'],
    ['1::ffff:10', 5, '[1::ffff:10]:5'],
    [undefined, undefined, 'unknown:0'],
  ])('at %s %s has the address %s', (host, port, address) => {
    const remote = socketOf({ remoteAddress: host, remotePort: port }).peer;
    const local = socketOf({ localAddress: host, localPort: port }).peer;
    expect([remote.address, local.local]).toEqual([address, address]);
  });

  it('may stay half open, and sends without delay', () => {
    const { socket, done } = socketOf();
    expect([socket.allowHalfOpen, done]).toEqual([true, [['setNoDelay', true]]]);
  });

  it('is written to while it can be, and is full if its socket is', () => {
    const { peer, done } = socketOf();
    expect([peer.write(Buffer.from('abc')), done.at(-1)]).toEqual([false, ['write', 3]]);
    expect([peer.write(Buffer.alloc(0)), done.length]).toEqual([true, 2]);
    const ended = socketOf({ writable: false, writableNeedDrain: true });
    expect([ended.peer.write(Buffer.from('abc')), ended.done.length]).toEqual([false, 1]);
  });

  it('ends once, and closes after what is written', () => {
    const [open, ended] = [socketOf(), socketOf({ writable: false })];
    open.peer.end();
    ended.peer.end();
    ended.peer.close();
    expect([open.done.slice(1), ended.done.slice(1)]).toEqual([[['end']], [['destroySoon']]]);
  });

  it('is reset at once, or after what is written', () => {
    const [open, full, ended, gone] = [
      socketOf(),
      socketOf({ writableLength: 1 }),
      socketOf({ writable: false, writableLength: 1 }),
      socketOf({ destroyed: true }),
    ];
    for (const { peer } of [open, full, ended, gone]) peer.reset();
    const reset = [['resetAndDestroy'], ['destroy']];
    expect(open.done.slice(1)).toEqual(reset);
    expect(full.done.slice(1)).toEqual([['write', 0]]);
    full.written[0]?.();
    expect(full.done.slice(2)).toEqual(reset);
    expect([ended.done.slice(1), gone.done.slice(1)]).toEqual([reset, []]);
  });

  it('with TLS is reset below it, unless it was destroyed', () => {
    for (const [has, done] of [
      [{}, [['resetAndDestroy']]],
      [{ destroyed: true }, []],
      [{ encrypted: true }, []],
    ] as const) {
      const [secure, tcp] = [socketOf(), socketOf(has)];
      new Peer(secure.socket, tcp.socket).reset();
      expect([secure.done.at(-1), tcp.done.slice(1)]).toEqual([['destroy'], done]);
    }
  });
});
