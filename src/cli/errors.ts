import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of the command line. */
export const CLI_ERRORS = {
  ESP_CLI_COMMAND_FAILED: 'A command failed. The message tells its user why; the exit code is 1.',
  ESP_CLI_INVALID_DUMP: 'A hex dump cannot be decoded: a line is missing, or a packet is incomplete or malformed.',
  ESP_CLI_EXIT_CALLED: 'A plugin called `process.exit`, which throws this instead of ending the process.',
} as const satisfies ErrorTable;

type CliErrorCode = keyof typeof CLI_ERRORS;

/** A command failed for a reason that its user can understand: the CLI prints the message without a stack. */
export class CommandError extends CodedError<CliErrorCode> {
  override readonly name = 'CommandError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_CLI_COMMAND_FAILED', message, options);
  }
}

/** For `catch`: passes the message of an error to the user. */
export function failCommand(error: unknown): never {
  throw new CommandError((error as Error).message, { cause: error });
}

/** A hex dump that cannot be decoded. */
export class DumpError extends CodedError<CliErrorCode> {
  override readonly name = 'DumpError';
  constructor(message: string) {
    super('ESP_CLI_INVALID_DUMP', message);
  }
}

/** Thrown by `process.exit` in a plugin, so that the code after the call does not run. */
export class ExitError extends CodedError<CliErrorCode> {
  override readonly name = 'ExitError';
  constructor(call: string) {
    super('ESP_CLI_EXIT_CALLED', `${call}: a plugin cannot end the process`);
  }
}
