import { CodedError, type ErrorTable } from 'esp-host';

/** Errors of the mock of the messaging plugin. */
export const MESSAGING_MOCK_ERRORS = {
  ESP_MESSAGING_MOCK_INVALID_OPTION: 'A setting of the mock is not valid. `option` names it.',
  ESP_MESSAGING_MOCK_NOT_E164: 'A phone number is not in E.164. The message says what it should look like.',
  ESP_MESSAGING_MOCK_REFUSED: 'The mock answers a request with an error of the API. `status` is the HTTP status.',
} as const satisfies ErrorTable;

type Code = keyof typeof MESSAGING_MOCK_ERRORS;

/** A setting that is not valid. */
export class OptionError extends CodedError<Code> {
  override readonly name = 'OptionError';
  constructor(
    /** For instance `numbers[2]`. */
    readonly option: string,
    problem: string,
  ) {
    super('ESP_MESSAGING_MOCK_INVALID_OPTION', `WhatsApp API: ${option}: ${problem}`);
  }
}

/** A text that is not in E.164. */
export class NotE164Error extends CodedError<Code> {
  override readonly name = 'NotE164Error';
  constructor(message: string) {
    super('ESP_MESSAGING_MOCK_NOT_E164', message);
  }
}
