import { z } from 'esp-host';
import type { FaultStatus } from '../faults/index.js';
import { CAUSE_KINDS, causeOf, type InjectedFault, type JournalEntry } from '../journal/index.js';
import { time } from './schemas.js';

export const cause = z
  .strictObject({
    kind: z.enum(CAUSE_KINDS),
    text: z.string(),
    details: z.string().optional().describe('More about it, such as how the nearest stub differs.'),
    fault: z
      .strictObject({
        id: z.string(),
        since: time().describe('When the fault was added, in milliseconds since 1970.'),
        isOn: z.boolean().describe('Whether the fault still applies.'),
      })
      .optional()
      .describe('The injected fault.'),
    place: z.string().optional().describe('The place in the code of a plugin: FILE:LINE:COLUMN.'),
    call: z.int().optional().describe('The index of the upstream call that decided.'),
  })
  .meta({ id: 'Cause', description: 'Why an exchange came out as it did.' });

/** @param faults the faults of the platform */
export function causeView(entry: JournalEntry, faults: readonly FaultStatus[]): z.input<typeof cause> {
  const { fault, ...found } = causeOf(entry);
  if (fault === undefined) return found;
  return { ...found, fault: { ...fault, isOn: faults.some((one) => isSame(one, fault) && !one.isUsedUp) } };
}

/** A later fault may have the id of one that was removed. */
const isSame = ({ rule, since }: FaultStatus, fault: Pick<InjectedFault, 'id' | 'since'>): boolean =>
  rule.id === fault.id && since === fault.since;
