import { describe, expect, it } from '@jest/globals';
import { ConnectionFailed, EspFault, ExecutionFailed, faults } from '../../src/esp/index.js';

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
  ])('of a fault %s is kept for the log, and is no part of its text', (_code, fault) => {
    expect(fault.cause).toBe(cause);
    expect(fault.message).not.toContain('ECONNREFUSED');
  });
});

describe('what a plugin throws', () => {
  it('a fault of its own, with any code', () => {
    expect([new EspFault(404, 'no account').code, new EspFault('InvalidServiceName', 'x').code]).toEqual([
      '404',
      'InvalidServiceName',
    ]);
    expect(new EspFault(1, 'x').reason).toBeUndefined();
  });

  it('an upstream that is away, or did not do its part', () => {
    const cause = new Error('why');
    expect(new ConnectionFailed('whatsapp', 'http://a', { cause })).toMatchObject({
      name: 'ConnectionFailed',
      channel: 'whatsapp',
      url: 'http://a',
      cause,
    });
    expect(new ExecutionFailed('whatsapp', 'status 500', { cause })).toMatchObject({
      name: 'ExecutionFailed',
      channel: 'whatsapp',
      why: 'status 500',
      cause,
    });
  });
});
