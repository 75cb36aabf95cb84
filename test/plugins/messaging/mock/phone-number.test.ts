import { describe, expect, it } from '@jest/globals';
import { NotE164Error } from '../../../../plugins/messaging/mock/errors.js';
import { NumberReader, parseE164 } from '../../../../plugins/messaging/mock/phone-number.js';

const INDIA = '+919876543210';
const NEW_YORK = '+16315551000';

describe('parsing numbers', () => {
  it.each([
    ['+1-631-555-1002', INDIA, '16315551002'],
    ['6315551002', INDIA, '916315551002'],
    ['1-631-555-1002', INDIA, '9116315551002'],
    ['+1 (516) 283-7151', INDIA, '15162837151'],
    ['+54 9 11 5612-1008', INDIA, '5491156121008'],
    ['1-631-555-1002', NEW_YORK, '16315551002'],
    ['(631) 555-1002', NEW_YORK, '16315551002'],
  ])('%s to a client registered under %s', (text, registered, digits) => {
    expect(new NumberReader(registered).read(text)).toEqual({ digits, possible: true });
  });

  it('strips the national prefix of the registered number', () => {
    expect(new NumberReader(INDIA).read('09876543210')?.digits).toBe('919876543210');
    expect(new NumberReader('+79161234567').read('8 916 123 45 67')?.digits).toBe('79161234567');
  });

  it.each([
    ['0016315551002', INDIA, '91016315551002'],
    ['00919876543210', INDIA, '910919876543210'],
    ['011 91 98765 43210', NEW_YORK, '1011919876543210'],
  ])('does not treat an exit code as a plus: %s under %s', (text, registered, digits) => {
    expect(new NumberReader(registered).read(text)?.digits).toBe(digits);
  });

  it('uses the region of the registered number if a country code has several', () => {
    expect(new NumberReader('+12423591234').read('3591234')).toEqual({ digits: '12423591234', possible: true });
    expect(new NumberReader(NEW_YORK).read('3591234')?.possible).toBe(false);
  });

  it('uses only the country code if the registered number has no region', () => {
    expect(new NumberReader('+447700900123').read('07911 123456')).toEqual({ digits: '447911123456', possible: true });
  });

  it.each([['(+1) 631 555 1002'], [' +1 631 555 1002 '], ['\uFF0B16315551002']])(
    'finds the leading plus of "%s"',
    (text) => {
      expect(new NumberReader(INDIA).read(text)?.digits).toBe('16315551002');
    },
  );

  it('keeps the digits of impossible numbers, and reports them', () => {
    const reader = new NumberReader(INDIA);
    expect(reader.read('+163155588')).toEqual({ digits: '163155588', possible: false });
    expect(reader.read('+999 123 456')).toEqual({ digits: '999123456', possible: false });
    expect(reader.read('00 +1 631 555 1002')?.possible).toBe(false);
    expect(reader.read('12')?.possible).toBe(false);
    expect(reader.read('7'.repeat(400))?.possible).toBe(false);
  });

  it.each([['hello'], [''], ['+'], ['-()']])('makes nothing of "%s"', (text) => {
    expect(new NumberReader(INDIA).read(text)).toBeUndefined();
  });
});

describe('E.164', () => {
  it.each([
    ['6315551002', 'plus'],
    ['+1 631 555 1002', 'plus'],
    ['+0123456789', 'plus'],
    ['', 'plus'],
    ['+999123456789', 'unknown country code'],
    ['+1631', 'no number of that length'],
    ['+910987654321', 'write +91987654321'],
  ])('refuses "%s"', (text, reason) => {
    expect(() => parseE164(text)).toThrow(NotE164Error);
    expect(() => parseE164(text)).toThrow(reason);
  });

  it('refuses values that are not strings', () => {
    expect(() => parseE164(919876543210)).toThrow('expected a string in E.164 format, not number');
  });
});
