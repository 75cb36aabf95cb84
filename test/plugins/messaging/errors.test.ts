import { expect, it } from '@jest/globals';
import { CallError } from '../../../plugins/messaging/errors.js';
import { NotE164Error, OptionError, PhoneError } from '../../../plugins/messaging/mock/errors.js';

it.each<[Error, string, string, string]>([
  [new CallError('timeout', 'no answer'), 'CallError', 'ESP_MESSAGING_TIMEOUT', 'no answer'],
  [
    new OptionError('numbers[2]', 'no'),
    'OptionError',
    'ESP_MESSAGING_MOCK_INVALID_OPTION',
    'WhatsApp API: numbers[2]: no',
  ],
  [new NotE164Error('no'), 'NotE164Error', 'ESP_MESSAGING_MOCK_NOT_E164', 'no'],
  [new PhoneError('no'), 'PhoneError', 'ESP_MESSAGING_MOCK_PHONE', 'no'],
])('%s has its name, code and message', (error, name, code, message) => {
  expect(error).toMatchObject({ name, code, message });
});
