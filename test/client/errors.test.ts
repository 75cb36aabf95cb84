import { expect, it } from '@jest/globals';
import {
  CLIENT_ERRORS,
  ConnectError,
  ConnectionLostError,
  NotConnectedError,
  ParameterSyntaxError,
  RequestTimeoutError,
} from '../../src/client/errors.js';

it.each([
  [new ConnectError('a:1', 'why'), 'ESP_CLIENT_CONNECT_FAILED', 'cannot connect to a:1: why'],
  [new ConnectionLostError('a:1', 'why'), 'ESP_CLIENT_CONNECTION_LOST', 'the connection to a:1 was lost: why'],
  [new RequestTimeoutError('A.B', 5), 'ESP_CLIENT_TIMEOUT', 'no reply to A.B within 5 ms'],
  [new NotConnectedError('a:1'), 'ESP_CLIENT_NOT_CONNECTED', 'not connected to a:1: call connect() first'],
  [new ParameterSyntaxError('why'), 'ESP_CLIENT_PARAMETER_SYNTAX', 'why'],
] as const)('%s has a code that is in the table, and its text', (error, code, message) => {
  expect(error).toMatchObject({ code, message, name: error.constructor.name });
  expect(Object.keys(CLIENT_ERRORS)).toContain(code);
});
