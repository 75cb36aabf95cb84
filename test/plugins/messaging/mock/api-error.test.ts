import { describe, expect, it } from '@jest/globals';
import type { MockRequest } from 'esp-host';
import { ApiError, apiErrorFault, type Meta } from '../../../../plugins/messaging/mock/api-error.js';

const META: Meta = { api_status: 'stable', version: '2.41.3' };

/** As the documentation of the On-Premises API lists them. */
const CODES: readonly (readonly [code: number, status: number, title: string])[] = [
  [1005, 401, 'Access denied'],
  [1006, 404, 'Resource not found'],
  [1008, 400, 'Required parameter is missing'],
  [1009, 400, 'Parameter value is not valid'],
  [1013, 400, 'User is not valid'],
  [1014, 500, 'Internal error'],
  [1015, 429, 'Too many requests'],
  [1025, 400, 'Invalid request'],
  [1026, 400, 'Receiver incapable'],
  [2000, 400, 'Template param count mismatch'],
  [2001, 400, 'Template missing'],
  [2012, 400, 'Template parameter format mismatch'],
];

describe('the fault apiError', () => {
  const concerns = () => true;
  const fault = apiErrorFault(() => META, concerns);
  const read = (settings: object) => fault.settings.safeParse(settings);

  it.each(CODES)('answers %i with status %i: %s', (code, status, title) => {
    const settings = read({ code }).data ?? {};
    expect(fault.respond(settings, {} as MockRequest)).toEqual({
      status,
      body: { errors: [{ code, title, details: 'forced by the mock platform' }], meta: META },
    });
  });

  it('takes no other code, and no other setting', () => {
    expect(fault.concerns).toBe(concerns);
    expect(read({ code: 1007 }).error?.issues).toMatchObject([
      { path: ['code'], message: `must be a code of the API: ${CODES.map(([code]) => code).join(', ')}` },
    ]);
    expect(read({ code: 1005, more: 1 }).success).toBe(false);
  });

  it('lists the titles of the codes', () => {
    expect(fault.settings.shape.code?.description).toBe(CODES.map(([code, , title]) => `${code} ${title}`).join(', '));
  });
});

it.each([
  [400, 1025],
  [401, 1005],
  [404, 1006],
  [429, 1015],
  [499, 1025],
  [500, 1014],
  [503, 1014],
])('the error for status %i has code %i', (status, code) => {
  const error = ApiError.ofStatus(status, 'because');
  expect([error.status, error.name, error.code]).toEqual([status, 'ApiError', 'ESP_MESSAGING_MOCK_REFUSED']);
  expect(error.body(META)).toMatchObject({ errors: [{ code, details: 'because' }] });
});
