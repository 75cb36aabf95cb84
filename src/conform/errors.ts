import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of `esp-host conform`, which it reports. */
export const CONFORM_ERRORS = {
  ESP_CONFORM_DEVIATION: 'The server behaves otherwise than clients of ESP expect. The message tells what it did.',
} as const satisfies ErrorTable;

/** The server behaves otherwise than clients expect. */
export class DeviationError extends CodedError<keyof typeof CONFORM_ERRORS> {
  override readonly name = 'DeviationError';
  constructor(message: string) {
    super('ESP_CONFORM_DEVIATION', message);
  }
}
