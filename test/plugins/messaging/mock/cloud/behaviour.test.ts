import { expect, it } from '@jest/globals';
import type { MockRequest } from 'esp-host';
import { webhooksFault } from '../../../../../plugins/messaging/mock/cloud/behaviour.js';

const concerns = () => true;
const fault = webhooksFault((request, behaviour) => ({ status: 200, body: { request, behaviour } }), concerns);

it('the fault webhooks sends the message of the request, with its settings', () => {
  const request = { method: 'POST' } as MockRequest;
  const settings = {
    ...{ hold: true, delayMs: 0x7fffffff, twice: true, reversed: true, noDelivered: true, failed: 0, never: true },
  };
  expect(fault.respond(fault.settings.parse(settings), request)).toEqual({
    status: 200,
    body: { request, behaviour: settings },
  });
  expect(fault.settings.parse({})).toEqual({});
  expect(fault.concerns).toBe(concerns);
});

it.each([
  { delayMs: -1 },
  { delayMs: 0x80000000 },
  { delayMs: 0.5 },
  { failed: -1 },
  { failed: 0.5 },
  { hold: 1 },
  { more: 1 },
])('the fault webhooks cannot have %j', (settings) => expect(fault.settings.safeParse(settings).success).toBe(false));
