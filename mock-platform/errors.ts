import { CodedError, type ErrorTable } from 'esp-host/wire';

/** Errors of the mock platform. */
export const MOCK_ERRORS = {
  ESP_MOCK_NOT_EXPORTABLE:
    'An exchange cannot be written in the form that was asked for. The message names one that can.',
  ESP_MOCK_INVALID_RECORDING: 'A recording cannot be read, or one of its lines is not valid.',
} as const satisfies ErrorTable;

type MockErrorCode = keyof typeof MOCK_ERRORS;

/** The base of the mock platform's errors. */
export abstract class MockError extends CodedError<MockErrorCode> {}

/** An exchange that cannot be written in a form. The message says why, and which form to take instead. */
export class ExportError extends MockError {
  override readonly name = 'ExportError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_MOCK_NOT_EXPORTABLE', message, options);
  }
}

/** A recording that cannot be read. The message names the file, and the line where there is one. */
export class RecordingError extends MockError {
  override readonly name = 'RecordingError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_MOCK_INVALID_RECORDING', message, options);
  }
}
