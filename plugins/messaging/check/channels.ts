import {
  type Channel,
  Channels,
  ConnectionFailed,
  type Container,
  type Finding,
  Http,
  Metrics,
  PluginLogger,
} from 'esp-host';
import type { WhatsAppSettings } from '../channel-schema.js';
import { type ContactAnswer, contactsOf, type LookupParts } from '../contacts/index.js';

/** Looks the number of each channel up, by its login or key: one lookup a channel. */
export async function* checkChannels(container: Container): AsyncGenerator<Finding> {
  const parts = {
    http: container.get(Http),
    logger: container.get(PluginLogger),
    metrics: container.get(Metrics),
    redis: undefined,
  };
  for (const channel of container.get(Channels).list('whatsapp')) yield checkChannel(channel, parts);
}

async function checkChannel(
  { name, settings }: Channel,
  parts: Omit<LookupParts, 'channel' | 'owner'>,
): Promise<Finding> {
  const about = `channel ${name}`;
  const { phoneNumber, contacts } = settings as WhatsAppSettings;
  if (contacts.driver === 'number-plan') {
    const text = 'contacts.driver number-plan tells whether a number can exist, not whether it is on WhatsApp';
    return {
      about,
      state: 'warning',
      text,
      advice: 'choose on-premises or gateway where WhatsApp must know the number',
    };
  }
  const { lookup, close } = contactsOf(contacts, { ...parts, channel: name, owner: phoneNumber });
  try {
    return found(about, contacts.url, await lookup.lookUp(phoneNumber), contacts.whenAlwaysValid);
  } catch (error) {
    return failed(about, error as Error);
  } finally {
    close();
  }
}

function found(about: string, url: string, { unreliable, version }: ContactAnswer, whenAlwaysValid: string): Finding {
  const text = `${url} takes the credentials and answers, version ${version ?? 'unknown'}`;
  if (!unreliable) return { about, state: 'good', text };
  return {
    about,
    state: 'warning',
    text: `${text}: it calls every number valid`,
    advice: `whenAlwaysValid is ${whenAlwaysValid}; take ValidateContact out of strategies that rely on it`,
  };
}

function failed(about: string, error: Error): Finding {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const advice =
    error instanceof ConnectionFailed
      ? 'see that the API client runs there and can be reached from here, and that contacts has its credentials'
      : 'the API client can be reached and does not do its part: see its own log';
  return { about, state: 'trouble', text: `${error.message}${cause}`, advice };
}
