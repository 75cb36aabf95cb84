import { Channels, type Container, type Finding, optionsToken } from 'esp-host';
import { type ConfiguredChannel, whatsAppChannel } from '../channel-schema.js';
import { dayOf, sharedSpent } from '../contacts/index.js';
import { messagingOptions } from '../options-schema.js';
import { addressOf, connectRedis, type RedisClient, type RedisSettings, within } from '../redis.js';

/** How long a question may take. */
const WAIT_MS = 1000;

/** Whether the server that hosts share can be used, and what all of them have left of each channel's budget. */
export async function* checkRedis(container: Container): AsyncGenerator<Finding> {
  const { sharedState } = container.get(optionsToken(messagingOptions));
  if (sharedState === undefined) return;
  const { redis } = sharedState;
  const about = `redis ${addressOf(redis)}`;
  try {
    const client = await connectRedis(redis, () => undefined);
    try {
      yield { about, state: 'good', text: `does all that is asked of it, ${await within(WAIT_MS, versionOf(client))}` };
      for (const channel of container.get(Channels).list(whatsAppChannel)) yield* checkBudget(client, channel);
    } finally {
      client.destroy();
    }
  } catch (error) {
    const why = (error as Error).message.trim();
    yield { about, state: 'trouble', text: why, advice: adviceFor(why, redis) };
  }
}

/** `redis 7.0.15`, `valkey 8.1.1`; a user may be kept from asking. */
async function versionOf(client: RedisClient): Promise<string> {
  const info = await client.info('server').catch(() => '');
  const found = /^(valkey)_version:(\S+)/m.exec(info) ?? /^(redis)_version:(\S+)/m.exec(info);
  return found === null ? 'version unknown' : `${found[1]} ${found[2]}`;
}

async function* checkBudget(client: RedisClient, { name, settings }: ConfiguredChannel): AsyncGenerator<Finding> {
  const { phoneNumber, contacts } = settings;
  if (contacts.driver === 'number-plan' || contacts.limits.lookupsPerDay === undefined) return;
  const { lookupsPerDay, warnAt, whenSpent } = contacts.limits;
  const about = `budget of channel ${name}`;
  const spent = await within(WAIT_MS, sharedSpent(client, phoneNumber, dayOf(Date.now())));
  const text = `${Math.max(0, lookupsPerDay - spent)} of today's ${lookupsPerDay} lookups are left`;
  if (spent < lookupsPerDay * warnAt) {
    yield { about, state: 'good', text };
    return;
  }
  const then = `answered ${whenSpent === 'empty' ? 'with the empty string' : 'with fault 920'} until 00:00 UTC`;
  const raise = 'raise contacts.limits.lookupsPerDay only if the number writes as many messages a day';
  if (spent < lookupsPerDay) yield { about, state: 'warning', text, advice: `then requests are ${then}; ${raise}` };
  else yield { about, state: 'trouble', text, advice: `what is not in the cache is ${then}; ${raise}` };
}

/** What an error's text begins with or holds, and what to do about it. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^(NOAUTH|WRONGPASS)/, 'give sharedState.redis the username and password that the server knows'],
  [/^NOPERM/, 'let its user run GET, SET, INCRBY, EVAL, TIME, MULTI and EXEC on the keys that begin with keyPrefix'],
  [/^READONLY/, 'name the primary in sharedState.redis.url: this is a replica'],
  [/^OOM/, 'give the server more maxmemory, or a maxmemory-policy that lets keys go'],
  [/altnames/, "write the name that stands in the server's certificate into sharedState.redis.url"],
  [/certificate required/, 'let the server take clients without a certificate (tls-auth-clients no)'],
  [/certificate/, "give sharedState.redis.ca the authority (PEM) of the server's certificate"],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/, 'start the server, or correct sharedState.redis.url'],
];

function adviceFor(why: string, { url }: RedisSettings): string {
  const [, advice] = ADVICE.find(([pattern]) => pattern.test(why)) ?? [];
  if (advice !== undefined) return advice;
  const otherwise = url.startsWith('rediss:')
    ? 'without TLS, its URL begins with redis:'
    : 'with TLS, its URL begins with rediss:';
  return `see that the server is up and answers in time; where it is one ${otherwise}`;
}
