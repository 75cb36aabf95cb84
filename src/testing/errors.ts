import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of the testing kit. */
export const TESTING_ERRORS = {
  ESP_TESTING_SETUP: 'A class has no `@EspMethod`, or options or channels do not fit their schema.',
  ESP_TESTING_UNEXPECTED_CALL: 'A method called an upstream that has no fake reply. `method` and `url` name the call.',
} as const satisfies ErrorTable;

/** The codes of the testing kit's errors. */
export type TestingErrorCode = keyof typeof TESTING_ERRORS;

/** The base of the errors of the testing kit. */
export abstract class TestingError extends CodedError<TestingErrorCode> {}

/** What is tested, or its options or channels, is invalid. */
export class TestSetupError extends TestingError {
  override readonly name = 'TestSetupError';
  constructor(message: string) {
    super('ESP_TESTING_SETUP', message);
  }
}

/** A call of an upstream that has no fake reply. The test fails with it, whatever the method does with the error. */
export class UnexpectedCallError extends TestingError {
  override readonly name = 'UnexpectedCallError';
  constructor(
    message: string,
    /** Of the call: `GET`. */
    readonly method: string,
    readonly url: string,
  ) {
    super('ESP_TESTING_UNEXPECTED_CALL', message);
  }
}
