import { UNDELIVERABLE } from '../cloud/index.js';
import type { EvidenceKind, Sighting } from '../contacts/index.js';
import { PhoneNumbers } from '../phone-numbers.js';
import type { CustomerChangedEvent, StatusEvent, WhatsAppEvent } from './events.js';

/** A time that is further ahead would count for longer than the evidence does. */
const AHEAD_MS = 24 * 3_600_000;

/** What an event says about the numbers of customers: nothing if it has no number or no usable time. */
export function sightingsOf(event: WhatsAppEvent, now: number): readonly Sighting[] {
  const at = event.at * 1000;
  if (event.at <= 0 || at > now + AHEAD_MS) return [];
  const sighting = (digits: string | undefined, kind: EvidenceKind | undefined): Sighting[] =>
    digits === undefined || kind === undefined
      ? []
      : [{ number: PhoneNumbers.present(`+${digits}`), evidence: { kind, at } }];
  switch (event.type) {
    case 'message':
      return sighting(event.customer.number, 'message');
    case 'status':
      return sighting(event.customer.number, kindOf(event));
    case 'customer-changed':
      return hasMoved(event)
        ? [...sighting(event.before.number, 'changed-from'), ...sighting(event.after.number, 'changed-to')]
        : [];
    default:
      return [];
  }
}

/** `sent` says only that WhatsApp has the message. */
function kindOf({ status, errors }: StatusEvent): EvidenceKind | undefined {
  if (status === 'delivered' || status === 'read') return status;
  return status === 'failed' && errors.some(({ code }) => code === UNDELIVERABLE) ? 'undeliverable' : undefined;
}

/** A new user id alone says nothing about the number. */
const hasMoved = ({ before, after }: CustomerChangedEvent): boolean =>
  after.number !== undefined && after.number !== before.number;
