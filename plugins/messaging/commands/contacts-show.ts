import { defineCommand, textTable, z } from 'esp-host';
import { confirms, type Evidence, evidenceInState, expiryOf, newest, readShared } from '../contacts/index.js';
import { PhoneNumbers } from '../phone-numbers.js';
import { channelsOf, decidingBy, numberOf, withStores } from './stores.js';

const dateOf = (ms: number): string => new Date(ms).toISOString();

const told = (evidence: Evidence | undefined) =>
  evidence === undefined ? null : { kind: evidence.kind, at: dateOf(evidence.at) };

export const showContact = defineCommand({
  name: 'contacts show',
  summary: 'Show what evidence says about a number, and what each channel makes of it.',
  input: z.strictObject({ number: z.string().describe('phone number, with a plus') }),
  arguments: ['number'],
  async run({ input, container }) {
    const channels = channelsOf(container);
    const deciding = decidingBy(channels);
    const number = numberOf(input.number, channels);
    const present = PhoneNumbers.present(number);
    return withStores(container, async ({ state, redis }) => {
      const stored = state && (await evidenceInState(state, present));
      const shared = redis && (await readShared(redis, present));
      const evidence = newest(stored, shared);
      const now = Date.now();
      return {
        number,
        stateFile: told(stored),
        redis: told(shared),
        channels: deciding.map(({ name, contacts }) => {
          if (evidence === undefined || expiryOf(evidence, contacts) <= now) {
            return { channel: name, decision: 'unknown', until: null, whenUnknown: contacts.whenUnknown };
          }
          const until = dateOf(expiryOf(evidence, contacts));
          return { channel: name, decision: confirms(evidence) ? 'confirmed' : 'unconfirmed', until };
        }),
      };
    });
  },
  text({ number, stateFile, redis, channels }) {
    const line = (where: string, evidence: ReturnType<typeof told>) => [
      where,
      evidence?.kind ?? 'none',
      evidence?.at ?? '',
    ];
    const rows = channels.map(({ channel, decision, until, whenUnknown }) => [
      channel,
      whenUnknown === undefined ? decision : `${decision} (${whenUnknown})`,
      until ?? '',
    ]);
    const evidence = textTable(['EVIDENCE OF', 'KIND', 'AT'], [line('state', stateFile), line('redis', redis)]);
    return `${number}\n\n${evidence}\n${textTable(['CHANNEL', 'DECISION', 'UNTIL'], rows)}`;
  },
});
