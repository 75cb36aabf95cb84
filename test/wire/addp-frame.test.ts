import { describe, expect, it } from '@jest/globals';
import { ADDP_TIMEOUT_MAX, Addp, decodeInit, encodeAddp, encodeInit } from '../../src/wire/index.js';
import { bytes } from './hex.js';
import { read } from './reading.js';

/** ADDP's six bytes: `p2`, a letter, 24 bits. */

describe.each([
  ['I', Addp.Init, '703249'],
  ['i', Addp.InitAck, '703269'],
  ['P', Addp.Poll, '703250'],
  ['p', Addp.PollAck, '703270'],
])('%s', (letter, code, start) => {
  it.each([
    [0, '000000'],
    [1, '000001'],
    [0x012345, '012345'],
    [0xffffff, 'ffffff'],
  ])('with %i', (value, end) => {
    expect(encodeAddp(code, value).toString('hex')).toBe(start + end);
    expect(read(bytes(start + end))).toEqual([`addp ${letter} ${value}`]);
  });
});

it('a counter over 24 bits begins at 0 again', () => {
  expect(encodeAddp(Addp.Poll, 0x1000000).toString('hex')).toBe('703250000000');
  expect(encodeAddp(Addp.Poll, 0x1000001).toString('hex')).toBe('703250000001');
});

describe('the init frame', () => {
  it.each([
    [0, false, '000000'],
    [0, true, '800000'],
    [1, false, '000001'],
    [15_000, false, '003a98'],
    [15_000, true, '803a98'],
    [8_388_607, false, '7fffff'],
    [8_388_607, true, 'ffffff'],
  ])('asks for polls after %i ms, trace %s', (timeoutMs, trace, value) => {
    expect(encodeInit(timeoutMs, trace).toString('hex')).toBe(`703249${value}`);
    expect(decodeInit(Number.parseInt(value, 16))).toEqual({ timeoutMs, trace });
  });

  it('holds no more than 23 bits of milliseconds', () => {
    expect(ADDP_TIMEOUT_MAX).toBe(8_388_607);
    expect(encodeInit(8_388_608, false).toString('hex')).toBe('7032497fffff');
    expect(encodeInit(86_400_000, true).toString('hex')).toBe('703249ffffff');
  });
});
