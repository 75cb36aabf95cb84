import { CodedError, type ErrorTable } from '../../esp/index.js';

/** HTTP requests that call no method. The client gets the message as `{"error": message}`, with the status given here. */
export const HTTP_ERRORS = {
  ESP_HTTP_UNAUTHORIZED: '401: the bearer token is missing or wrong.',
  ESP_HTTP_NOT_FOUND: '404: nothing is at this path.',
  ESP_HTTP_METHOD_NOT_ALLOWED: '405: the path has another HTTP method. The header `Allow` names it.',
  ESP_HTTP_INVALID_BODY: '400: the body is not JSON, not an object, or not a key-value list.',
  ESP_HTTP_BODY_TOO_LARGE: '413: the body is larger than `limits.messageBytes`.',
  ESP_HTTP_LISTS_TOO_LARGE:
    '413: the lists nest deeper than `limits.listDepth`, or have more than `limits.listEntries` entries.',
  ESP_HTTP_CONTENT_TYPE: '415: the body is not `application/json`.',
  ESP_HTTP_INVALID_REQUEST: 'The request is not valid HTTP: 400, or the status that fits.',
  ESP_HTTP_UNEXPECTED: '500: the request failed unexpectedly. The log says why.',
} as const satisfies ErrorTable;

type HttpErrorCode = keyof typeof HTTP_ERRORS;

const STATUS: Readonly<Record<HttpErrorCode, number>> = {
  ESP_HTTP_UNAUTHORIZED: 401,
  ESP_HTTP_NOT_FOUND: 404,
  ESP_HTTP_METHOD_NOT_ALLOWED: 405,
  ESP_HTTP_INVALID_BODY: 400,
  ESP_HTTP_BODY_TOO_LARGE: 413,
  ESP_HTTP_LISTS_TOO_LARGE: 413,
  ESP_HTTP_CONTENT_TYPE: 415,
  ESP_HTTP_INVALID_REQUEST: 400,
  ESP_HTTP_UNEXPECTED: 500,
};

/** A request that calls no method. */
export class HttpError extends CodedError<HttpErrorCode> {
  override readonly name = 'HttpError';
  constructor(
    code: HttpErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly status = STATUS[code],
  ) {
    super(code, message);
  }
}
