import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Channel, Channels, Container, type Finding, Http, Metrics, optionsToken, PluginLogger } from 'esp-host';
import { type FakeReply, fakeHttp } from 'esp-host/testing';
import got from 'got';
import { adviceFor } from '../../../plugins/messaging/check.js';
import { messagingOptions, whatsAppChannel } from '../../../plugins/messaging/config/index.js';
import messaging from '../../../plugins/messaging/index.js';
import { CapturedLogger } from '../../../src/testing/captured-logger.js';
import { RedisServer } from '../../support/redis-server.js';
import { redisDescribe } from '../../support/redis-tests.js';
import { APPROVED, cloudChannel, GRAPH, graphError, TOKEN, templates } from './cloud/setting.js';

const URL = 'http://whatsapp.example';
const CONTACTS = `${URL}/v1/contacts`;
const about = 'channel whatsapp';

afterEach(() => void jest.restoreAllMocks());

const gateway = (contacts: object = {}): object => ({
  type: 'whatsapp',
  phoneNumber: '+919876543210',
  api: { driver: 'gateway', url: URL, apiKey: 'hush' },
  contacts: { from: 'contacts-endpoint', ...contacts },
});

const answer = (version?: string): FakeReply => ({
  method: 'POST',
  url: CONTACTS,
  json: { contacts: [{ input: '+919876543210', status: 'invalid' }], ...(version && { meta: { version } }) },
});

/** What doctor finds about a channel. */
async function findings(channel: object, replies: readonly FakeReply[] = [], options: object = {}): Promise<Finding[]> {
  const settings = whatsAppChannel.schema.parse(channel);
  const problem: Channel['problem'] = (...mistakes) =>
    new Error(mistakes.map(({ path, message }) => `${path.join('.')} ${message}`).join());
  const channels = [{ name: 'whatsapp', type: 'whatsapp', phoneNumber: settings.phoneNumber, settings, problem }];
  const container = new Container();
  container.bind(Channels).toConstantValue(new Channels(channels));
  container.bind(Http).toConstantValue(fakeHttp(replies).over(got));
  container.bind(PluginLogger).toConstantValue(new CapturedLogger([]));
  container.bind(Metrics).toConstantValue(new Metrics());
  container.bind(optionsToken(messagingOptions)).toConstantValue(messagingOptions.parse(options));
  const found: Finding[] = [];
  for await (const one of messaging.check?.(container) ?? []) found.push(one);
  return found;
}

describe('a channel with a contacts endpoint', () => {
  it.each([
    ['2.41.3', '2.41.3'],
    ['2.43.0', '2.43.0: it calls every number valid'],
    [undefined, 'unknown: it calls every number valid'],
  ])('of version %s is %s', async (version, shown) => {
    const text = `${URL} accepts the credentials and answers, version ${shown}`;
    const isGood = version === '2.41.3';
    const advice = 'whenAlwaysValid is empty; take ValidateContact out of strategies that rely on it';
    expect(await findings(gateway({ whenAlwaysValid: 'empty' }), [answer(version)])).toEqual([
      isGood ? { about, state: 'good', text } : { about, state: 'warning', text, advice },
    ]);
  });

  const UNREACHABLE = 'check that the API runs there and can be reached from here, and that api has its credentials';
  const FAILS = 'the API is reachable but fails: see its own log';
  it.each<[Partial<FakeReply>, string, string]>([
    [
      { status: 401, json: { errors: [{ code: 5, title: 'no' }] } },
      `whatsapp connection with ${URL} failed: status 401: 5 no`,
      UNREACHABLE,
    ],
    [{ status: 500 }, 'whatsapp: status 500: status 500', FAILS],
    [{ body: 'no JSON' }, 'whatsapp: the answer is not JSON', FAILS],
  ])('is trouble with %j', async (reply, text, advice) => {
    const found = await findings(gateway(), [{ method: 'POST', url: CONTACTS, ...reply }]);
    expect(found).toEqual([{ about, state: 'trouble', text, advice }]);
  });
});

describe('a channel that decides without calls', () => {
  const plan = 'contacts.from number-plan checks whether a number can exist, not whether it is on WhatsApp';
  const choose = 'choose on-premises or gateway if WhatsApp must know the number';

  it('by the number plan is a warning', async () => {
    const warning = { about, state: 'warning', text: plan, advice: choose };
    expect(await findings(gateway({ from: 'number-plan' }))).toEqual([warning]);
    const none = {
      type: 'whatsapp',
      phoneNumber: '+919876543210',
      api: { driver: 'none' },
      contacts: { from: 'number-plan' },
    };
    expect(await findings(none)).toEqual([warning]);
    expect(await findings({ ...none, invitations: { templates: {} } })).toEqual([
      warning,
      {
        about,
        state: 'warning',
        text: 'invitations.templates are unused: api.driver none sends no messages',
        advice: 'choose cloud, on-premises or gateway for ChatService.InviteToChat, or remove invitations',
      },
    ]);
  });

  it('by evidence is good', async () => {
    const contacts = { from: 'evidence', whenUnknown: 'fault' };
    const none = { type: 'whatsapp', phoneNumber: '+919876543210', api: { driver: 'none' }, contacts };
    const text = "contacts.from evidence decides by the site's own traffic; without evidence: fault";
    expect(await findings(none)).toEqual([{ about, state: 'good', text }]);
  });

  const cloudPlan = {
    ...{ about, state: 'warning', text: plan },
    advice:
      'no official API says whether a number is on WhatsApp: choose evidence, or rely on it only for numbers that cannot exist',
  };

  it.each([
    [[APPROVED], '1 template'],
    [[APPROVED, { ...APPROVED, name: 'other' }], '2 templates'],
  ])('over Cloud API is good with its templates', async (approved, count) => {
    expect(await findings(cloudChannel(), [templates(...approved)])).toEqual([
      { about, state: 'good', text: `${GRAPH} accepts the token; the business account has ${count}` },
      cloudPlan,
    ]);
  });

  it('over Cloud API has a warning for each mistake in a template', async () => {
    const found = await findings(cloudChannel(), [templates({ ...APPROVED, status: 'PAUSED' })]);
    expect(found).toEqual([
      expect.objectContaining({ state: 'good' }),
      {
        about,
        state: 'warning',
        text: 'invitations.templates.welcome.name cannot be sent: its status is PAUSED, not APPROVED',
        advice: 'correct the template here, or have it approved in WhatsApp Manager',
      },
      cloudPlan,
    ]);
  });

  it('over Cloud API is trouble if the token is refused', async () => {
    const found = await findings(cloudChannel(), [{ ...templates(), status: 401, json: graphError(190) }]);
    expect(found).toEqual([
      {
        about,
        state: 'trouble',
        text: `whatsapp connection with ${GRAPH} failed: templates refused: status 401: 190 (#190) title of Meta`,
        advice: 'check that the API runs there and can be reached from here, and that api has its credentials',
      },
      cloudPlan,
    ]);
    expect(JSON.stringify(found)).not.toContain(TOKEN);
  });
});

describe('the advice about Redis', () => {
  const account = "set sharedState.redis to the server's username and password";
  const commands =
    'allow its user to run GET, SET, INCRBY, EVAL, TIME, MULTI and EXEC on keys that begin with keyPrefix; for ' +
    'usersPerDay also ZADD, ZCARD, ZRANGE, ZREM, ZREMRANGEBYSCORE, ZSCORE and PEXPIRE';
  const unreachable = 'start the server, or correct sharedState.redis.url';
  const otherwise = 'check that the server is up and answers in time; with TLS, its URL begins with rediss:';

  it.each([
    ['NOAUTH Authentication required.', account],
    ['WRONGPASS invalid username-password pair', account],
    ["NOPERM this user has no permissions to run the 'eval' command", commands],
    ["EXECABORT: can't run this command on these keys", commands],
    [
      "READONLY You can't write against a read only replica.",
      'set sharedState.redis.url to the primary: this is a replica',
    ],
    [
      "OOM command not allowed when used memory > 'maxmemory'.",
      'increase maxmemory of the server, or choose a maxmemory-policy that evicts keys',
    ],
    [
      "Hostname/IP does not match certificate's altnames",
      "set sharedState.redis.url to the host name in the server's certificate",
    ],
    ['tlsv13 alert certificate required', 'let the server accept clients without a certificate (tls-auth-clients no)'],
    ['self-signed certificate', "set sharedState.redis.ca to the authority (PEM) of the server's certificate"],
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].map((code) => [
      `connect ${code} redis:6379`,
      unreachable,
    ]),
    ['timed out', otherwise],
    // The codes of Redis begin its message.
    ['no NOAUTH', otherwise],
    ['no NOPERM', otherwise],
    ['no READONLY', otherwise],
    ['no OOM', otherwise],
  ])('for %j', (why, advice) => expect(adviceFor(why as string, { url: 'redis://a' })).toBe(advice));

  it('knows whether the URL has TLS', () => {
    const text = (url: string) => adviceFor('timed out', { url });
    expect(text('rediss://a')).toBe(
      'check that the server is up and answers in time; without TLS, its URL begins with redis:',
    );
    expect(text('redis://rediss:a')).toBe(otherwise);
  });
});

redisDescribe('the budget of a channel', () => {
  it.each([
    [79, 'fault', 'good', '21', undefined],
    [80, 'fault', 'warning', '20', 'then requests are answered with fault 920 until 00:00 UTC'],
    [99, 'empty', 'warning', '1', 'then requests are answered with the empty string until 00:00 UTC'],
    [100, 'empty', 'trouble', '0', 'numbers that are not cached are answered with the empty string until 00:00 UTC'],
    [101, 'fault', 'trouble', '0', 'numbers that are not cached are answered with fault 920 until 00:00 UTC'],
  ])('of which %i of 100 lookups are spent, then %s, is %s', async (spent, whenSpent, state, left, then) => {
    const server = await RedisServer.start();
    try {
      const store = await server.client();
      await store.set('esp-host:budget:+919876543210:2026-11-30', String(spent));
      store.destroy();
      const now = jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-30T12:00:00Z'));
      const limits = { lookupsPerDay: 100, whenSpent };
      const options = { sharedState: { redis: { url: server.url, timeoutMs: 10_000 } } };
      const found = await findings(gateway({ limits }), [answer('2.41.3')], options);
      now.mockRestore();
      const raise = 'raise contacts.limits.lookupsPerDay only if the number writes as many messages a day';
      expect(found.slice(1)).toEqual([
        {
          about: expect.stringMatching(/^redis /),
          state: 'good',
          text: expect.stringMatching(/^supports every command, /),
        },
        {
          about: 'budget of channel whatsapp',
          state,
          text: `${left} of today's 100 lookups are left`,
          ...(then === undefined ? {} : { advice: `${then}; ${raise}` }),
        },
      ]);
    } finally {
      await server.stop();
    }
  });
});
