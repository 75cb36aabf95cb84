import { Channels, ConnectionFailedError, type Container, type Finding, Http, Metrics, PluginLogger } from 'esp-host';
import { type ApiParts, openApi } from '../api/open-api.js';
import { type ConfiguredChannel, whatsAppChannel } from '../channel-schema.js';
import { type ContactAnswer, remoteLookup } from '../contacts/index.js';
import { hasUselessTemplates, SENDS_NOTHING } from '../invitations.js';

/** Looks the number of each channel up, by its login or key: one lookup a channel. */
export async function* checkChannels(container: Container): AsyncGenerator<Finding> {
  const parts = {
    http: container.get(Http),
    logger: container.get(PluginLogger),
    metrics: container.get(Metrics),
  };
  for (const channel of container.get(Channels).list(whatsAppChannel)) {
    yield await checkChannel(channel, { ...parts, channel: channel.name });
    if (hasUselessTemplates(channel)) yield uselessTemplates(channel);
  }
}

function uselessTemplates({ name }: ConfiguredChannel): Finding {
  return {
    about: `channel ${name}`,
    state: 'warning',
    text: `invitations.templates are of no use: ${SENDS_NOTHING}`,
    advice: 'choose on-premises or gateway for ChatService.InviteToChat, or take invitations out',
  };
}

async function checkChannel({ name, settings }: ConfiguredChannel, parts: ApiParts): Promise<Finding> {
  const about = `channel ${name}`;
  const { phoneNumber, contacts } = settings;
  if (contacts.driver === 'number-plan') {
    const text = 'contacts.driver number-plan tells whether a number can exist, not whether it is on WhatsApp';
    return {
      about,
      state: 'warning',
      text,
      advice: 'choose on-premises or gateway where WhatsApp must know the number',
    };
  }
  const api = openApi(contacts, parts);
  const lookup = remoteLookup(api, contacts, { ...parts, owner: phoneNumber, redis: undefined });
  try {
    const answer = await lookup.lookUp(phoneNumber);
    if (answer instanceof ConnectionFailedError) return failed(about, answer);
    return found(about, contacts.url, answer, contacts.whenAlwaysValid);
  } catch (error) {
    return failed(about, error as Error);
  } finally {
    api.close();
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
    error instanceof ConnectionFailedError
      ? 'see that the API client runs there and can be reached from here, and that contacts has its credentials'
      : 'the API client can be reached and does not do its part: see its own log';
  return { about, state: 'trouble', text: `${error.message}${cause}`, advice };
}
