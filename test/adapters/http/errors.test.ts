import { expect, it } from '@jest/globals';
import { HTTP_ERRORS, HttpError } from '../../../src/adapters/http/errors.js';

it.each([
  ['ESP_HTTP_UNAUTHORIZED', 401],
  ['ESP_HTTP_NOT_FOUND', 404],
  ['ESP_HTTP_METHOD_NOT_ALLOWED', 405],
  ['ESP_HTTP_INVALID_BODY', 400],
  ['ESP_HTTP_BODY_TOO_LARGE', 413],
  ['ESP_HTTP_LISTS_TOO_LARGE', 413],
  ['ESP_HTTP_CONTENT_TYPE', 415],
  ['ESP_HTTP_INVALID_REQUEST', 400],
  ['ESP_HTTP_UNEXPECTED', 500],
] as const)('%s is answered with status %i, as the table of errors says', (code, status) => {
  expect(new HttpError(code, 'no')).toMatchObject({ code, status, name: 'HttpError' });
  expect(HTTP_ERRORS[code]).toMatch(code === 'ESP_HTTP_INVALID_REQUEST' ? /400/ : new RegExp(`^${status}: `));
});
