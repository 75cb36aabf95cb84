import { describe, expect, it, jest } from '@jest/globals';
import { messagingOptions, whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import { INDIA } from '../setting.js';

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 366 * DAY_MS;
const TIMER_MAX = 0x7fffffff;

const CLOUD = { driver: 'cloud', phoneNumberId: '1', businessAccountId: '2', token: 't' };
const GATEWAY = { driver: 'gateway', url: 'http://a', apiKey: 'k' };
const TEMPLATE = { name: 'hello', language: { code: 'en' } };

type Path = readonly [first: string, ...rest: string[]];

/** An object with a value at a path. */
const at = ([key, next, ...rest]: Path, value: unknown, into: object = {}): object => ({
  ...into,
  [key]: next === undefined ? value : at([next, ...rest], value, (into as Record<string, object>)[key]),
});

/** Settings of a channel, over Cloud API unless `parts` says otherwise, with a value at a path. */
const channel = (parts: object, path: Path, value: unknown): object => {
  const whole = { type: 'whatsapp', phoneNumber: INDIA, api: CLOUD, contacts: { from: 'number-plan' } };
  return at(path, value, { ...whole, ...parts });
};

const parse = (parts: object, path: Path, value: unknown) =>
  whatsAppChannel.schema.safeParse(channel(parts, path, value));

describe('a number of a channel', () => {
  const endpoint = { api: GATEWAY, contacts: { from: 'contacts-endpoint' } };
  const evidence = { contacts: { from: 'evidence' } };
  const invited = (template: object) => ({ invitations: { templates: { t: { ...TEMPLATE, ...template } } } });

  it.each<[string, number, number, object]>([
    ['api.timeoutMs', 1, TIMER_MAX, {}],
    ['api.calls.atOnce', 1, 1000, {}],
    ['api.calls.queued', 1, 1_000_000, {}],
    ['api.breaker.failures', 1, 1000, {}],
    ['api.breaker.probeAfterMs', 1, TIMER_MAX, {}],
    ['api.limits.messagesPerSecond', 1, 1000, {}],
    ['api.limits.usersPerDay', 1, 1_000_000, {}],
    ['api.timeoutMs', 1, TIMER_MAX, endpoint],
    ['contacts.batch.size', 1, 1000, endpoint],
    ['contacts.batch.waitMs', 0, 1000, endpoint],
    ['contacts.cache.confirmedMs', 0, YEAR_MS, endpoint],
    ['contacts.cache.unconfirmedMs', 0, YEAR_MS, endpoint],
    ['contacts.cache.size', 0, 10_000_000, endpoint],
    ['contacts.limits.callsPerSecond', 1, Number.MAX_SAFE_INTEGER, endpoint],
    ['contacts.limits.lookupsPerDay', 1, Number.MAX_SAFE_INTEGER, endpoint],
    ['contacts.confirmedMs', 0, YEAR_MS, evidence],
    ['contacts.unconfirmedMs', 0, YEAR_MS, evidence],
    ['contacts.cache.size', 0, 10_000_000, evidence],
    ['contacts.cache.keepMs', 0, 600_000, evidence],
    ['invitations.keepMs', 1000, Number.MAX_SAFE_INTEGER, invited({})],
  ])('%s may be %i to %i', (key, least, most, parts) => {
    const path = key.split('.') as [string, ...string[]];
    for (const good of [least, most]) expect([good, parse(parts, path, good).error]).toEqual([good]);
    for (const bad of [least - 1, most + 1, least + 0.5]) expect(parse(parts, path, bad).success).toBe(false);
  });

  it.each([
    [0, true],
    [1, true],
    [0.5, true],
    [-0.01, false],
    [1.01, false],
  ])('contacts.limits.warnAt may be %d: %s', (warnAt, fits) =>
    expect(parse(endpoint, ['contacts', 'limits', 'warnAt'], warnAt).success).toBe(fits),
  );

  it.each([
    [0, true],
    [9, true],
    [-1, false],
    [10, false],
    [0.5, false],
  ])('the index of a button may be %d: %s', (index, fits) =>
    expect(parse({}, ['invitations'], invited({ buttons: [{ index, payload: 'p' }] }).invitations).success).toBe(fits),
  );
});

describe('a channel has defaults:', () => {
  const api = {
    timeoutMs: 5000,
    calls: { atOnce: 8, queued: 500 },
    breaker: { failures: 5, probeAfterMs: 10_000 },
  };

  it('those of Cloud API', () => {
    const secret = expect.any(Object);
    expect(parse({}, ['type'], 'whatsapp').data?.api).toEqual({
      ...{ ...CLOUD, ...api, token: secret },
      url: 'https://graph.facebook.com',
      version: 'v26.0',
      checkTemplates: 'warn',
      limits: { messagesPerSecond: 80 },
    });
  });

  it('those of a gateway', () => {
    const parsed = parse({ api: GATEWAY, contacts: { from: 'contacts-endpoint' } }, ['type'], 'whatsapp').data;
    expect(parsed?.api).toEqual({ ...GATEWAY, ...api, apiKey: expect.any(Object), header: 'D360-API-KEY' });
    expect(parsed?.contacts).toEqual({
      from: 'contacts-endpoint',
      whenAlwaysValid: 'trust',
      batch: { size: 100, waitMs: 5 },
      cache: { confirmedMs: DAY_MS, unconfirmedMs: 3_600_000, size: 50_000 },
      limits: { warnAt: 0.8, whenSpent: 'fault' },
    });
  });

  it('those of invitations', () => {
    expect(parse({}, ['invitations'], { templates: { t: TEMPLATE } }).data?.invitations).toEqual({
      templates: {
        t: { name: 'hello', language: { code: 'en', policy: 'deterministic' }, parameters: [], buttons: [] },
      },
      keepMs: 30 * DAY_MS,
    });
  });
});

describe('a text of a channel', () => {
  const contacts = { from: 'contacts-endpoint' };
  it.each<[string, object, readonly unknown[], readonly unknown[], string | undefined]>([
    ['api.version', {}, ['v1.0', 'v999.9'], ['26.0', 'v26', 'v26.00', 'v1000.0', 'xv26.0'], 'such as v26.0'],
    [
      'api.phoneNumberId',
      {},
      ['1', '1'.repeat(32)],
      ['', '1'.repeat(33), '+1', '1a'],
      'must be the id of the phone number, as WhatsApp Manager shows it: digits alone',
    ],
    [
      'api.phoneNumberId',
      {},
      [],
      [5],
      'must be the id of the phone number, as WhatsApp Manager shows it: digits in quotes',
    ],
    [
      'api.businessAccountId',
      {},
      ['1'],
      ['a'],
      'must be the id of the WhatsApp Business Account, as WhatsApp Manager shows it: digits alone',
    ],
    ['api.checkTemplates', {}, ['warn', 'strict'], ['', 'no'], undefined],
    ['api.header', { api: GATEWAY, contacts }, ['X-Key_1'], ['', 'a b', 'a:'], 'must be the name of an HTTP header'],
    ['contacts.whenAlwaysValid', { api: GATEWAY, contacts }, ['trust', 'empty', 'fault'], ['', 'no'], undefined],
    ['contacts.limits.whenSpent', { api: GATEWAY, contacts }, ['fault', 'empty'], ['', 'trust'], undefined],
    ['contacts.whenUnknown', { contacts: { from: 'evidence' } }, ['trust', 'empty', 'fault'], ['', 'no'], undefined],
    ['type', {}, ['whatsapp'], ['', 'sms'], undefined],
    [
      'phoneNumber',
      {},
      ['+919876543210', '+4930123456'],
      ['+919876543'],
      'must be a number that can exist: its country code and length do not',
    ],
  ])('%s %#', (key, parts, good, bad, message) => {
    const path = key.split('.') as [string, ...string[]];
    for (const one of good) expect([one, parse(parts, path, one).error]).toEqual([one]);
    for (const one of bad) {
      const issues = parse(parts, path, one).error?.issues;
      expect(issues).toMatchObject([{ path }]);
      if (message !== undefined) expect(issues?.[0]?.message).toContain(message);
    }
  });

  it.each([
    ['http://a/', 'http://a'],
    ['https://a/b//', 'https://a/b'],
    ['https://a/b', 'https://a/b'],
  ])('api.url %s is %s', (url, expected) => {
    expect(parse({}, ['api', 'url'], url).data?.api).toMatchObject({ url: expected });
  });

  it.each(['http://u@a', 'http://:p@a', 'http://u:p@a'])('api.url may not be %s', (url) => {
    expect(parse({}, ['api', 'url'], url).error?.issues).toMatchObject([
      { message: 'must hold no user name or password: write them as username and password' },
    ]);
  });
});

describe('a template of a channel', () => {
  const problem = (template: object) => {
    const { error } = parse({}, ['invitations'], { templates: { t: { ...TEMPLATE, ...template } } });
    return error?.issues.map(({ path, message }) => `${path.slice(3).join('.')}: ${message}`);
  };

  it.each<[object]>([
    [{ category: 'MARKETING' }],
    [{ category: 'UTILITY' }],
    [{ category: 'AUTHENTICATION' }],
    [{ header: { text: 'x' } }],
    [{ header: { image: { link: 'https://x.example/a.png' } } }],
    [{ header: { document: { link: 'http://x.example/a.pdf', filename: 'a.pdf' } } }],
    [{ buttons: [{ index: 0, urlSuffix: 'x' }] }],
  ])('may have %j', (template) => expect(problem(template)).toBeUndefined());

  const NOT_EMPTY = 'must not be empty: WhatsApp rejects empty texts';
  it.each<[object, string]>([
    [{ parameters: ['a', ''] }, `parameters.1: ${NOT_EMPTY}`],
    [{ header: { text: '' } }, `header.text: ${NOT_EMPTY}`],
    [{ buttons: [{ index: 0, payload: '' }] }, `buttons.0.payload: ${NOT_EMPTY}`],
    [{ buttons: [{ index: 0, urlSuffix: 'a', payload: 'b' }] }, 'buttons.0: must have one of urlSuffix and payload'],
    [{ header: { image: { link: 'https://x.example', id: '5' } } }, 'header.image: must have one of link and id'],
    [{ header: { image: { link: 'xhttp://x' } } }, 'header.image.link: must be an http or https URL'],
    [{ header: { image: { link: 'httpss://x' } } }, 'header.image.link: must be an http or https URL'],
    [{ namespace: 'n' }, 'namespace: must be absent: Cloud API has no namespaces'],
    [{ language: { code: 'en', policy: 'fallback' } }, 'language.policy: must be deterministic with Cloud API'],
  ])('may not have %j', (template, expected) => expect(problem(template)).toEqual([expected]));

  it('may not have an empty id, file or file name', () => {
    for (const header of [{ image: { id: '' } }, { document: { id: '' } }, { document: { id: '5', filename: '' } }])
      expect(problem({ header })).toHaveLength(1);
  });

  it('on a channel of the On-Premises API needs a namespace, and has no keys of Cloud API', () => {
    const mistakes = (template: object) =>
      parse({ api: GATEWAY }, ['invitations'], { templates: { t: { ...TEMPLATE, ...template } } }).error?.issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
    const absent = 'must be absent: only api.driver cloud sends it';
    expect(mistakes({ namespace: 'n' })).toBeUndefined();
    expect(mistakes({ category: 'UTILITY', header: { text: 'x' }, buttons: [{ index: 0, payload: 'p' }] })).toEqual([
      'invitations.templates.t.namespace: is missing: it must be the namespace that WhatsApp Manager shows',
      `invitations.templates.t.category: ${absent}`,
      `invitations.templates.t.header: ${absent}`,
      `invitations.templates.t.buttons: ${absent}`,
    ]);
    expect(mistakes({ namespace: '' })).toEqual([
      'invitations.templates.t.namespace: must be the namespace that WhatsApp Manager shows',
    ]);
  });

  it('may be the default, and nothing else may', () => {
    const issues = (id: string, templates: object) =>
      parse({}, ['invitations'], { templates, default: id }).error?.issues.map(({ message }) => message);
    expect(issues('t', { t: TEMPLATE })).toBeUndefined();
    expect(issues('welcom', { welcome: TEMPLATE })).toEqual(['must be one of the templates; did you mean welcome?']);
    expect(issues('x', { one: TEMPLATE, two: TEMPLATE })).toEqual([
      'must be one of the templates; there are: one, two',
    ]);
    expect(issues('x', {})).toEqual(['must be one of the templates; there are: none']);
    expect(issues('toString', {})).toEqual(['must be one of the templates; there are: none']);
    expect(parse({}, ['invitations'], { templates: { '': TEMPLATE } }).success).toBe(false);
  });
});

describe('the shared Redis', () => {
  const problems = (redis: object) =>
    messagingOptions
      .safeParse({ sharedState: { redis } })
      .error?.issues.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);

  it.each(['redis://a', 'rediss://a:6380', 'redis://a:6379/5'])('may be at %s', (url) =>
    expect(problems({ url })).toBeUndefined(),
  );

  const URL = 'url: must be a redis or rediss URL, such as redis://redis.example:6379';
  it.each([
    ['http://a', URL],
    ['xredis://a', URL],
    ['redisss://a', URL],
    ['redis:///5', URL],
    ['redis://u:p@a', 'url: must hold no user name or password: write them as username and password'],
  ])('may not be at %s', (url, problem) => expect(problems({ url })).toEqual([problem]));

  it('may have a timeout of 1 ms to a minute', () => {
    const fits = [1, 60_000, 0, 60_001].map((timeoutMs) => problems({ url: 'redis://a', timeoutMs }) === undefined);
    expect(fits).toEqual([true, true, false, false]);
  });

  it('is not configured by default', () => expect(messagingOptions.parse({})).toEqual({}));
});

it('every key of the former form has its place in the present one', () => {
  const keys = { driver: 'gateway', url: 'http://a', apiKey: 'k', header: 'K', whenAlwaysValid: 'empty', batch: {} };
  expect(whatsAppChannel.former?.warning({ contacts: keys }).message).toMatch(
    /write api: \{ driver: gateway, url, apiKey, header \} and contacts: \{ from: contacts-endpoint, whenAlwaysValid, batch \}$/,
  );
  const plan = { type: 'whatsapp', phoneNumber: INDIA, contacts: { driver: 'number-plan' } };
  expect(whatsAppChannel.former?.schema.parse(plan)).toEqual({
    ...{ type: 'whatsapp', phoneNumber: INDIA, isFormer: true },
    ...{ api: { driver: 'none' }, contacts: { from: 'number-plan' } },
  });
  const invitations = { templates: { t: TEMPLATE } };
  expect(whatsAppChannel.former?.schema.safeParse({ ...plan, invitations }).success).toBe(true);
  const { whenAlwaysValid: _, batch: __, ...gateway } = keys;
  expect(
    whatsAppChannel.former?.schema.safeParse({ ...plan, contacts: gateway, invitations }).error?.issues,
  ).toMatchObject([{ path: ['invitations', 'templates', 't', 'namespace'] }]);
});

it.each([
  ['contacts-endpoint', 'none', 'must be evidence or number-plan with api.driver none, which has no contacts endpoint'],
  [
    'contacts-endpoint',
    'cloud',
    'must be evidence or number-plan with api.driver cloud, which has no contacts endpoint',
  ],
  [
    'evidence',
    'gateway',
    'must be contacts-endpoint or number-plan with api.driver gateway: evidence comes from webhooks of Cloud API',
  ],
])('contacts.from %s does not fit api.driver %s', (from, driver, message) => {
  const api = { none: { driver }, cloud: CLOUD, gateway: GATEWAY }[driver];
  expect(parse({ api }, ['contacts'], { from }).error?.issues).toMatchObject([{ path: ['contacts', 'from'], message }]);
});

it('on-premises is dead, which a warning says where the driver stands', () => {
  const warnings = (settings: object) => {
    const form = 'api' in settings ? whatsAppChannel : whatsAppChannel.former;
    const parsed = form?.schema.parse({ type: 'whatsapp', phoneNumber: INDIA, ...settings });
    const host = { receivesWebhooks: true, keepsState: true, options: {} };
    return parsed === undefined ? [] : [...(whatsAppChannel.warnings?.(parsed, host) ?? [])];
  };
  const server = { driver: 'on-premises', url: 'http://a', username: 'admin', password: 'hush' };
  const message =
    'on-premises has been dead since 23 October 2025, when the last API client expired: it sends nothing; write cloud, or gateway for a provider that kept /v1';
  expect(warnings({ api: server, contacts: { from: 'number-plan' } })).toEqual([{ path: ['api', 'driver'], message }]);
  expect(warnings({ contacts: server })).toEqual([{ path: ['contacts', 'driver'], message }]);
  expect(warnings({ api: GATEWAY, contacts: { from: 'number-plan' } })).toEqual([]);
});

it('a version of the Graph API that ends is warned about at its key', () => {
  const channel = parse({}, ['api', 'version'], 'v20.0').data;
  const host = { receivesWebhooks: true, keepsState: true, options: {} };
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2027-01-01'));
  const warnings = channel && [...(whatsAppChannel.warnings?.(channel, host) ?? [])];
  now.mockRestore();
  expect(warnings).toContainEqual({
    path: ['api', 'version'],
    message: 'v20.0 ends on 2027-01-21 at the latest: write v26.0',
  });
});
