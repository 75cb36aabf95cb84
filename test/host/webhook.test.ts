import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { Secret } from '../../src/config/index.js';
import { isSignedWith } from '../../src/host/index.js';

const BODY = Buffer.from('{"id":1}');
const signature = (secret: string): string => createHmac('sha256', secret).update(BODY).digest('hex');

it.each([
  ['its HMAC', true, 'key', signature('key')],
  ['its HMAC after sha256=', true, 'key', `sha256=${signature('key')}`],
  ['the HMAC of another secret', false, 'key', signature('other')],
  ['something else', false, 'key', 'sha256=00'],
  ['no signature', false, 'key', undefined],
  ['the HMAC of an empty secret', false, '', signature('')],
])('a body with %s is signed: %s', (_what, isSigned, secret, header) => {
  expect(isSignedWith(new Secret(secret), BODY, header)).toBe(isSigned);
});
