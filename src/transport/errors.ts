import { CodedError, type ErrorTable } from '../esp/index.js';

/** Why one side closed a connection. */
export const CONNECTION_ERRORS = {
  ESP_CONNECTION_ADDP_TIMEOUT: 'The peer was silent for twice its ADDP timeout.',
  ESP_CONNECTION_FRAME_TIMEOUT: 'A frame was incomplete for `limits.frameMs`.',
  ESP_CONNECTION_READ_TIMEOUT: 'The peer read nothing of what was sent to it for `limits.frameMs`.',
  ESP_CONNECTION_DRAIN_TIMEOUT: 'The client kept its connection open for `limits.drainMs` while the host stopped.',
  ESP_CONNECTION_FIRST_REQUEST_TIMEOUT: 'The client sent neither a request nor ADDP within `limits.firstRequestMs`.',
  ESP_CONNECTION_BUFFERS_FULL: '`limits.bufferedBytes` was reached, and this client used the most.',
} as const satisfies ErrorTable;

type ConnectionErrorCode = keyof typeof CONNECTION_ERRORS;

/** The reasons of a {@link ConnectionError}, as metrics label them. */
export const CLOSE_REASONS = [
  'addp_timeout',
  'frame_timeout',
  'read_timeout',
  'drain_timeout',
  'first_request_timeout',
  'buffers_full',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** A connection was closed because the peer did not do something in time, or used too much memory. */
export class ConnectionError extends CodedError<ConnectionErrorCode> {
  override readonly name = 'ConnectionError';
  constructor(
    readonly reason: CloseReason,
    message: string,
  ) {
    super(`ESP_CONNECTION_${reason.toUpperCase() as Uppercase<CloseReason>}`, message);
  }
}
