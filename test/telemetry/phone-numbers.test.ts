import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OWN_TEXT } from '../../src/telemetry/index.js';
import { maskPhoneNumbers } from '../../src/telemetry/phone-numbers.js';
import { LogLines } from '../support/log-lines.js';

describe('a phone number', () => {
  it.each([
    ['+16315551002', '+********002'],
    ['16315551002', '********002'],
    ['6315551002', '*******002'],
    ['5551002', '****002'],
    ['+1-631-555-1002', '+*-***-***-*002'],
    ['+1 (516) 283-7151', '+* (***) ***-*151'],
    ['(516) 283-7151', '(***) ***-*151'],
    ['+54 9 11 5612-1008', '+** * ** ****-*008'],
    ['+1.631.555.1002', '+*.***.***.*002'],
    ['631.555.1002', '***.***.*002'],
    ['+49 30 1234567', '+** ** ****567'],
    ['09876543210', '********210'],
    ['１６３１５５５１００２', '********００２'],
    ['＋１６３１５５５１００２', '＋********００２'],
    ['٩٨٧٦٥٤٣٢١٠', '*******٢١٠'],
    ["no channel '+16315551002'", "no channel '+********002'"],
    ['{"input":"16315551002"}', '{"input":"********002"}'],
    ['{"wa_id":16315551002}', '{"wa_id":********002}'],
    ['http://127.0.0.1:9090/v1/contacts/16315551002?x=1', 'http://127.0.0.1:9090/v1/contacts/********002?x=1'],
    ['http://h/c?to=%2B16315551002&a=b', 'http://h/c?to=%2B********002&a=b'],
    ['whatsapp:+16315551002', 'whatsapp:+********002'],
    ['16315551002@s.whatsapp.net', '********002@s.whatsapp.net'],
    ['+16315551002,+15162837151', '+********002,+********151'],
    ['+16315551002 +15162837151', '+********002 +********151'],
    ['16315551002 15162837151', '********002 ********151'],
    ['2026-11-30 16315551002', '2026-11-30 ********002'],
    ['127.0.0.1 16315551002', '127.0.0.1 ********002'],
    ['1-631-555-1002x12', '*-***-***-*002x12'],
    ['1234567abc 6315551002f +16315551002', '1234567abc 6315551002f +********002'],
    ['call +16315551002 in 5000 ms', 'call +********002 in 5000 ms'],
  ])('%s becomes %s', (text, expected) => expect(maskPhoneNumbers(text)).toBe(expected));

  it('shows no more than three digits, however it is written', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', ' (', ') ', '-', '\u00a0');
    const digits = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), separator), { minLength: 8, maxLength: 15 });
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom('to ', '"', '=', 'tel:'),
        fc.constantFrom('', '"', ', and so on'),
        (parts, before, after) => {
          const number = parts.map(([digit, between], index) => `${digit}${index === parts.length - 1 ? '' : between}`);
          const masked = maskPhoneNumbers(`${before}+${number.join('')}${after}`);
          expect(masked.match(/\d/g)).toHaveLength(3);
        },
      ),
    );
  });
});

describe('text that is not a phone number does not change', () => {
  it.each([
    ['2026-11-30T10:00:00.123Z'],
    ['2026-11-30 10:00:00+00:00'],
    ['2026-11-30'],
    ['1732485600000'],
    ['192.168.100.200:50123'],
    ['10.100.200.250'],
    ['::ffff:127.0.0.1:50123'],
    ['listens on 127.0.0.1:7120'],
    ['deadline of 86400000 ms passed'],
    ['packet extension of 16777217 bytes exceeds limits.messageBytes of 16777216 bytes'],
    ['inside a frame: received 30 of 16777216 bytes'],
    ['list of 369295616 bytes does not fit in 369295616 bytes'],
    ['550e8400-e29b-41d4-a716-446655440000'],
    ['sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['version 2.41.3, status 503, 1000 connections, code 904'],
    ['123456'],
    ['a card 4111111111111111'],
  ])('%s', (text) => expect(maskPhoneNumbers(text)).toBe(text));
});

describe('the message of a line', () => {
  const written = (message: string, fields: Record<string, unknown>): string | undefined => {
    const log = new LogLines('info', 'json');
    log.logger.info(message, fields);
    return JSON.parse(log.lines[0] ?? '').message;
  };

  it.each([
    ['inside a frame: received 12345678 of 16777216 bytes'],
    ['list of 369295616 entries does not fit in 12345678 bytes'],
    ['frame length 369295616 exceeds 16380'],
    ['at byte 123456789 of the stream'],
    ['first bytes 0000300001f4'],
    ['first bytes 00003000'],
  ])('does not change if it is text of the host: %s', (text) => {
    expect(written(text, { [OWN_TEXT]: true })).toBe(text);
    expect(written(`+16315551002: ${text}`, {})).not.toContain('631555');
  });

  it('has no secrets even then', () => {
    expect(written('of http://ann:hunter2@x.example/', { [OWN_TEXT]: true })).not.toContain('hunter2');
  });

  it('keeps the numbers that its fields have as numbers', () => {
    const text = 'Messaging.ValidateContact failed unexpectedly (ReferenceId 2147483647) for 2147483640';
    expect(written(text, { referenceId: 2147483647, to: '2147483640' })).toBe(
      'Messaging.ValidateContact failed unexpectedly (ReferenceId 2147483647) for *******640',
    );
  });
});

it('fields are masked at any depth, with their keys, and the given objects do not change', () => {
  const value = { to: ['+16315551002', 7], of: { '+15162837151': true }, at: new Date(0), none: null };
  const before = structuredClone(value);
  const log = new LogLines('info', 'json');
  log.logger.info('it', value);
  expect(JSON.parse(log.lines[0] ?? '')).toMatchObject({
    to: ['+********002', 7],
    of: { '+********151': true },
    at: '1970-01-01T00:00:00.000Z',
    none: null,
  });
  expect(value).toEqual(before);
  const ring: Record<string, unknown> = { number: '+16315551002' };
  ring.self = ring;
  log.logger.info('it', ring);
  expect(log.lines[1]).toContain('002');
  expect(log.lines[1]).not.toContain('16315551002');
});
