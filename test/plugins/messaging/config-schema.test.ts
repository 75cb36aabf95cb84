import { afterAll, describe, expect, it } from '@jest/globals';
import type { ChannelHost } from 'esp-host';
import { messagingOptions, whatsAppChannel } from '../../../plugins/messaging/config/index.js';
import { file, removeFolders } from '../../support/files.js';
import { INDIA } from './setting.js';

afterAll(removeFolders);

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

describe('a channel', () => {
  const api = { driver: 'on-premises', url: 'http://a', username: 'admin', password: 'hush' };
  const whole = { type: 'whatsapp', phoneNumber: INDIA, api, contacts: { from: 'contacts-endpoint' } };
  const problemOf = (settings: object): string =>
    whatsAppChannel.schema.safeParse({ ...whole, ...settings }).error?.issues[0]?.message ?? 'none';

  it.each(['http://a', 'https://a:9090/path', 'HTTP://a'])('may have an API at %s', (url) =>
    expect(problemOf({ api: { ...api, url } })).toBe('none'),
  );

  it.each(['ftp://a', 'xhttp://a', 'httpss://a', 'a', ''])('may have no API at %j', (url) =>
    expect(problemOf({ api: { ...api, url } })).toMatch(/must be an http or https URL/),
  );

  it('may have a timeout of 1 ms or more', () => {
    expect(problemOf({ api: { ...api, timeoutMs: 1 } })).toBe('none');
    expect(problemOf({ api: { ...api, timeoutMs: 0 } })).not.toBe('none');
  });

  it.each([
    ['sr_2', 'en', 'none'],
    ['sr-2', 'en', 'must be the name of a template: lowercase letters, digits and underscores'],
    ['SR', 'en', 'must be the name of a template: lowercase letters, digits and underscores'],
    ['sr', 'fil_PH', 'none'],
    ['sr', 'EN', 'must be a language code of WhatsApp, such as en or en_US'],
    ['sr', 'en_us', 'must be a language code of WhatsApp, such as en or en_US'],
    ['sr', 'english', 'must be a language code of WhatsApp, such as en or en_US'],
  ])('may invite with the template %s in %s: %s', (name, code, problem) => {
    const templates = { hello: { namespace: 'n', name, language: { code } } };
    expect(problemOf({ invitations: { templates } })).toBe(problem);
  });

  it.each(['token', 'appSecret', 'verifyToken'])('with Cloud API may have no empty %s', (key) => {
    const cloud = { driver: 'cloud', phoneNumberId: '1', businessAccountId: '2', token: 't' };
    const problem = (given: unknown) => {
      const contacts = { from: 'number-plan' };
      return whatsAppChannel.schema.safeParse({ ...whole, contacts, api: { ...cloud, [key]: given } }).error?.issues;
    };
    const empty = { path: ['api', key], message: 'must not be empty' };
    expect(problem('x')).toBeUndefined();
    for (const given of ['', ' \t', { file: file('empty', '\n') }])
      expect(problem(given)).toEqual([expect.objectContaining(empty)]);
    expect(problem({ file: '/missing' })).toEqual([expect.objectContaining({ path: ['api', key, 'file'] })]);
  });

  const HOST: ChannelHost = { receivesWebhooks: true, keepsState: true, options: {} };
  const warningsOf = (settings: object, host: Partial<ChannelHost> = {}) => {
    const channel = whatsAppChannel.schema.parse({ ...whole, ...settings });
    return [...(whatsAppChannel.warnings?.(channel, { ...HOST, ...host }) ?? [])];
  };

  it('is warned about if no API client of its driver works any more, at its driver', () => {
    const message = expect.stringContaining('it sends nothing');
    expect(warningsOf({})).toEqual([{ path: ['api', 'driver'], message }]);
    expect(warningsOf({ api: { driver: 'none' }, contacts: { from: 'number-plan' } })).toEqual([]);
  });

  describe('with evidence', () => {
    const cloud = { driver: 'cloud', phoneNumberId: '1', businessAccountId: '2', token: 't', appSecret: 's' };
    const contacts = { from: 'evidence' };

    it('has the documented defaults', () => {
      expect(whatsAppChannel.schema.parse({ ...whole, api: cloud, contacts }).contacts).toEqual({
        from: 'evidence',
        confirmedMs: 90 * 86_400_000,
        unconfirmedMs: 7 * 86_400_000,
        whenUnknown: 'trust',
        cache: { size: 50_000, keepMs: 60_000 },
      });
    });

    it.each([
      ['cloud', cloud, 'none'],
      ['none', { driver: 'none' }, 'none'],
      [
        'on-premises',
        api,
        'must be contacts-endpoint or number-plan with api.driver on-premises: evidence comes from webhooks of Cloud API',
      ],
      ['gateway', { driver: 'gateway', url: 'http://a', apiKey: 'k' }, expect.stringContaining('api.driver gateway')],
    ])('may have the driver %s: %#', (_driver, of, problem) =>
      expect(problemOf({ api: of, contacts })).toEqual(problem),
    );

    it.each([
      ['a state file and webhooks', cloud, {}, []],
      ['no state file', { driver: 'none' }, { keepsState: false }, [/in memory alone/]],
      ['no webhooks', cloud, { receivesWebhooks: false }, [/set listeners.webhooks$/]],
      ['neither', cloud, { receivesWebhooks: false, keepsState: false }, [/memory alone/, /listeners.webhooks$/]],
      ['no app secret', { ...cloud, appSecret: undefined }, {}, [/set api.appSecret$/]],
      [
        'a shared Redis, where another host may do both',
        cloud,
        { receivesWebhooks: false, keepsState: false, options: { sharedState: { redis: {} } } },
        [],
      ],
    ])('is warned about with %s, if needed', (_what, of, host, expected) => {
      const warnings = warningsOf({ api: of, contacts }, host);
      expect(warnings).toEqual(
        expected.map((text) => ({ path: ['contacts', 'from'], message: expect.stringMatching(text) })),
      );
    });
  });
});

describe('a channel of Cloud API', () => {
  const cloud = { driver: 'cloud', phoneNumberId: '1', businessAccountId: '2', token: 't' };
  const signed = { ...cloud, appSecret: 's' };
  const shared = { sharedState: { redis: {} } };

  it.each<[string, object, Partial<ChannelHost>, object[]]>([
    ['an app secret and webhooks', signed, { receivesWebhooks: true }, []],
    ['neither', cloud, { receivesWebhooks: false }, []],
    [
      'webhooks alone',
      cloud,
      { receivesWebhooks: true },
      [{ path: ['api'], message: 'has no appSecret, so the webhooks of this channel are refused: set it' }],
    ],
    [
      'an app secret alone',
      signed,
      { receivesWebhooks: false },
      [
        {
          path: ['api', 'appSecret'],
          message: 'has no effect, as this host receives no webhooks: set listeners.webhooks',
        },
      ],
    ],
    ['an app secret beside another host', signed, { receivesWebhooks: false, options: shared }, []],
    ['another driver', { driver: 'none' }, { receivesWebhooks: true }, []],
  ])('with %s is warned about, if needed', (_what, api, given, expected) => {
    const channel = { type: 'whatsapp', phoneNumber: INDIA, api, contacts: { from: 'number-plan' } };
    const host = { receivesWebhooks: true, keepsState: true, options: {}, ...given };
    const { schema, warnings } = whatsAppChannel;
    expect([...(warnings?.(schema.parse(channel), host) ?? [])]).toEqual(expected);
  });
});

it.each([
  ['https://graph.facebook.com', 'secret', ['api.appSecret', 'api.verifyToken']],
  ['https://graph.facebook.com', 'another', []],
  ['http://127.0.0.1:9090', 'secret', []],
  ['http://127.10.200.30', 'secret', []],
  ['http://localhost:9090', 'secret', []],
  ['http://[::1]:9090', 'secret', []],
  ['http://127.0.0.1.example', 'secret', ['api.appSecret', 'api.verifyToken']],
])('the secrets of the mock platform are warned about at %s: %s', (url, secret, paths) => {
  const { schema, warnings } = whatsAppChannel;
  const ids = { phoneNumberId: '1', businessAccountId: '2', token: 't' };
  const api = { driver: 'cloud', url, ...ids, appSecret: secret, verifyToken: secret };
  const channel = { type: 'whatsapp', phoneNumber: INDIA, api, contacts: { from: 'number-plan' } };
  const host = { receivesWebhooks: true, keepsState: true, options: {} };
  expect([...(warnings?.(schema.parse(channel), host) ?? [])].map(({ path }) => path.join('.'))).toEqual(paths);
});

it.each<[string, object, boolean, string[]]>([
  [
    'cloud',
    { driver: 'cloud', phoneNumberId: '1', businessAccountId: '2', token: 't', appSecret: 's' },
    false,
    ['invitations'],
  ],
  [
    'cloud with state',
    { driver: 'cloud', phoneNumberId: '1', businessAccountId: '2', token: 't', appSecret: 's' },
    true,
    [],
  ],
  ['none', { driver: 'none' }, false, []],
])('invitations with api.driver %s are warned about if they are not recorded', (_what, api, keepsState, paths) => {
  const { schema, warnings } = whatsAppChannel;
  const invitations = { templates: {} };
  const channel = { type: 'whatsapp', phoneNumber: INDIA, api, contacts: { from: 'number-plan' }, invitations };
  const host = { receivesWebhooks: true, keepsState, options: {} };
  expect([...(warnings?.(schema.parse(channel), host) ?? [])].map(({ path }) => path.join('.'))).toEqual(paths);
});

it.each([
  ['on-premises', { url: 'http://a', username: 'admin', password: ' ' }],
  ['gateway', { url: 'http://a', apiKey: '' }],
])('the credentials of %s may not be empty', (driver, api) => {
  const contacts = { from: 'number-plan' };
  const parsed = whatsAppChannel.schema.safeParse({
    type: 'whatsapp',
    phoneNumber: INDIA,
    api: { driver, ...api },
    contacts,
  });
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual(['must not be empty']);
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
