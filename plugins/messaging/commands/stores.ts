import {
  Channels,
  CommandFailedError,
  type Container,
  connectRedis,
  optionsToken,
  PluginState,
  type RedisClient,
  redisAddress,
  type State,
} from 'esp-host';
import { type ConfiguredChannel, type EvidenceSettings, messagingOptions, whatsAppChannel } from '../config/index.js';
import { type Lifetimes, longest } from '../contacts/index.js';
import { PhoneNumbers } from '../phone-numbers.js';

/** Where hosts keep what they know about numbers, as far as this configuration has it. */
export interface Stores {
  readonly state: State | undefined;
  readonly redis: RedisClient | undefined;
}

export const channelsOf = (container: Container): readonly ConfiguredChannel[] =>
  container.get(Channels).list(whatsAppChannel);

/** @throws CommandFailedError if the configuration has neither, or Redis cannot be used */
export async function withStores<T>(container: Container, use: (stores: Stores) => Promise<T>): Promise<T> {
  const state = container.isBound(PluginState) ? container.get(PluginState) : undefined;
  const { sharedState } = container.get(optionsToken(messagingOptions));
  if (sharedState === undefined) {
    if (state !== undefined) return use({ state, redis: undefined });
    const where = 'a host of this configuration keeps it in memory alone: set state, or sharedState of the plugin';
    throw new CommandFailedError(where);
  }
  const failed = (error: Error) =>
    new CommandFailedError(`redis ${redisAddress(sharedState.redis)} cannot be used: ${error.message}`, {
      cause: error,
    });
  const redis = await connectRedis(sharedState.redis, () => undefined).catch((error: Error) => {
    throw failed(error);
  });
  try {
    return await use({ state, redis });
  } finally {
    redis.destroy();
  }
}

/** The channels that decide by evidence. @throws CommandFailedError if there is none */
export function decidingBy(channels: readonly ConfiguredChannel[]): readonly Deciding[] {
  const deciding = channels.flatMap(({ name, settings: { contacts } }) =>
    contacts.from === 'evidence' ? [{ name, contacts }] : [],
  );
  if (deciding.length > 0) return deciding;
  throw new CommandFailedError('no channel has contacts.from: evidence');
}

interface Deciding {
  readonly name: string;
  readonly contacts: EvidenceSettings;
}

export const lifetimesOf = (channels: readonly Deciding[]): Lifetimes =>
  longest(channels.map(({ contacts }) => contacts));

/**
 * A number of the command line in E.164. Without a plus, it is of the country of the channel, if there is one.
 * @throws CommandFailedError
 */
export function numberOf(text: string, channels: readonly ConfiguredChannel[], name?: string): string {
  const number = normaliser(channels, name)(text);
  if (number !== undefined) return number;
  throw new CommandFailedError(`no number that can exist: write it with a plus and the country code`);
}

/**
 * Normalises numbers as the channel does.
 * @param name of the channel; undefined: the only one, else numbers need a plus
 * @throws CommandFailedError if there is no such channel
 */
export function normaliser(
  channels: readonly ConfiguredChannel[],
  name: string | undefined,
): (text: string) => string | undefined {
  const [only, ...others] = name === undefined ? channels : channels.filter((one) => one.name === name);
  if (only === undefined)
    throw new CommandFailedError(`no channel of type whatsapp${name === undefined ? '' : ` '${name}'`}`);
  const numbers = new PhoneNumbers(only.settings.phoneNumber);
  return (text) => {
    if (others.length > 0 && !/^\s*[+\uff0b]/.test(text)) return undefined;
    // A former form, as ids of WhatsApp have it, may not be a number that can exist.
    return numbers.normalise(PhoneNumbers.present(text.trim()));
  };
}
