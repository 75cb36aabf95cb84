import { CodedError, type ErrorTable, Failure } from '../esp/index.js';

/** Errors of the host. */
export const HOST_ERRORS = {
  ESP_HOST_PLUGIN_FAILED: 'A plugin failed to start. `use` names it; `cause` says why.',
  ESP_HOST_DUPLICATE_METHOD: 'Two plugins claim the same method. `use` names the second one.',
  ESP_HOST_NO_METHOD: 'A class in the `methods` of a plugin has no `@EspMethod`. `use` names the plugin.',
  ESP_HOST_INVALID_PLUGIN:
    'A plugin, method, webhook or command is defined with an invalid name or path, or a response that no list can hold.',
  ESP_HOST_TIMEOUT: 'Work took longer than `timeoutMs`. It may still be going on.',
  ESP_HOST_CLIENT_GONE: 'The client closed its connection before the reply. The reason of `call.signal`.',
  ESP_HOST_MOCK_REFUSED: "A route of a plugin's mock cannot serve a request. `status` is the HTTP status.",
  ESP_HOST_NO_WEBHOOK: 'A class in the `webhooks` of a plugin has no `@Webhook`. `use` names the plugin.',
  ESP_HOST_WEBHOOK_REFUSED: 'A receiver does not accept a webhook. The sender gets `status` and the message.',
  ESP_HOST_COMMAND_FAILED: 'A command of a plugin failed. The message tells the operator why.',
  ESP_HOST_ANSWER_TOO_LARGE: 'The answer of an upstream has more bytes than the call accepts.',
} as const satisfies ErrorTable;

/** The codes of the host's errors. */
export type HostErrorCode = keyof typeof HOST_ERRORS;

/** The base of the host's errors. */
export abstract class HostError extends CodedError<HostErrorCode> {}

/** A plugin that cannot start. */
export class PluginStartError extends HostError {
  override readonly name = 'PluginStartError';
  constructor(
    code: 'ESP_HOST_PLUGIN_FAILED' | 'ESP_HOST_DUPLICATE_METHOD' | 'ESP_HOST_NO_METHOD' | 'ESP_HOST_NO_WEBHOOK',
    /** The plugin, as config.yaml names it. */
    readonly use: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A plugin, method, webhook or command that is not defined as it must be. */
export class PluginDefinitionError extends HostError {
  override readonly name = 'PluginDefinitionError';
  constructor(message: string) {
    super('ESP_HOST_INVALID_PLUGIN', message);
  }
}

/** A request that a route of a mock cannot serve. */
export class MockRouteError extends HostError {
  override readonly name = 'MockRouteError';
  constructor(
    /** The HTTP status. */
    readonly status: 400 | 404,
    message: string,
  ) {
    super('ESP_HOST_MOCK_REFUSED', message);
  }
}

/** A webhook that its receiver does not accept. Its message goes to the sender. */
export class WebhookRefusedError extends HostError {
  override readonly name = 'WebhookRefusedError';
  constructor(
    /** The HTTP status: 401 or 403 if the sender is not who it should be, 400 if the webhook is invalid. */
    readonly status: 400 | 401 | 403,
    message: string,
  ) {
    super('ESP_HOST_WEBHOOK_REFUSED', message);
  }
}

/** A command failed for a reason that the operator can understand: `esp-host` prints the message, and exits with 1. */
export class CommandFailedError extends HostError {
  override readonly name = 'CommandFailedError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_HOST_COMMAND_FAILED', message, options);
  }
}

/** Work that took too long. */
export class TimeoutError extends HostError {
  override readonly name = 'TimeoutError';
  constructor(readonly timeoutMs: number) {
    super('ESP_HOST_TIMEOUT', `timed out after ${timeoutMs} ms`);
  }
}

/**
 * The reason of a signal whose client has gone. A stack trace would keep the connection, and everything it received, in
 * memory for as long as the handler keeps its call.
 */
export class ClientGoneError extends Failure {
  override readonly name = 'ClientGoneError';
  constructor() {
    super('the client has gone');
  }

  get code(): 'ESP_HOST_CLIENT_GONE' {
    return 'ESP_HOST_CLIENT_GONE';
  }
}
