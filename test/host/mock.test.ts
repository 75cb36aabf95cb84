import { expect, it } from '@jest/globals';
import { MockRouteError } from '../../src/host/index.js';
import { type MockRequest, mockFault, mockMessage, mockPanel, mockRoute, z } from '../../src/index.js';

it('a message of a conversation has a text, and may have choices, a state and its cause', () => {
  const { $ref, $defs } = z.toJSONSchema(mockMessage);
  expect($ref).toBe('#/$defs/ConversationMessage');
  const { properties = {}, required } = $defs?.ConversationMessage ?? {};
  expect(Object.keys(properties)).toEqual(['id', 'at', 'own', 'title', 'text', 'choices', 'state', 'note', 'entry']);
  expect(required).toEqual(['id', 'at', 'own', 'text']);
  const message = { id: '1', at: 0, own: true, text: 'Hello' };
  expect(mockMessage.parse(message)).toEqual(message);
  for (const state of ['sent', 'delivered', 'read', 'failed']) {
    const whole = {
      ...{ ...message, title: 'Hello', note: 'late', state },
      choices: [
        { title: 'Yes', answers: true },
        { title: 'No', note: 'opens a page', answers: false },
      ],
      entry: { id: 1, referenceId: null },
    };
    expect(mockMessage.parse(whole)).toEqual(whole);
  }
  const unknown = [{ state: 'lost' }, { choices: [{ title: 'a', answers: true, more: 1 }] }];
  const wrong = [...unknown, { more: 1 }, { entry: { id: 1 } }, { entry: { id: 1.5, referenceId: 1 } }];
  for (const part of wrong) expect(mockMessage.safeParse({ ...message, ...part }).success).toBe(false);
});

it('a route passes on its input, and the result', async () => {
  const route = mockRoute({
    method: 'PUT',
    path: '/accounts/:account',
    summary: 'Set the balance.',
    params: z.strictObject({ account: z.string() }),
    body: z.strictObject({ balance: z.string() }),
    answer: z.string(),
    handle: ({ params, body }) => {
      if (params.account === '') throw new MockRouteError(404, 'no account');
      return `${params.account}: ${body.balance}`;
    },
  });
  expect(route).toMatchObject({ method: 'PUT', path: '/accounts/:account', summary: 'Set the balance.' });
  expect(route.handle({ params: { account: '17' }, body: { balance: '5' } })).toBe('17: 5');
  expect(() => route.handle({ params: { account: '' }, body: { balance: '5' } })).toThrow('no account');
  const state = mockRoute({ method: 'GET', path: '', summary: 'Show it.', answer: z.object({}), handle: () => ({}) });
  const panel = { title: 'Billing', state, sections: [] };
  expect(mockPanel(panel)).toBe(panel);
});

it('a fault passes on its settings and the request', () => {
  const request: MockRequest = { method: 'GET', path: '/a', query: new URLSearchParams(), headers: {}, body: '' };
  const fault = mockFault({
    description: 'Refuses.',
    settings: z.strictObject({ status: z.int() }),
    concerns: ({ path }) => path === '/a',
    respond: ({ status }, { path }) => ({ status, body: path }),
  });
  expect(fault.concerns?.(request)).toBe(true);
  expect(fault.respond({ status: 429 }, request)).toEqual({ status: 429, body: '/a' });
});
