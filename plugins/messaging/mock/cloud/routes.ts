import { mockRoute, z } from 'esp-host';
import type { CloudApi } from './cloud-api.js';
import type { ListedWebhook, Webhooks } from './webhooks.js';

/** What the panel shows of a webhook. */
export const webhookShape = z.strictObject({
  at: z.number().describe('milliseconds since 1970'),
  event: z.string().describe('`sent`, `delivered`, `read`, `failed`, or `message` of a customer'),
  customer: z.string(),
  state: z.string(),
  attempts: z.int(),
  answer: z.string().optional().describe('the last answer, or why there was none'),
  nextAt: z.number().optional().describe('when it is posted again'),
  message: z.string(),
});

export const webhookView = ({
  at,
  about: { event, customer, message },
  state,
  attempts,
  answer,
  nextAt,
}: ListedWebhook): z.input<typeof webhookShape> => ({
  ...{ at, event, customer, state, attempts, message },
  ...(answer === undefined ? {} : { answer }),
  ...(nextAt === undefined ? {} : { nextAt }),
});

const done = z.strictObject({});

/** The routes of Cloud API and its webhooks. @param changed called after each */
export function cloudRoutes(cloud: CloudApi, webhooks: Webhooks, changed: () => void) {
  const act = (work: () => void): z.input<typeof done> => {
    work();
    changed();
    return {};
  };
  return {
    release: mockRoute({
      method: 'POST',
      path: '/webhooks/release',
      summary: 'Posts the webhooks that are held or delayed.',
      answer: done,
      handle: () => act(() => webhooks.release()),
    }),
    retry: mockRoute({
      method: 'POST',
      path: '/webhooks/retry',
      summary: 'Posts the webhooks that wait for another attempt, and those that were given up.',
      answer: done,
      handle: () => act(() => webhooks.retry()),
    }),
    failNext: mockRoute({
      method: 'POST',
      path: '/cloud/fail-next',
      summary: 'Lets Cloud API refuse the next message.',
      body: z.strictObject({
        code: z
          .int()
          .min(0)
          .meta({ examples: [131049] }),
      }),
      answer: done,
      handle: ({ body: { code } }) => act(() => cloud.failNext(code)),
    }),
  };
}
