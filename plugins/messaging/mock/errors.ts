import { CodedError, type ErrorTable } from 'esp-host';

/** Errors of the mock of the messaging plugin. */
export const MESSAGING_MOCK_ERRORS = {
  ESP_MESSAGING_MOCK_INVALID_OPTION: 'A setting of the mock is invalid. `option` names it.',
  ESP_MESSAGING_MOCK_NOT_E164: 'A phone number is not in E.164 format. The message describes the format.',
  ESP_MESSAGING_MOCK_PHONE: 'A customer cannot do this with the phone now. The message says why.',
  ESP_MESSAGING_MOCK_REFUSED: 'The mock refused a request with an API error. `status` is the HTTP status.',
} as const satisfies ErrorTable;

type Code = keyof typeof MESSAGING_MOCK_ERRORS;

/** An invalid setting. */
export class OptionError extends CodedError<Code> {
  override readonly name = 'OptionError';
  constructor(
    /** The name of the setting, such as `numbers[2]`. */
    readonly option: string,
    problem: string,
  ) {
    super('ESP_MESSAGING_MOCK_INVALID_OPTION', `WhatsApp API: ${option}: ${problem}`);
  }
}

/** A phone number that is not in E.164 format. */
export class NotE164Error extends CodedError<Code> {
  override readonly name = 'NotE164Error';
  constructor(message: string) {
    super('ESP_MESSAGING_MOCK_NOT_E164', message);
  }
}

/** What a customer cannot do with the phone. */
export class PhoneError extends CodedError<Code> {
  override readonly name = 'PhoneError';
  constructor(message: string) {
    super('ESP_MESSAGING_MOCK_PHONE', message);
  }
}
