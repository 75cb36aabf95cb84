import { describe, expect, it } from '@jest/globals';
import { messagingOptions, whatsAppChannel } from '../../../plugins/messaging/config/index.js';
import { INDIA } from './setting.js';

it('has the documented defaults', () => {
  const api = { driver: 'on-premises', url: 'http://a/', username: 'admin', password: 'hush' };
  const contacts = { from: 'contacts-endpoint' };
  const settings = whatsAppChannel.schema.parse({ type: 'whatsapp', phoneNumber: INDIA, api, contacts });
  expect(settings.api).toMatchObject({
    url: 'http://a',
    timeoutMs: 5000,
    calls: { atOnce: 8, queued: 500 },
    breaker: { failures: 5, probeAfterMs: 10_000 },
  });
  expect(settings.contacts).toMatchObject({
    whenAlwaysValid: 'trust',
    batch: { size: 100, waitMs: 5 },
    cache: { confirmedMs: 86_400_000, unconfirmedMs: 3_600_000, size: 50_000 },
    limits: { warnAt: 0.8, whenSpent: 'fault' },
  });
  const options = messagingOptions.parse({ sharedState: { redis: { url: 'redis://a' } } });
  expect(options.sharedState?.redis).toEqual({ url: 'redis://a', keyPrefix: 'esp-host:', timeoutMs: 200 });
});

describe('the former form of a channel', () => {
  const contacts = { driver: 'on-premises', url: 'http://a/', username: 'admin', password: 'hush' };
  const more = { timeoutMs: 7, calls: { atOnce: 3 }, cache: { size: 0 }, limits: { lookupsPerDay: 5 } };
  const former = { type: 'whatsapp', phoneNumber: INDIA, contacts: { ...contacts, ...more } };

  it('means the same as the present form', () => {
    const { timeoutMs, calls, cache, limits } = more;
    const present = {
      type: 'whatsapp',
      phoneNumber: INDIA,
      api: { ...contacts, timeoutMs, calls },
      contacts: { from: 'contacts-endpoint', cache, limits },
    };
    expect(whatsAppChannel.former?.matches(former)).toBe(true);
    expect(whatsAppChannel.former?.schema.parse(former)).toEqual({
      ...whatsAppChannel.schema.parse(present),
      isFormer: true,
    });
  });

  it('is recognised by contacts.driver, unless the channel has api', () => {
    const matches = (given: unknown) => whatsAppChannel.former?.matches(given);
    expect(matches({ contacts: { driver: 'x' } })).toBe(true);
    expect(matches({ api: {}, contacts: { driver: 'x' } })).toBe(false);
    expect([{ contacts: {} }, { contacts: 'driver' }, {}, null, 'x'].map(matches)).toEqual(Array(5).fill(false));
  });

  it('is warned about, with what to write instead', () => {
    expect(whatsAppChannel.former?.warning(former)).toEqual({
      path: ['contacts', 'driver'],
      message:
        'is read for one more minor version: instead of contacts, write api: { driver: on-premises, url, username, ' +
        'password, timeoutMs, calls } and contacts: { from: contacts-endpoint, cache, limits }',
    });
    expect(whatsAppChannel.former?.warning({ contacts: { driver: 'number-plan' } }).message).toMatch(
      /write api: \{ driver: none \} and contacts: \{ from: number-plan \}$/,
    );
  });
});
