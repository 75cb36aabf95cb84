import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeAddp, type Frame, type WireError } from '#wire';
import { Flow } from '../../../mock-platform/relay/flow.js';
import type { Peer } from '../../../mock-platform/relay/peer.js';
import { vectors } from '../../wire/vectors.js';

class FakeSocket extends EventEmitter {
  flowing = true;
  pause(): void {
    this.flowing = false;
  }
  resume(): void {
    this.flowing = true;
  }
}

/** A flow between two fake sockets; `held` frames are passed at once, unchanged. */
class Fixture {
  readonly from = new FakeSocket();
  readonly to = new FakeSocket();
  readonly out: Buffer[] = [];
  readonly frames: { how: string; frame: Frame }[] = [];
  readonly broken: WireError[] = [];
  holding = false;
  takes = true;
  ended = 0;
  readonly flow: Flow;

  constructor() {
    const peer = (socket: FakeSocket): Peer =>
      ({
        socket,
        write: (bytes: Buffer) => {
          this.out.push(Buffer.from(bytes));
          return this.takes;
        },
      }) as unknown as Peer;
    this.flow = new Flow(peer(this.from), peer(this.to), {
      holding: () => this.holding,
      passed: (frame) => this.frames.push({ how: 'passed', frame }),
      held: (frame) => {
        this.frames.push({ how: 'held', frame });
        this.flow.write(frame.bytes);
      },
      broken: (error) => this.broken.push(error),
      ended: () => {
        this.ended++;
      },
    });
  }

  data(...chunks: Buffer[]): this {
    for (const chunk of chunks) this.from.emit('data', chunk);
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.out);
  }

  /** The notifications to the observer, without ADDP frames inside a message, which are part of its bytes. */
  get told(): Buffer {
    return Buffer.concat(this.frames.filter(({ frame }) => !frame.inside).map(({ frame }) => frame.bytes));
  }
}

const captured = vectors.map(({ hex }) => Buffer.from(hex, 'hex')).filter(({ length }) => length < 40_000);
const addp = fc.integer({ min: 0, max: 0xffffff }).map((value) => encodeAddp(0x50, value));

/** A packet extension with an ADDP frame between its fragments. */
const extension = captured.find((bytes) => bytes.includes('$PACKET EXTENSION')) ?? Buffer.alloc(0);
const mixed = Buffer.concat([extension.subarray(0, 32), encodeAddp(0x70, 7), extension.subarray(32)]);

const unit = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...captured) }, addp, fc.constant(mixed));
const broken = fc.constantFrom('', '47455420', 'ffffffff', '000000', '0000000401', '70320000');
const stream = fc
  .tuple(fc.array(unit, { maxLength: 6 }), broken)
  .map(([units, end]) => Buffer.concat([...units, Buffer.from(end, 'hex')]));

/** Pieces of a stream, and before each whether frames are held from then on. */
const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.boolean()), { minLength: 1, maxLength: 40 });

function pieces(bytes: Buffer, lengths: readonly (readonly [number, boolean])[]): [Buffer, boolean][] {
  const found: [Buffer, boolean][] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const [length, holding] = lengths[index % lengths.length] ?? [bytes.length, false];
    found.push([bytes.subarray(at, at + length), holding]);
    at += length;
  }
  return found;
}

describe('a flow', () => {
  it('passes every byte in order, whether or not frames are held, even in malformed data', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, lengths) => {
        const fixture = new Fixture();
        for (const [piece, holding] of pieces(bytes, lengths)) {
          fixture.holding = holding;
          fixture.data(piece);
        }
        fixture.from.emit('end');
        expect(fixture.bytes.equals(bytes)).toBe(true);
        expect(fixture.ended).toBe(1);
        expect(bytes.subarray(0, fixture.told.length).equals(fixture.told)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('reports each message and ADDP frame once, with its exact bytes, however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), cuts, (units, lengths) => {
        const fixture = new Fixture();
        for (const [piece, holding] of pieces(Buffer.concat(units), lengths)) {
          fixture.holding = holding;
          fixture.data(piece);
        }
        const outside = fixture.frames.filter(({ frame }) => !frame.inside).map(({ frame }) => frame);
        expect(outside.map(({ bytes }) => bytes.toString('hex'))).toEqual(units.map((one) => one.toString('hex')));
        expect(outside.map(({ kind }) => kind)).toEqual(units.map((one) => (one[0] === 0x70 ? 'addp' : 'message')));
      }),
    );
  });

  it('passes frames that it does not hold chunk by chunk, before they are complete', () => {
    const [first = Buffer.alloc(0)] = captured;
    const fixture = new Fixture();
    fixture.data(first.subarray(0, 10));
    expect(fixture.bytes.equals(first.subarray(0, 10))).toBe(true);
    expect(fixture.frames).toEqual([]);
    fixture.data(first.subarray(10));
    expect(fixture.out).toHaveLength(2);
    expect(fixture.frames).toMatchObject([{ how: 'passed', frame: { start: 0, end: first.length } }]);
  });

  it('holds a frame until it is complete, unless its beginning was already passed', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = captured;
    const fixture = new Fixture();
    fixture.data(first.subarray(0, 10));
    fixture.holding = true;
    fixture.data(first.subarray(10, 20));
    expect(fixture.bytes).toHaveLength(20);
    fixture.data(Buffer.concat([first.subarray(20), second.subarray(0, 9)]));
    expect(fixture.bytes).toHaveLength(first.length);
    fixture.data(second.subarray(9));
    expect(fixture.frames.map(({ how }) => how)).toEqual(['passed', 'held']);
    expect(fixture.bytes.equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('passes a partial frame when the source ends', () => {
    const fixture = new Fixture();
    fixture.holding = true;
    fixture.data(Buffer.from('000000', 'hex'));
    expect(fixture.out).toEqual([]);
    fixture.from.emit('end');
    expect(fixture.bytes.toString('hex')).toBe('000000');
    expect(fixture.ended).toBe(1);
  });

  it('reports the byte of a format error once, and passes the rest uninspected', () => {
    const fixture = new Fixture();
    fixture.holding = true;
    fixture.data(Buffer.from('00'), Buffer.from('GET / HTTP/1.1\r\n'), Buffer.from('more'));
    expect(fixture.bytes.toString()).toBe('00GET / HTTP/1.1\r\nmore');
    expect(fixture.broken.map(({ message }) => message)).toEqual([expect.stringMatching(/at byte 0 of the stream/)]);
  });

  it('reads no faster than the other side', () => {
    const fixture = new Fixture();
    fixture.takes = false;
    fixture.data(Buffer.from('0000', 'hex'));
    expect(fixture.from.flowing).toBe(false);
    fixture.takes = true;
    fixture.to.emit('drain');
    expect(fixture.from.flowing).toBe(true);
  });

  it('ends after delayed frames are sent, and a delay can be cut short', () => {
    const fixture = new Fixture();
    const atOnce = new AbortController();
    fixture.flow.delay(1_000_000, atOnce.signal, () => fixture.flow.write(Buffer.from('late')));
    fixture.from.emit('end');
    expect([fixture.ended, fixture.out]).toEqual([0, []]);
    atOnce.abort();
    expect([fixture.ended, fixture.bytes.toString()]).toEqual([1, 'late']);
  });

  it('drops delayed frames when it is stopped', () => {
    const fixture = new Fixture();
    const atOnce = new AbortController();
    fixture.flow.delay(1_000_000, atOnce.signal, () => fixture.flow.write(Buffer.from('late')));
    fixture.flow.stop();
    atOnce.abort();
    expect(fixture.out).toEqual([]);
  });
});
