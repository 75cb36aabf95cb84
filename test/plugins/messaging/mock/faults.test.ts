import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { type Platform, startOnFreePorts } from 'esp-host/mock';
import { ON_PREMISES } from '../../../support/files.js';
import { LogLines } from '../../../support/log-lines.js';

let platform: Platform;
let client: EspClient;

beforeAll(async () => {
  platform = await startOnFreePorts({
    ...{ ...ON_PREMISES, logger: new LogLines().logger },
  });
  client = new EspClient(platform.esp);
  await client.connect();
});
afterAll(async () => {
  await client?.close();
  await platform?.stop();
});
beforeEach(() => platform.reset());

async function invite(): Promise<string | undefined> {
  const parameters = { _umsClientId: '+16315551002', _umsBusinessId: '+919876543210' };
  return (await client.request({ service: 'ChatService', method: 'InviteToChat', parameters })).fault?.text;
}

it.each([
  [1026, 400, 'Receiver incapable'],
  [1013, 400, 'User is not valid'],
  [2012, 400, 'Template parameter format mismatch'],
  [1015, 429, 'Too many requests'],
])('whatsapp.apiError answers %i with status %i', async (code, status, title) => {
  platform.faults.add({ kind: 'whatsapp.apiError', code, details: 'not now', path: '/v1/messages' });
  expect(await invite()).toContain(`status ${status}: ${code} ${title}`);
  const [entry] = platform.journal.find({ method: 'InviteToChat' });
  const { status: sent, responseBody = '' } = entry?.upstream.at(-1) ?? {};
  expect([sent, JSON.parse(responseBody)]).toEqual([
    status,
    { errors: [{ code, title, details: 'not now' }], meta: { api_status: 'stable', version: '2.41.3' } },
  ]);
});

it('whatsapp.apiError accepts only codes of the API', () => {
  expect(() => platform.faults.add({ kind: 'whatsapp.apiError', code: 7 })).toThrow(
    /^code must be a code of the API: 1005, /,
  );
});

it('whatsapp.cloudError answers with any error of Cloud API', async () => {
  const { url } = platform.upstream('whatsapp');
  platform.faults.add({ kind: 'whatsapp.cloudError', code: 130429, retryAfterS: 30, path: '/v26.0/1/messages' });
  const response = await fetch(`${url}/v26.0/1/messages`, { method: 'POST' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
  expect(await response.json()).toMatchObject({
    error: { code: 130429, type: 'OAuthException', error_data: { details: 'forced by the mock platform' } },
  });
});
