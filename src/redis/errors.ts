import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of a Redis or Valkey server. */
export const REDIS_ERRORS = {
  ESP_REDIS_DOWN: 'The server is down, or the connection broke. A command that was sent may have taken effect.',
  ESP_REDIS_TIMEOUT: 'The server did not answer in time, and counts as down. The command may have taken effect.',
  ESP_REDIS_REJECTED: 'The server rejects this command, but supports others.',
} as const satisfies ErrorTable;

/** Codes of {@link RedisError}. */
export type RedisErrorCode = keyof typeof REDIS_ERRORS;

/** A command of a Redis or Valkey server failed. */
export class RedisError extends CodedError<RedisErrorCode> {
  override readonly name = 'RedisError';
}
