import { describe, expect, it } from '@jest/globals';
import { OptionError } from '../../../../plugins/messaging/mock/errors.js';
import mock from '../../../../plugins/messaging/mock/index.js';
import { startWhatsAppApi, type WhatsAppApiOptions } from '../whatsapp-api.js';

const wrong: [string, Partial<WhatsAppApiOptions>, string][] = [
  ['registeredNumber', { registeredNumber: '9876543210' }, "'9876543210' is not in E.164"],
  ['numbers[1]', { numbers: ['+16315551002', '1-516-283-7151'] }, "'1-516-283-7151' is not in E.164"],
  ['tokenLifetimeMs', { tokenLifetimeMs: 0 }, 'not 0'],
  ['tokenLifetimeMs', { tokenLifetimeMs: Number.POSITIVE_INFINITY }, 'not Infinity'],
  ['contactsPerSecond', { contactsPerSecond: 1.5 }, 'not 1.5'],
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

describe('the schema of the settings', () => {
  const problemsOf = (given: object): string[] =>
    mock.settings.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  it('takes customers who block the business, by number or user id', () => {
    expect(problemsOf({ blockedBy: ['+16315551002', 'US.1349'] })).toEqual([]);
    expect(problemsOf({ blockedBy: ['6315551002'] })).toEqual([
      expect.stringMatching(
        /^blockedBy\.0: must be a phone number such as "\+919876543210", or a business-scoped user id/,
      ),
    ]);
  });

  it('takes a path or a URL for webhooks', () => {
    for (const url of ['/hooks', 'http://127.0.0.1:7200/hooks']) {
      expect(problemsOf({ cloud: { webhooks: { url } } })).toEqual([]);
    }
    expect(problemsOf({ cloud: { webhooks: { url: 'hooks' } } })).toEqual([
      'cloud.webhooks.url: must be a path such as /webhooks/whatsapp, or a URL',
    ]);
  });
});
