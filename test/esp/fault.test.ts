import { types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  ConnectionFailedError,
  ESP_ERRORS,
  EspFault,
  ExecutionFailedError,
  Failure,
  faults,
  hasCode,
  IncorrectParameterError,
  OutcomeUnknownError,
  ReplyTooLargeError,
} from '../../src/esp/index.js';

/** Every fault that the host answers: code and exact text. Strategies may compare them. */

const REQUEST = 'Messaging.ValidateContact';

it.each([
  [faults.invalidRequest(), '701', 'Request is invalid: Service or Method name was not specified...', 'request'],
  [faults.unknownService('Billing'), '902', 'Billing unknown service', 'unknown'],
  [faults.unknownMethod('Messaging.Foo'), '902', 'Messaging.Foo unknown method', 'unknown'],
  [faults.unknownApplication('Other'), '902', 'Other unknown application', 'unknown'],
  [
    faults.incorrectParameter(REQUEST, 'Id', 'missing'),
    '904',
    'Messaging.ValidateContact incorrect Id: missing',
    'parameter',
  ],
  [
    faults.incorrectParameter(REQUEST, '_umsChannel', "no channel 'x'"),
    '904',
    "Messaging.ValidateContact incorrect _umsChannel: no channel 'x'",
    'parameter',
  ],
  [
    faults.connectionFailed('whatsapp', 'http://127.0.0.1:9090'),
    '901',
    'whatsapp connection with http://127.0.0.1:9090 failed',
    'connection',
  ],
  [
    faults.deadlinePassed('whatsapp', REQUEST, 10_000),
    '920',
    'whatsapp failed to execute request Messaging.ValidateContact: deadline of 10000 ms passed',
    'deadline',
  ],
  [
    faults.deadlinePassed('whatsapp', REQUEST, 10_000, false),
    '920',
    'whatsapp failed to execute request Messaging.ValidateContact: deadline of 10000 ms passed; whether it was done is unknown',
    'deadline',
  ],
  [
    faults.upstreamFailed('whatsapp', REQUEST, 'status 500'),
    '920',
    'whatsapp failed to execute request Messaging.ValidateContact: status 500',
    'upstream',
  ],
  [
    faults.overloaded('DMS', REQUEST),
    '920',
    'DMS failed to execute request Messaging.ValidateContact: overloaded',
    'overloaded',
  ],
  [
    faults.stopping('DMS', REQUEST),
    '920',
    'DMS failed to execute request Messaging.ValidateContact: stopping',
    'stopping',
  ],
  [
    faults.unexpected(REQUEST, 17),
    '900',
    'Messaging.ValidateContact failed unexpectedly (ReferenceId 17)',
    'unexpected',
  ],
  [
    faults.unexpected(REQUEST, undefined),
    '900',
    'Messaging.ValidateContact failed unexpectedly (ReferenceId none)',
    'unexpected',
  ],
])('%s', (fault, code, text, reason) => {
  expect(fault).toBeInstanceOf(EspFault);
  expect({ code: fault.code, text: fault.message, reason: fault.reason }).toEqual({ code, text, reason });
});

it('there are no others', () => {
  expect(Object.keys(faults).sort()).toEqual([
    'connectionFailed',
    'deadlinePassed',
    'incorrectParameter',
    'invalidRequest',
    'overloaded',
    'stopping',
    'unexpected',
    'unknownApplication',
    'unknownMethod',
    'unknownService',
    'upstreamFailed',
  ]);
});

describe('a cause', () => {
  const cause = new Error('ECONNREFUSED');

  it.each([
    ['901', faults.connectionFailed('whatsapp', 'http://a', cause)],
    ['920', faults.upstreamFailed('whatsapp', REQUEST, 'status 500', cause)],
    ['900', faults.unexpected(REQUEST, 1, cause)],
  ])('of a fault %s is only for the log, not part of its text', (_code, fault) => {
    expect(fault.cause).toBe(cause);
    expect(fault.message).not.toContain('ECONNREFUSED');
  });
});

describe('an error of a plugin', () => {
  it('its own fault, with any code', () => {
    expect([new EspFault(404, 'no account').code, new EspFault('InvalidServiceName', 'x').code]).toEqual([
      '404',
      'InvalidServiceName',
    ]);
    expect(new EspFault(1, 'x').reason).toBeUndefined();
  });

  it('an upstream that is unreachable or failed', () => {
    const cause = new Error('why');
    expect(new ConnectionFailedError('whatsapp', 'http://a', { cause })).toMatchObject({
      name: 'ConnectionFailedError',
      channel: 'whatsapp',
      url: 'http://a',
      cause,
    });
    expect(new ExecutionFailedError('whatsapp', 'status 500', { cause })).toMatchObject({
      name: 'ExecutionFailedError',
      channel: 'whatsapp',
      why: 'status 500',
      cause,
    });
  });
});

describe('an expected error', () => {
  const cause = new Error('why');
  class NoMoney extends EspFault {
    constructor() {
      super('NoMoney', 'the account is empty', undefined, { cause });
    }
  }

  it.each([
    [new EspFault(1, 'x', undefined, { cause }), 'EspFault: x'],
    [new ConnectionFailedError('w', 'http://a', { cause }), 'ConnectionFailedError: w connection with http://a failed'],
    [new ExecutionFailedError('w', 'status 500', { cause }), 'ExecutionFailedError: w: status 500'],
    [
      new OutcomeUnknownError('w', 'it broke', { cause }),
      'OutcomeUnknownError: w: it broke; whether it was done is unknown',
    ],
    [new NoMoney(), 'EspFault: the account is empty'],
  ])('is an Error with a cause: %s', (error, text) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(Failure);
    expect(error.cause).toBe(cause);
    expect(String(error)).toBe(text);
    expect(() => {
      throw error;
    }).toThrow(error.message);
  });

  it.each([
    [new IncorrectParameterError('Id', 'missing'), 'ESP_PARAMETER_INCORRECT'],
    [new ConnectionFailedError('w', 'http://a'), 'ESP_UPSTREAM_CONNECTION_FAILED'],
    [new ExecutionFailedError('w', 'status 500'), 'ESP_UPSTREAM_EXECUTION_FAILED'],
    [new OutcomeUnknownError('w', 'it broke'), 'ESP_UPSTREAM_OUTCOME_UNKNOWN'],
    [new ReplyTooLargeError(2, 1), 'ESP_REPLY_TOO_LARGE'],
  ] as const)('has a code that is in the table: %s', (error, code) => {
    expect(error.code).toBe(code);
    expect(hasCode(error, code)).toBe(true);
    expect(Object.keys(ESP_ERRORS)).toContain(code);
  });

  it('captures no stack trace', () => {
    const error = new IncorrectParameterError('Id', 'missing');
    expect(error.stack).toBe('IncorrectParameterError: incorrect Id: missing');
    expect(types.isNativeError(error)).toBe(false);
  });

  it('accepts a stack from a library', () => {
    const error = new EspFault(1, 'x');
    error.stack = 'another';
    expect(error.stack).toBe('another');
    Error.captureStackTrace(error);
    expect(error.stack).toMatch(/fault\.test\.ts/);
  });
});

describe('input repeated in a fault', () => {
  const long = 'x'.repeat(1_000_000);

  it.each([
    ['a service', faults.unknownService(long)],
    ['a method', faults.unknownMethod(long)],
    ['an application', faults.unknownApplication(long)],
    ['a parameter', faults.incorrectParameter(long, long, 'missing')],
    ['the method of an overloaded host', faults.overloaded('DMS', long)],
    ['the method of a stopping host', faults.stopping('DMS', long)],
    ['the method of a deadline', faults.deadlinePassed('DMS', long, 1)],
    ['the method of an upstream', faults.upstreamFailed('w', long, 'status 500')],
    ['the method of an exception', faults.unexpected(long, 1)],
  ])('is at most 200 characters of %s', (_what, { message }) => {
    expect(message).toContain(`${'x'.repeat(200)}... (999800 more characters)`);
    expect(message).not.toContain('x'.repeat(201));
  });

  it('is at most 1000 characters in all, and 100 of a code', () => {
    const fault = new EspFault(long, long);
    expect(fault.message).toBe(`${'x'.repeat(1000)}... (999000 more characters)`);
    expect(fault.code).toBe(`${'x'.repeat(100)}... (999900 more characters)`);
  });

  it.each([
    [1, {}, 'the text of an EspFault must be a string, not object'],
    [1, null, 'the text of an EspFault must be a string, not null'],
    [1, 5, 'the text of an EspFault must be a string, not number'],
    [{}, 'x', 'the code of an EspFault must be a string, not object'],
    [undefined, 'x', 'the code of an EspFault must be a string, not undefined'],
  ])('is text: not the code %p with the text %p', (code, text, message) => {
    expect(() => Reflect.construct(EspFault, [code, text])).toThrow(new TypeError(message));
  });
});
