import { describe, expect, it } from '@jest/globals';
import type { WhatsAppEvent } from '../../../../plugins/messaging/webhooks/events.js';
import { sightingsOf } from '../../../../plugins/messaging/webhooks/sightings.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const NOW_S = NOW / 1000;
const DAY_S = 24 * 3600;
const NUMBER = '16315551002';
const OTHER = '15162837151';

const common = { phoneNumberId: '1064', messageId: 'wamid.1', at: NOW_S, customer: { number: NUMBER } };
const message: WhatsAppEvent = { ...common, type: 'message', kind: 'text' };
const status = (name: 'sent' | 'delivered' | 'read' | 'failed', ...codes: number[]): WhatsAppEvent => ({
  ...common,
  ...{ type: 'status', status: name, errors: codes.map((code) => ({ code })) },
});
const changed = (before: string | undefined, after: string | undefined): WhatsAppEvent => ({
  ...{ type: 'customer-changed', phoneNumberId: '1064', messageId: 'wamid.1', at: NOW_S },
  ...{ before: { number: before }, after: { number: after } },
});
const sighting = (kind: string, number = NUMBER, at = NOW) => ({ number: `+${number}`, evidence: { kind, at } });

describe('an event says about a number', () => {
  it.each<[string, WhatsAppEvent, object[]]>([
    ['a message', message, [sighting('message')]],
    ['a message without a number', { ...message, customer: { userId: 'US.1' } }, []],
    ['delivered', status('delivered'), [sighting('delivered')]],
    ['read', status('read'), [sighting('read')]],
    ['sent', status('sent', 131026), []],
    ['failed, undeliverable', status('failed', 131049, 131026), [sighting('undeliverable')]],
    ['failed for another reason', status('failed', 131049), []],
    ['failed without a reason', status('failed'), []],
    ['another number', changed(NUMBER, OTHER), [sighting('changed-from'), sighting('changed-to', OTHER)]],
    ['a number where there was none', changed(undefined, OTHER), [sighting('changed-to', OTHER)]],
    ['the same number', changed(NUMBER, NUMBER), []],
    ['no number any more', changed(NUMBER, undefined), []],
    ['the account', { type: 'account', businessAccountId: '1029', field: 'security', at: NOW_S }, []],
    ['a template', { type: 'template', businessAccountId: '1029', field: 'template_category_update', at: NOW_S }, []],
  ])('%s', (_what, event, sightings) => expect(sightingsOf(event, NOW)).toEqual(sightings));

  it('that of its own time, up to a day ahead', () => {
    const at = (seconds: number) => sightingsOf({ ...message, at: seconds }, NOW);
    expect(at(1)).toEqual([sighting('message', NUMBER, 1000)]);
    expect([at(0), at(-1), at(NOW_S + DAY_S + 1)]).toEqual([[], [], []]);
    expect(at(NOW_S + DAY_S)).toEqual([sighting('message', NUMBER, NOW + DAY_S * 1000)]);
  });

  it('in its present form', () => {
    const event = { ...message, customer: { number: '5215512345678' } };
    expect(sightingsOf(event, NOW)).toEqual([sighting('message', '525512345678')]);
  });
});
