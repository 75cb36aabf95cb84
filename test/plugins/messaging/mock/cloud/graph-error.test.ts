import { describe, expect, it } from '@jest/globals';
import type { MockRequest } from 'esp-host';
import { cloudErrorFault, GraphError, titleOf } from '../../../../../plugins/messaging/mock/cloud/graph-error.js';

/** As Meta documents them. */
const CODES: readonly (readonly [code: number, status: number, title: string])[] = [
  [0, 401, 'AuthException'],
  [1, 400, 'API Unknown'],
  [2, 503, 'API Service'],
  [3, 500, 'API Method'],
  [4, 429, 'API Too Many Calls'],
  [10, 403, 'API Permission Denied'],
  [33, 400, 'Parameter value is not valid'],
  [100, 400, 'Invalid parameter'],
  [190, 401, 'Access token has expired'],
  [200, 403, 'API Permission'],
  [250, 403, 'API Permission'],
  [299, 403, 'API Permission'],
  [368, 403, 'Temporarily blocked for policies violations'],
  [80007, 429, 'Rate limit issues'],
  [130429, 429, 'Rate limit hit'],
  [131000, 500, 'Something went wrong'],
  [131005, 403, 'Access denied'],
  [131008, 400, 'Required parameter is missing'],
  [131009, 400, 'Parameter value is not valid'],
  [131016, 500, 'Service unavailable'],
  [131026, 400, 'Message undeliverable'],
  [131031, 403, 'Account has been locked'],
  [131045, 500, 'Incorrect certificate'],
  [131047, 400, 'Re-engagement message'],
  [131048, 400, 'Spam rate limit hit'],
  [131049, 400, 'Meta chose not to deliver'],
  [131056, 429, '(Business Account, Consumer Account) pair rate limit hit'],
  [131057, 500, 'Account in maintenance mode'],
  [132001, 404, 'Template does not exist'],
  [133000, 500, 'Incomplete deregistration'],
];

describe('an error of Cloud API', () => {
  it('has the status and the title of its code', () => {
    expect(CODES.map(([code]) => [code, new GraphError(code, '').status, titleOf(code)])).toEqual(CODES);
  });

  it.each([5, 199, 300, 131027, 999999])('has status 400 and no particular title for code %i', (code) => {
    expect([new GraphError(code, '').status, titleOf(code)]).toEqual([400, 'Error']);
  });

  it('has the form of Graph API', () => {
    const error = new GraphError(131056, 'too many');
    expect([error.name, error.code, error.message]).toEqual(['GraphError', 'ESP_MESSAGING_MOCK_REFUSED', 'too many']);
    expect(error.response()).toEqual({
      status: 429,
      body: {
        error: {
          message: '(#131056) (Business Account, Consumer Account) pair rate limit hit',
          type: 'OAuthException',
          code: 131056,
          error_data: { messaging_product: 'whatsapp', details: 'too many' },
          fbtrace_id: 'A-mock-trace-id',
        },
      },
    });
  });

  it.each([0, 6])('says after how many seconds to try again: %i', (seconds) => {
    expect(new GraphError(4, '', seconds).response().headers).toEqual({ 'retry-after': String(seconds) });
  });
});

describe('the fault cloudError', () => {
  const concerns = () => true;
  const fault = cloudErrorFault(concerns);
  const read = (settings: object) => fault.settings.safeParse(settings);

  it('answers with the error of its code', () => {
    const request = {} as MockRequest;
    expect(fault.concerns).toBe(concerns);
    expect(fault.respond(read({ code: 0 }).data ?? {}, request)).toEqual(
      new GraphError(0, 'forced by the mock platform').response(),
    );
    expect(fault.respond(read({ code: 2, details: 'x', retryAfterS: 0 }).data ?? {}, request)).toEqual(
      new GraphError(2, 'x', 0).response(),
    );
  });

  it.each([
    {},
    { code: -1 },
    { code: 1.5 },
    { code: 1, retryAfterS: -1 },
    { code: 1, retryAfterS: 0.5 },
    { code: 1, x: 1 },
  ])('cannot have the settings %j', (settings) => expect(read(settings).success).toBe(false));
});
