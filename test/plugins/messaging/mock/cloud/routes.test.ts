import { expect, it } from '@jest/globals';
import type { MockRoute } from 'esp-host';
import type { CloudApi } from '../../../../../plugins/messaging/mock/cloud/cloud-api.js';
import { cloudRoutes, webhookShape, webhookView } from '../../../../../plugins/messaging/mock/cloud/routes.js';
import type { Webhooks } from '../../../../../plugins/messaging/mock/cloud/webhooks.js';

const run = ({ body, answer, handle }: MockRoute, given?: unknown): unknown =>
  answer.parse(handle({ params: undefined, body: body?.parse(given) }));

it('the buttons below the webhooks do what they say, and change the page', () => {
  const done: string[] = [];
  const cloud: Pick<CloudApi, 'failNext'> = { failNext: (...codes) => done.push(`fail next ${codes}`) };
  const webhooks: Pick<Webhooks, 'release' | 'retry'> = {
    release: () => done.push('release'),
    retry: () => done.push('retry'),
  };
  const { release, retry, failNext } = cloudRoutes(cloud as CloudApi, webhooks as Webhooks, () => done.push('changed'));
  expect([run(release), run(retry), run(failNext, { code: 0 })]).toEqual([{}, {}, {}]);
  expect(done).toEqual(['release', 'changed', 'retry', 'changed', 'fail next 0', 'changed']);
  for (const body of [{}, { code: -1 }, { code: 1.5 }, { code: 1, more: 1 }])
    expect(() => run(failNext, body)).toThrow();
});

it('a webhook shows what it has', () => {
  const about = { event: 'sent', customer: '+1', message: 'm' };
  const shown = { ...about, at: 1, state: 'waiting', attempts: 2 };
  const webhook = { body: { secret: 1 }, about, at: 1, state: 'waiting' as const, attempts: 2 };
  expect(webhookShape.parse(webhookView(webhook))).toEqual(shown);
  expect(Object.keys(webhookView({ ...webhook, answer: undefined, nextAt: undefined }))).toHaveLength(6);
  expect(webhookShape.parse(webhookView({ ...webhook, answer: '500', nextAt: 9 }))).toEqual({
    ...{ ...shown, answer: '500', nextAt: 9 },
  });
});
