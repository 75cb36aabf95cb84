import { type MockFault, type MockRequest, type MockResponse, mockFault, z } from 'esp-host';
import type { Behaviour } from './webhooks.js';

/** How a message differs from others: its webhooks, or that it fails. */
export interface MessageBehaviour extends Behaviour {
  /** The message is accepted, and then fails with this code of Meta. */
  readonly failed?: number | undefined;
}

/** The fault that changes the webhooks of messages. @param send sends the message of a request */
export const webhooksFault = (
  send: (request: MockRequest, behaviour: MessageBehaviour) => MockResponse,
  concerns: (request: MockRequest) => boolean,
): MockFault =>
  mockFault({
    description: 'Cloud API accepts the message, but its webhooks come late, twice, in another order, or not at all.',
    settings: z.strictObject({
      hold: z.boolean().optional().describe('Holds them until they are released.'),
      delayMs: z.int().min(0).max(0x7fffffff).optional().describe('Posts them this much later.'),
      twice: z.boolean().optional().describe('Posts each twice.'),
      reversed: z.boolean().optional().describe('Posts delivered before sent.'),
      noDelivered: z.boolean().optional().describe('Leaves out delivered.'),
      failed: z.int().min(0).optional().describe('Posts only failed, with this code of Meta, such as 131026.'),
      never: z.boolean().optional().describe('Posts none.'),
    }),
    concerns,
    respond: (behaviour, request) => send(request, behaviour),
  });
