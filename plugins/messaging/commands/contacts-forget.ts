import { CommandFailedError, defineCommand, type RedisClient, z } from 'esp-host';
import { isUserId } from '../cloud/index.js';
import type { ConfiguredChannel } from '../config/index.js';
import { sharedContactKey, sharedEvidenceKey } from '../contacts/index.js';
import { usersKey } from '../limits/daily-users.js';
import { pairKey } from '../limits/pair-rate.js';
import { PhoneNumbers } from '../phone-numbers.js';
import { channelsOf, numberOf, type Stores, withStores } from './stores.js';

export const forgetContact = defineCommand({
  name: 'contacts forget',
  summary: 'Erase everything that is kept about a number, in the state and in Redis.',
  input: z.strictObject({ number: z.string().describe('phone number, with a plus, or business-scoped user id') }),
  arguments: ['number'],
  async run({ input, container }) {
    const channels = channelsOf(container);
    const number = isUserId(input.number) ? input.number : numberOf(input.number, channels);
    const forms = PhoneNumbers.forms(number);
    return withStores(container, async ({ state, redis }) => ({
      number,
      stateFile: state === undefined ? null : await forgetInState(state, forms),
      redis: redis === undefined ? null : await forgetInRedis(redis, forms, channels),
    }));
  },
  text({ number, stateFile, redis }) {
    const where = [
      stateFile === null ? [] : [`state: ${stateFile} records`],
      redis === null ? [] : [`redis: ${redis} entries`],
    ].flat();
    return `${number} is erased (${where.join(', ')})\n`;
  },
});

async function forgetInState(state: NonNullable<Stores['state']>, forms: readonly string[]): Promise<number> {
  let records = 0;
  for (const form of forms) records += await state.forget(form);
  return records;
}

/** @throws CommandFailedError */
async function forgetInRedis(
  redis: RedisClient,
  forms: readonly string[],
  channels: readonly ConfiguredChannel[],
): Promise<number> {
  try {
    let entries = 0;
    for (const form of forms) {
      entries += await redis.del([...new Set(channels.flatMap((channel) => keysOf(form, channel)))]);
      for (const {
        settings: { api },
      } of channels) {
        if (api.driver === 'cloud') entries += await redis.zRem(usersKey(api.businessAccountId), form);
      }
    }
    return entries;
  } catch (error) {
    const message = `the state has forgotten the number, but not redis; run it again: ${(error as Error).message}`;
    throw new CommandFailedError(message, { cause: error });
  }
}

const keysOf = (number: string, { settings: { phoneNumber, api } }: ConfiguredChannel): string[] => [
  sharedEvidenceKey(number),
  sharedContactKey(phoneNumber, number),
  ...(api.driver === 'cloud' ? [pairKey(api.phoneNumberId, number)] : []),
];
