import { CodedError, type ErrorTable } from '#wire';

/** Errors of the mock platform. */
export const MOCK_ERRORS = {
  ESP_MOCK_NOT_EXPORTABLE: 'An exchange cannot be exported in the requested form. The message names another form.',
  ESP_MOCK_INVALID_RECORDING: 'A recording cannot be read, or one of its lines is not valid.',
  ESP_MOCK_INVALID_FAULT: 'A fault to inject is not valid, or its id is in use. The message names each mistake.',
  ESP_MOCK_INVALID_STUB: 'A stub is not valid. The message names each mistake.',
  ESP_MOCK_INVALID_TEMPLATE: 'A template of a stub contains an unknown reference.',
  ESP_MOCK_INVALID_PATTERN: 'A text between slashes is not a regular expression.',
  ESP_MOCK_UNKNOWN_APPLICATION: 'No stubbed application of platform.yaml has this name.',
  ESP_MOCK_UNKNOWN_UPSTREAM: 'No upstream of platform.yaml has this name.',
  ESP_MOCK_UNKNOWN_VARIANT: 'The mock of the upstream has no variant of this title.',
  ESP_MOCK_UNKNOWN_ENTRY: 'The journal does not have this entry, or no longer has it.',
  ESP_MOCK_UNKNOWN_DATA: "A value was set for a name that is not in the strategy's data.",
  ESP_MOCK_WEBHOOK_UNANSWERED: 'A webhook of a mock got no answer. The message says why.',
  ESP_MOCK_WEBHOOK_TIMEOUT: 'No webhook of a mock matched in time. The message lists those that were posted.',
  ESP_MOCK_FILE_CHANGED: 'A file has changed on the disk since the text that should replace it was read.',
  ESP_MOCK_FILE_UNUSABLE: 'A file cannot be read or written, or is not UTF-8. The message says why.',
  ESP_MOCK_BAD_REQUEST: 'The admin API cannot serve a request. `status` is the HTTP status.',
} as const satisfies ErrorTable;

/** The codes of the mock platform's errors. */
export type MockErrorCode = keyof typeof MOCK_ERRORS;

/** The base of the mock platform's errors. */
export abstract class MockError extends CodedError<MockErrorCode> {}

/** An exchange that cannot be exported in a form. The message explains why, and names another form. */
export class ExportError extends MockError {
  override readonly name = 'ExportError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_MOCK_NOT_EXPORTABLE', message, options);
  }
}

/** A recording that cannot be read. The message names the file, and the place of the problem if there is one. */
export class RecordingError extends MockError {
  override readonly name = 'RecordingError';
  constructor(
    message: string,
    /** Line and column count from 1. */
    readonly problem?: { file: string; line: number; column: number; message: string },
  ) {
    super('ESP_MOCK_INVALID_RECORDING', message);
  }
}

/** An invalid fault. The message names each mistake and its place. */
export class FaultRuleError extends MockError {
  override readonly name = 'FaultRuleError';
  constructor(message: string) {
    super('ESP_MOCK_INVALID_FAULT', message);
  }
}

/** An invalid stub. The message names each mistake and its place. */
export class StubError extends MockError {
  override readonly name = 'StubError';
  constructor(message: string) {
    super('ESP_MOCK_INVALID_STUB', message);
  }
}

/** A template with an unknown reference. The message lists the known references. */
export class TemplateError extends MockError {
  override readonly name = 'TemplateError';
  constructor(message: string) {
    super('ESP_MOCK_INVALID_TEMPLATE', message);
  }
}

/** A text between slashes that is not a regular expression. The message quotes it. */
export class PatternError extends MockError {
  override readonly name = 'PatternError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_MOCK_INVALID_PATTERN', message, options);
  }
}

/** No stubbed application has this name. */
export class UnknownApplicationError extends MockError {
  override readonly name = 'UnknownApplicationError';
  constructor(
    readonly application: string,
    known: readonly string[],
  ) {
    super(
      'ESP_MOCK_UNKNOWN_APPLICATION',
      `unknown stubbed application ${application} (platform.yaml has: ${list(known)})`,
    );
  }
}

/** No upstream has this name. */
export class UnknownUpstreamError extends MockError {
  override readonly name = 'UnknownUpstreamError';
  constructor(
    readonly upstream: string,
    known: readonly string[],
    kind = 'upstream',
  ) {
    super('ESP_MOCK_UNKNOWN_UPSTREAM', `unknown ${kind} ${upstream} (platform.yaml has: ${list(known)})`);
  }
}

/** The mock of an upstream has no variant of this title. */
export class UnknownVariantError extends MockError {
  override readonly name = 'UnknownVariantError';
  constructor(
    readonly upstream: string,
    readonly variant: string,
    known: readonly string[],
  ) {
    super(
      'ESP_MOCK_UNKNOWN_VARIANT',
      `unknown variant ${variant} of upstream ${upstream} (its mock has: ${list(known)})`,
    );
  }
}

/** The journal does not have this entry, or no longer has it. */
export class UnknownEntryError extends MockError {
  override readonly name = 'UnknownEntryError';
  constructor(readonly id: number) {
    super('ESP_MOCK_UNKNOWN_ENTRY', `the journal does not have entry ${id}, or no longer has it`);
  }
}

/** A strategy has no data of this name. */
export class UnknownDataError extends MockError {
  override readonly name = 'UnknownDataError';
  constructor(strategy: string, data: string, known: readonly string[]) {
    super('ESP_MOCK_UNKNOWN_DATA', `'${strategy}' has no ${data} in its data (it has: ${list(known)})`);
  }
}

/** A webhook that got no answer. */
export class WebhookUnansweredError extends MockError {
  override readonly name = 'WebhookUnansweredError';
  constructor(why: string, options?: ErrorOptions) {
    super('ESP_MOCK_WEBHOOK_UNANSWERED', why, options);
  }
}

/** No webhook matched in time. */
export class WebhookTimeoutError extends MockError {
  override readonly name = 'WebhookTimeoutError';
  constructor(
    timeoutMs: number,
    about: Readonly<Record<string, string>>,
    /** Those that were posted instead, oldest first. */
    readonly posted: readonly string[],
  ) {
    super(
      'ESP_MOCK_WEBHOOK_TIMEOUT',
      `no webhook matched ${JSON.stringify(about)} within ${timeoutMs} ms; posted were: ${posted.join('; ') || 'none'}`,
    );
  }
}

/** A file that is no longer the version that was read. */
export class FileChangedError extends MockError {
  override readonly name = 'FileChangedError';
  constructor(file: string) {
    super('ESP_MOCK_FILE_CHANGED', `${file} has changed on the disk since it was read`);
  }
}

/** A file that cannot be read or written. */
export class FileUnusableError extends MockError {
  override readonly name = 'FileUnusableError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_MOCK_FILE_UNUSABLE', message, options);
  }
}

/** A request that the admin API cannot serve. */
export class AdminError extends MockError {
  override readonly name = 'AdminError';
  constructor(
    /** The HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super('ESP_MOCK_BAD_REQUEST', message);
  }
}

export const notFound = (message: string): AdminError => new AdminError(404, message);

const list = (names: readonly string[]): string => names.join(', ') || 'none';
