import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of the client. */
export const CLIENT_ERRORS = {
  ESP_CLIENT_CONNECT_FAILED: 'The connection could not be opened. `address` says where to; `cause` says why.',
  ESP_CLIENT_CONNECTION_LOST: 'The connection closed before the reply arrived. The request may have been processed.',
  ESP_CLIENT_TIMEOUT:
    'No reply arrived within `timeoutMs`. A later one is dropped. The request may have been processed.',
  ESP_CLIENT_NOT_CONNECTED:
    'A request was made before `connect()`, or after the connection closed without `reconnect`.',
  ESP_CLIENT_PARAMETER_SYNTAX: 'A parameter of the command line is not of the form `Name=text` or `Name:=json`.',
} as const satisfies ErrorTable;

/** The codes of the client's errors. */
export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

/** The base of the client's errors. */
export abstract class ClientError extends CodedError<ClientErrorCode> {}

/** The connection could not be opened. */
export class ConnectError extends ClientError {
  override readonly name = 'ConnectError';
  constructor(
    /** Host and port. */
    readonly address: string,
    why: string,
    options?: ErrorOptions,
  ) {
    super('ESP_CLIENT_CONNECT_FAILED', `cannot connect to ${address}: ${why}`, options);
  }
}

/** The connection closed before the reply arrived. */
export class ConnectionLostError extends ClientError {
  override readonly name = 'ConnectionLostError';
  constructor(address: string, why: string, options?: ErrorOptions) {
    super('ESP_CLIENT_CONNECTION_LOST', `the connection to ${address} was lost: ${why}`, options);
  }
}

/** No reply arrived in time. A later one is dropped. */
export class RequestTimeoutError extends ClientError {
  override readonly name = 'RequestTimeoutError';
  constructor(
    /** Service and method of the request. */
    readonly request: string,
    readonly timeoutMs: number,
  ) {
    super('ESP_CLIENT_TIMEOUT', `no reply to ${request} within ${timeoutMs} ms`);
  }
}

/** A request on a client that is not connected and does not reconnect. */
export class NotConnectedError extends ClientError {
  override readonly name = 'NotConnectedError';
  constructor(address: string) {
    super('ESP_CLIENT_NOT_CONNECTED', `not connected to ${address}: call connect() first`);
  }
}

/** A parameter that does not follow the syntax of the command line. */
export class ParameterSyntaxError extends ClientError {
  override readonly name = 'ParameterSyntaxError';
  constructor(message: string, options?: ErrorOptions) {
    super('ESP_CLIENT_PARAMETER_SYNTAX', message, options);
  }
}
