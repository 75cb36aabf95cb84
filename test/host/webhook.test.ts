import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../src/config/index.js';
import { isSignedWith, jsonOf, webhookPath } from '../../src/host/index.js';
import { Webhook } from '../../src/index.js';

const BODY = Buffer.from('{"id":1}');
const signature = (secret: string): string => createHmac('sha256', secret).update(BODY).digest('hex');

it.each([
  ['its HMAC', true, 'key', signature('key')],
  ['its HMAC in capitals', true, 'key', signature('key').toUpperCase()],
  ['its HMAC after sha256=', true, 'key', `sha256=${signature('key')}`],
  ['its HMAC after SHA256=', true, 'key', `SHA256=${signature('key')}`],
  ['its HMAC after something else', false, 'key', `md5=${signature('key')}`],
  ['its HMAC before something else', false, 'key', `${signature('key')}0`],
  ['its HMAC twice', false, 'key', [signature('key'), signature('key')]],
  ['the HMAC of another secret', false, 'key', signature('other')],
  ['something else', false, 'key', 'sha256=00'],
  ['no signature', false, 'key', undefined],
  ['the HMAC of an empty secret', false, '', signature('')],
])('a body with %s is signed: %s', (_what, isSigned, secret, header) => {
  expect(isSignedWith(new Secret(secret), BODY, header)).toBe(isSigned);
});

describe('@Webhook', () => {
  class Orders {
    receive = () => [];
    handle = () => undefined;
  }

  it.each(['/orders', '/webhooks/orders', '/a/b/c', '/A.b_c~d-1'])('takes the path %s', (path) => {
    class Receiver extends Orders {}
    Webhook(path)(Receiver);
    expect(webhookPath(Receiver)).toBe(path);
    expect(webhookPath(class extends Receiver {})).toBeUndefined();
  });

  it.each(['', '/', 'orders', '/orders/', '//orders', '/a b', '/orders?x=1', '/orders\n', 'x/orders', '/:id', '/%20'])(
    'refuses the path %j',
    (path) => {
      expect(() => Webhook(path)).toThrow(
        expect.objectContaining({
          code: 'ESP_HOST_INVALID_PLUGIN',
          message: `@Webhook needs a path, such as /webhooks/orders, not '${path}'`,
        }),
      );
    },
  );
});

describe('the JSON of a webhook', () => {
  it('is parsed', () => expect(jsonOf(Buffer.from('{"id":"ü"}'))).toEqual({ id: 'ü' }));

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['not JSON', Buffer.from('{"id":')],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('is refused with 400 if it is %s', (_what, body) => {
    expect(() => jsonOf(body)).toThrow(
      expect.objectContaining({ code: 'ESP_HOST_WEBHOOK_REFUSED', status: 400, message: 'the body is not JSON' }),
    );
  });
});
