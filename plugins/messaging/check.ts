import {
  Channels,
  ConnectionFailedError,
  type Container,
  connectRedis,
  type Finding,
  Http,
  Metrics,
  optionsToken,
  PluginLogger,
  type RedisClient,
  type RedisSettings,
  redisAddress,
  withTimeout,
} from 'esp-host';
import { type ApiDependencies, openChannelApi } from './api/channel-api.js';
import { openCloudApi, templateMistakes } from './cloud/index.js';
import { type CloudSettings, type ConfiguredChannel, messagingOptions, whatsAppChannel } from './config/index.js';
import { type ContactAnswer, dayOf, remoteLookup, sharedUsage } from './contacts/index.js';
import { unusedTemplates } from './invitations.js';
import { limitsUsers, probeUsers } from './limits/daily-users.js';
import { numberPlanChecks } from './whatsapp-channels.js';

/** For `esp-host doctor`: the API of each channel, and the Redis that hosts share. */
export async function* check(container: Container): AsyncGenerator<Finding> {
  yield* checkChannels(container);
  yield* checkRedis(container);
}

/** Looks up the number of each channel, with its credentials: one lookup per channel. */
async function* checkChannels(container: Container): AsyncGenerator<Finding> {
  const dependencies = {
    http: container.get(Http),
    logger: container.get(PluginLogger),
    metrics: container.get(Metrics),
  };
  for (const channel of container.get(Channels).list(whatsAppChannel)) {
    if (channel.settings.api.driver === 'cloud') {
      yield* checkCloud(channel, channel.settings.api, { ...dependencies, channel: channel.name });
      continue;
    }
    yield await checkChannel(channel, { ...dependencies, channel: channel.name });
    const unused = unusedTemplates(channel.settings);
    if (unused !== undefined)
      yield { about: `channel ${channel.name}`, state: 'warning', text: unused, advice: UNUSED };
  }
}

/** Lists the templates of the business account, and checks those of the channel. */
async function* checkCloud(
  channel: ConfiguredChannel,
  settings: CloudSettings,
  dependencies: ApiDependencies,
): AsyncGenerator<Finding> {
  const about = `channel ${channel.name}`;
  const { api, close } = openCloudApi(settings, dependencies);
  try {
    const approved = await api.listTemplates();
    const text = `${settings.url} accepts the token; the business account has ${templates(approved.length)}`;
    yield { about, state: 'good', text };
    for (const mistake of templateMistakes(channel.settings, approved)) {
      const advice = 'correct the template here, or have it approved in WhatsApp Manager';
      yield { about, state: 'warning', text: channel.problem(mistake).message, advice };
    }
  } catch (error) {
    yield failed(about, error as Error);
  } finally {
    close();
  }
  yield decidedWithoutCalls(channel);
}

/** How contacts are decided without an API that knows. */
function decidedWithoutCalls({ name, settings }: ConfiguredChannel): Finding {
  const about = `channel ${name}`;
  const { api, contacts } = settings;
  if (contacts.from === 'evidence') {
    const text = `contacts.from evidence decides by the site's own traffic; without evidence: ${contacts.whenUnknown}`;
    return { about, state: 'good', text };
  }
  const advice =
    api.driver === 'cloud'
      ? 'no official API says whether a number is on WhatsApp: choose evidence, or rely on it only for numbers that cannot exist'
      : 'choose on-premises or gateway if WhatsApp must know the number';
  return { about, state: 'warning', text: numberPlanChecks(settings), advice };
}

const UNUSED = 'choose cloud, on-premises or gateway for ChatService.InviteToChat, or remove invitations';

async function checkChannel(channel: ConfiguredChannel, dependencies: ApiDependencies): Promise<Finding> {
  const about = `channel ${channel.name}`;
  const { phoneNumber, api, contacts } = channel.settings;
  if (api.driver === 'none' || api.driver === 'cloud' || contacts.from !== 'contacts-endpoint') {
    return decidedWithoutCalls(channel);
  }
  const opened = openChannelApi(api, dependencies);
  const lookup = remoteLookup(opened, api, contacts, { ...dependencies, owner: phoneNumber, redis: undefined });
  try {
    const answer = await lookup.lookUp(phoneNumber);
    if (answer instanceof ConnectionFailedError) return failed(about, answer);
    return found(about, api.url, answer, contacts.whenAlwaysValid);
  } catch (error) {
    return failed(about, error as Error);
  } finally {
    opened.close();
  }
}

function found(about: string, url: string, { unreliable, version }: ContactAnswer, whenAlwaysValid: string): Finding {
  const text = `${url} accepts the credentials and answers, version ${version ?? 'unknown'}`;
  if (!unreliable) return { about, state: 'good', text };
  return {
    about,
    state: 'warning',
    text: `${text}: it calls every number valid`,
    advice: `whenAlwaysValid is ${whenAlwaysValid}; take ValidateContact out of strategies that rely on it`,
  };
}

const templates = (count: number): string => (count === 1 ? '1 template' : `${count} templates`);

function failed(about: string, error: Error): Finding {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const advice =
    error instanceof ConnectionFailedError
      ? 'check that the API runs there and can be reached from here, and that api has its credentials'
      : 'the API is reachable but fails: see its own log';
  return { about, state: 'trouble', text: `${error.message}${cause}`, advice };
}

/** Timeout of each command. */
const TIMEOUT_MS = 1000;

/** Whether the shared server works, and what is left of each channel's daily budget. */
async function* checkRedis(container: Container): AsyncGenerator<Finding> {
  const { sharedState } = container.get(optionsToken(messagingOptions));
  if (sharedState === undefined) return;
  const { redis } = sharedState;
  const about = `redis ${redisAddress(redis)}`;
  try {
    const client = await connectRedis(redis, () => undefined);
    try {
      const channels = container.get(Channels).list(whatsAppChannel);
      if (channels.some(limitsUsers)) await withTimeout(probeUsers(client), TIMEOUT_MS);
      yield {
        about,
        state: 'good',
        text: `supports every command, ${await withTimeout(versionOf(client), TIMEOUT_MS)}`,
      };
      for (const channel of channels) yield* checkBudget(client, channel);
    } finally {
      client.destroy();
    }
  } catch (error) {
    const why = (error as Error).message.trim();
    yield { about, state: 'trouble', text: why, advice: adviceFor(why, redis) };
  }
}

/** `redis 7.0.15`, `valkey 8.1.1`. The server may deny INFO. */
async function versionOf(client: RedisClient): Promise<string> {
  const info = await client.info('server').catch(() => '');
  const version = /^(valkey)_version:(\S+)/m.exec(info) ?? /^(redis)_version:(\S+)/m.exec(info);
  return version === null ? 'version unknown' : `${version[1]} ${version[2]}`;
}

async function* checkBudget(client: RedisClient, { name, settings }: ConfiguredChannel): AsyncGenerator<Finding> {
  const { phoneNumber, contacts } = settings;
  if (contacts.from !== 'contacts-endpoint' || contacts.limits.lookupsPerDay === undefined) return;
  const { lookupsPerDay, warnAt, whenSpent } = contacts.limits;
  const about = `budget of channel ${name}`;
  const spent = await withTimeout(sharedUsage(client, phoneNumber, dayOf(Date.now())), TIMEOUT_MS);
  const text = `${Math.max(0, lookupsPerDay - spent)} of today's ${lookupsPerDay} lookups are left`;
  if (spent < lookupsPerDay * warnAt) {
    yield { about, state: 'good', text };
    return;
  }
  const then = `answered ${whenSpent === 'empty' ? 'with the empty string' : 'with fault 920'} until 00:00 UTC`;
  const raise = 'raise contacts.limits.lookupsPerDay only if the number writes as many messages a day';
  if (spent < lookupsPerDay) yield { about, state: 'warning', text, advice: `then requests are ${then}; ${raise}` };
  else yield { about, state: 'trouble', text, advice: `numbers that are not cached are ${then}; ${raise}` };
}

/** What to do about an error of Redis, by its message. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^(NOAUTH|WRONGPASS)/, "set sharedState.redis to the server's username and password"],
  [
    /^NOPERM|can't run this command/,
    'allow its user to run GET, SET, INCRBY, EVAL, TIME, MULTI and EXEC on keys that begin with keyPrefix; for ' +
      'usersPerDay also ZADD, ZCARD, ZRANGE, ZREM, ZREMRANGEBYSCORE, ZSCORE and PEXPIRE',
  ],
  [/^READONLY/, 'set sharedState.redis.url to the primary: this is a replica'],
  [/^OOM/, 'increase maxmemory of the server, or choose a maxmemory-policy that evicts keys'],
  [/altnames/, "set sharedState.redis.url to the host name in the server's certificate"],
  [/certificate required/, 'let the server accept clients without a certificate (tls-auth-clients no)'],
  [/certificate/, "set sharedState.redis.ca to the authority (PEM) of the server's certificate"],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/, 'start the server, or correct sharedState.redis.url'],
];

/** What to do about an error of Redis. @param why its message */
export function adviceFor(why: string, { url }: Pick<RedisSettings, 'url'>): string {
  const [, advice] = ADVICE.find(([pattern]) => pattern.test(why)) ?? [];
  if (advice !== undefined) return advice;
  const otherwise = url.startsWith('rediss:')
    ? 'without TLS, its URL begins with redis:'
    : 'with TLS, its URL begins with rediss:';
  return `check that the server is up and answers in time; ${otherwise}`;
}
