import { expect, it } from '@jest/globals';
import { Outbox, type SentMessage } from '../../../../plugins/messaging/mock/outbox.js';

const message = (id: string): SentMessage => ({
  ...{ id, at: 1, to: '+1', namespace: 'n', template: 't', language: 'en', parameters: [], text: '' },
});

it('the outbox keeps the last 1,000 messages, oldest first', () => {
  const outbox = new Outbox();
  for (let count = 0; count < 1000; count++) outbox.add(message(`m${count}`));
  expect([outbox.list().length, outbox.list()[0]?.id]).toEqual([1000, 'm0']);
  outbox.add(message('new'));
  expect([outbox.list().length, outbox.list()[0]?.id, outbox.list().at(-1)?.id]).toEqual([1000, 'm1', 'new']);
  const before = outbox.list();
  outbox.clear();
  expect([outbox.list(), before.length]).toEqual([[], 1000]);
});

it('the outbox announces each message, until nobody listens', () => {
  const outbox = new Outbox();
  const heard: string[] = [];
  const [stop] = ['a', 'b'].map((name) => outbox.subscribe(() => heard.push(`${name}: ${outbox.list().length}`)));
  outbox.add(message('m'));
  stop?.();
  outbox.add(message('n'));
  expect(heard).toEqual(['a: 1', 'b: 1', 'b: 2']);
});
