import { describe, expect, it } from '@jest/globals';
import { parseAddress } from '../../src/cli/address.js';

describe('an address', () => {
  it.each([
    ['dms.example:7120', 'dms.example', 7120],
    ['127.0.0.1:1', '127.0.0.1', 1],
    [':7120', '127.0.0.1', 7120],
    ['[::1]:65535', '::1', 65_535],
    ['localhost:0', 'localhost', 0],
  ])('%s', (text, host, port) => expect(parseAddress(text)).toEqual({ host, port }));

  it.each(['', '7120', 'localhost', 'localhost:', 'localhost:65536', 'localhost:-1', 'localhost:7120x', '::1:7120'])(
    'is not %j',
    (text) => {
      expect(() => parseAddress(text)).toThrow('an address is written HOST:PORT, with a port up to 65535.');
    },
  );

  it.each(['http://localhost:7120', '[]:7120', '[::1]', '[::1:7120'])('is not %j either', (text) => {
    expect(() => parseAddress(text)).toThrow('HOST:PORT');
  });
});
