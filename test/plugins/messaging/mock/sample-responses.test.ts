import { expect, it } from '@jest/globals';
import mock from '../../../../plugins/messaging/mock/index.js';

const samples = (method: string, parameters = {}) => mock.responses?.[method]?.(parameters);

it.each([
  [{}, '+16315551002'],
  [{ Id: '+1 (516) 283-7151' }, '+15162837151'],
  [{ Id: 15162837151 }, '+15162837151'],
  [{ Id: 'Ann' }, '+16315551002'],
  [{ Id: { 17: 'a' } }, '+16315551002'],
])('the sample responses to ValidateContact with %j have the number %s', (parameters, number) => {
  expect(samples('Messaging.ValidateContact', parameters)).toEqual([
    { parameters: { Id: number }, note: 'on WhatsApp' },
    { parameters: { Id: '' }, note: 'not on WhatsApp' },
    { parameters: { Id: number }, note: 'not on WhatsApp, API client 2.45.1' },
  ]);
});

it('the sample responses to GetInvitation have each state that a strategy may see', () => {
  const Since = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(samples('ChatService.GetInvitation')).toEqual([
    { parameters: { Status: 'read', Since }, note: 'read' },
    { parameters: { Status: 'delivered', Since }, note: 'delivered' },
    { parameters: { Status: 'sent', Since }, note: 'the phone is off' },
    { parameters: { Status: 'failed', Since, ErrorCode: 131026 }, note: 'not on WhatsApp' },
  ]);
});
