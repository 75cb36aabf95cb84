import { afterEach, describe, expect, it } from '@jest/globals';
import { OptionError } from '../../../../plugins/messaging/mock/errors.js';
import mock from '../../../../plugins/messaging/mock/index.js';
import { startWhatsAppApi, type WhatsAppApiOptions } from '../whatsapp-api.js';
import { Clock, closeAll, DAY_MS, start } from './harness.js';

afterEach(closeAll);

const CENTURY_MS = 100 * 365 * DAY_MS;

const wrong: [string, Partial<WhatsAppApiOptions>, string][] = [
  ['registeredNumber', { registeredNumber: '9876543210' }, "'9876543210' is not in E.164"],
  ['numbers[1]', { numbers: ['+16315551002', '1-516-283-7151'] }, "'1-516-283-7151' is not in E.164"],
  ['tokenLifetimeMs', { tokenLifetimeMs: 0 }, 'must be more than 0 ms and at most 100 years, not 0'],
  ['tokenLifetimeMs', { tokenLifetimeMs: CENTURY_MS + 1 }, 'not 3153600000001'],
  ['tokenLifetimeMs', { tokenLifetimeMs: Number.POSITIVE_INFINITY }, 'not Infinity'],
  ['tokenLifetimeMs', { tokenLifetimeMs: Number.NaN }, 'not NaN'],
  ['contactsPerSecond', { contactsPerSecond: 1.5 }, 'must be a positive integer, not 1.5'],
  ['contactsPerSecond', { contactsPerSecond: 0 }, 'not 0'],
  ['apiKey', { apiKey: '' }, 'must not be empty'],
];

describe('wrong options', () => {
  it.each(wrong)('%s', async (option, given, reason) => {
    const starting = startWhatsAppApi({ registeredNumber: '+919876543210', numbers: [], ...given });
    await expect(starting).rejects.toBeInstanceOf(OptionError);
    await expect(starting).rejects.toMatchObject({ option });
    await expect(starting).rejects.toThrow(`WhatsApp API: ${option}: `);
    await expect(starting).rejects.toThrow(reason);
  });
});

it('the lifetime of tokens is 7 days, or up to 100 years', async () => {
  const clock = new Clock();
  const lifetimeOf = async (options: Partial<WhatsAppApiOptions>) =>
    (await start({ now: clock.now, ...options })).tokens.issue().expiresAt - clock.ms;
  expect(await lifetimeOf({})).toBe(7 * DAY_MS);
  expect(await lifetimeOf({ tokenLifetimeMs: 1 })).toBe(1);
  expect(await lifetimeOf({ tokenLifetimeMs: CENTURY_MS })).toBe(CENTURY_MS);
});

describe('the schema of the settings', () => {
  const problemsOf = (given: object): string[] =>
    mock.settings.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  it('has a default for all that a mock needs', () => {
    const settings = mock.settings.parse({});
    const { password, cloud } = settings;
    expect({
      ...settings,
      password: password.reveal(),
      cloud: {
        ...cloud,
        token: cloud.token.reveal(),
        webhooks: { ...cloud.webhooks, appSecret: cloud.webhooks.appSecret.reveal() },
      },
    }).toEqual({
      ...{ version: '2.41.3', registeredNumber: '+919876543210', username: 'admin', password: 'secret' },
      ...{ numbers: [], templates: [] },
      cloud: {
        ...{ phoneNumberId: '106540352242922', businessAccountId: '102290129340398', token: 'secret' },
        ...{ messagesPerSecond: 80, errors: {} },
        webhooks: {
          ...{ url: '/webhooks/whatsapp', appSecret: 'secret' },
          retryMs: [1000, 5000, 30_000, 120_000, 600_000],
        },
      },
    });
  });

  it('takes everything that a mock can have', () => {
    const buttons = [{ type: 'URL', text: 'Open', url: 'https://x.example' }, { type: 'QUICK_REPLY' }];
    const components = [
      { type: 'HEADER', format: 'TEXT', text: 'Hello' },
      { type: 'BUTTONS', buttons },
    ];
    const template = { namespace: 'n', name: 'hello', language: 'en', body: '' };
    const templates = ['MARKETING', 'UTILITY', 'AUTHENTICATION'].map((category) => ({
      ...{ ...template, category, status: 'PAUSED', components },
    }));
    const given = {
      ...{ apiKey: 'k', numbers: ['+16315551002'], writtenBy: ['+16315551002'], tokenLifetimeMs: 1 },
      ...{ templates: [template, ...templates], contactsPerSecond: 1 },
      cloud: {
        ...{ messagesPerSecond: 1, errors: { '+16315551002': 131026 }, usersPerDay: 1 },
        webhooks: { retryMs: Array(20).fill(1).with(0, 0x7fffffff) },
      },
    };
    expect(mock.settings.parse(given)).toMatchObject(given);
  });

  it.each(['0.0.0', '12.345.678'])('may have the version %s', (version) => expect(problemsOf({ version })).toEqual([]));

  const template = (more: object) => ({
    templates: [{ namespace: 'n', name: 'a', language: 'en', body: '', ...more }],
  });
  const webhooks = (more: object) => ({ cloud: { webhooks: more } });

  it.each<[object, string]>([
    [{ version: 2 }, 'version: must be a version such as 2.41.3'],
    [{ version: 'v2.41.3' }, 'version: must be a version such as 2.41.3'],
    [{ version: '2.41.3-1' }, 'version: must be a version such as 2.41.3'],
    [{ version: '2.41' }, 'version: must be a version such as 2.41.3'],
    [{ apiKey: '' }, 'apiKey: must not be empty; omit it to accept only logins'],
    [{ more: 1 }, ': Unrecognized key: "more"'],
    [template({ namespace: '' }), 'templates.0.namespace: '],
    [template({ name: '' }), 'templates.0.name: '],
    [template({ language: '' }), 'templates.0.language: '],
    [template({ category: 'utility' }), 'templates.0.category: '],
    [template({ components: [{ type: 'BODY' }] }), 'templates.0.components.0.type: '],
    [template({ components: [{ type: 'HEADER', more: 1 }] }), 'templates.0.components.0: '],
    [
      template({ components: [{ type: 'BUTTONS', buttons: [{ text: 'a' }] }] }),
      'templates.0.components.0.buttons.0.type: ',
    ],
    [template({ more: 1 }), 'templates.0: '],
    [{ cloud: { messagesPerSecond: 0 } }, 'cloud.messagesPerSecond: '],
    [{ cloud: { usersPerDay: 0 } }, 'cloud.usersPerDay: '],
    [{ cloud: { errors: { a: 1.5 } } }, 'cloud.errors.a: '],
    [{ cloud: { more: 1 } }, 'cloud: '],
    [webhooks({ retryMs: [1, 0] }), 'cloud.webhooks.retryMs.1: '],
    [webhooks({ retryMs: [0x80000000] }), 'cloud.webhooks.retryMs.0: '],
    [webhooks({ retryMs: Array(21).fill(1) }), 'cloud.webhooks.retryMs: '],
    [webhooks({ more: 1 }), 'cloud.webhooks: '],
  ])('refuses %j', (given, problem) => {
    expect(problemsOf(given)).toEqual([expect.stringMatching(`^${problem.replaceAll('.', '\\.')}`)]);
  });

  it('takes customers who block the business, by number or user id', () => {
    expect(problemsOf({ blockedBy: ['+16315551002', 'US.1349'] })).toEqual([]);
    expect(problemsOf({ blockedBy: ['6315551002'] })).toEqual([
      'blockedBy.0: must be a phone number such as "+919876543210", or a business-scoped user id such as US.1349',
    ]);
  });

  it('takes a path or a URL for webhooks', () => {
    for (const url of ['/hooks', 'http://127.0.0.1:7200/hooks', 'https://hooks.example']) {
      expect(problemsOf({ cloud: { webhooks: { url } } })).toEqual([]);
    }
    for (const url of ['hooks', 'ftp://hooks.example', 'see https://hooks.example']) {
      expect(problemsOf({ cloud: { webhooks: { url } } })).toEqual([
        'cloud.webhooks.url: must be a path such as /webhooks/whatsapp, or a URL',
      ]);
    }
  });
});
