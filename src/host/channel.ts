import type { Channel, Channels } from '../config/index.js';
import { IncorrectParameterError, type KeyValueList } from '../esp/index.js';

/** The parameter in which strategies hand back the channel that DMS put into an interaction's user data. */
export const CHANNEL_PARAMETER = '_umsChannel';

/**
 * The channel of `type` that the parameters name, or what is wrong with the name; it may be left out where exactly one of
 * that type is configured. @throws IncorrectParameterError where the name is not a string
 */
export function channelOf(
  parameters: KeyValueList,
  channels: Channels,
  type: string,
): Channel | IncorrectParameterError {
  const name = parameters.string(CHANNEL_PARAMETER);
  const configured = channels.list(type);
  if (name === undefined || name === '') {
    const [only] = configured;
    if (only !== undefined && configured.length === 1) return only;
    return new IncorrectParameterError(CHANNEL_PARAMETER, `needed, ${configured.length} channels are configured`);
  }
  const channel = channels.find(name);
  if (channel === undefined || channel.type !== type) {
    return new IncorrectParameterError(CHANNEL_PARAMETER, `no channel '${name}'`);
  }
  return channel;
}
