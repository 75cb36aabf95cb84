import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of the state. */
export const STATE_ERRORS = {
  ESP_STATE_UNUSABLE:
    'The file or server of `state` cannot be used: another host uses the file, or a later version has written the data. The message says why.',
  ESP_STATE_FAILED:
    'The state could not be read or written, or it is closed. In a file, nothing was changed; in Redis, a change whose answer got lost may have been made.',
  ESP_STATE_INVALID_RECORD:
    'A record has an id that is not a string, an id or a value that is too long, invalid keys, or no positive `keepMs`.',
  ESP_STATE_CONFLICT: 'A record changed during each of 100 attempts to update it. Nothing was changed.',
} as const satisfies ErrorTable;

/** The state cannot be used. */
export class StateError extends CodedError<keyof typeof STATE_ERRORS> {
  override readonly name = 'StateError';
}
