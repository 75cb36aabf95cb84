import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { MissingVariableError } from '../../src/config/errors.js';
import {
  type ChannelType,
  ConfigError,
  channelSchema,
  channelWarnings,
  defineChannel,
  parseConfig,
} from '../../src/config/index.js';

const config = (text: string) => parseConfig(`application: { name: DMS }\n${text}`, 'config.yaml', {}).config;

function refusal(text: string): string {
  try {
    config(text);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message).join('\n');
    throw error;
  }
}

const http = (token: string) => `listeners: { http: { port: 0, token: "${token}" } }\n`;
const webhooks = (more: string) => `listeners: { webhooks: { port: 0, ${more} } }\nstate: { file: ./state.db }\n`;
const forward = (name: string, url = 'https://hooks.example/in') =>
  webhooks(`forward: { "${name}": { path: /in, url: "${url}" } }`);

describe('the token of the HTTP listener', () => {
  it.each(['0123456789abcdef', 'ABCdef-._~+/0123', '0123456789abcdef=='])('may be %s', (token) => {
    expect(refusal(http(token))).toBe('');
  });

  it.each(['0123456789abcde', '(0123456789abcdef', '0123456789abcdef)', '=0123456789abcdef'])(
    'may not be %s',
    (token) => {
      expect(refusal(http(token))).toBe(
        'listeners.http.token must have at least 16 characters, only letters, digits and -._~+/: `openssl rand -hex 32` makes one',
      );
    },
  );
});

describe('the listener for webhooks', () => {
  it('needs a state file', () => {
    expect(refusal('listeners: { webhooks: { port: 0 } }\n')).toBe(
      'listeners.webhooks needs state, such as state: { file: ./state/esp-host.db }: webhooks are stored before they count as received',
    );
    expect(refusal('state: {}\n')).toBe('state must have either file, or redis for several hosts');
    expect(refusal('state: { file: a, redis: { url: redis://127.0.0.1 } }\n')).toBe(
      'state must have either file, or redis for several hosts',
    );
    expect(refusal('state: { redis: { url: "redis://a:b@127.0.0.1" } }\n')).toMatch(
      /^state.redis.url must hold no user name/,
    );
    expect(refusal('state: { file: "" }\n')).toBe('state.file must be a path, not ""');
  });

  it('remembers webhooks for a minute at least, and a year at most', () => {
    const day = 24 * 3_600_000;
    expect(config(webhooks(`rememberMs: ${366 * day}`)).listeners.webhooks?.rememberMs).toBe(366 * day);
    expect(config(webhooks('rememberMs: 60000')).listeners.webhooks).toMatchObject({
      rememberMs: 60_000,
      waiting: 100_000,
    });
    expect(refusal(webhooks(`rememberMs: ${366 * day + 1}`))).toContain(`must be at most ${366 * day}`);
    expect(refusal(webhooks('rememberMs: 59999'))).toContain('must be at least 60000');
  });

  it.each(['crm', 'a.b-c_D9', 'x'.repeat(64)])('forwards under the name %s', (name) => {
    expect(refusal(forward(name))).toBe('');
  });

  it.each(['a b', 'ä', 'x'.repeat(65), ''])('does not forward under the name %j', (name) => {
    expect(refusal(forward(name))).toContain('must be a name of letters, digits, . _ and -');
  });

  it.each(['https://me@hooks.example/', 'https://:secret@hooks.example/', 'https://me:secret@hooks.example/'])(
    'does not forward with credentials in the URL: %s',
    (url) => {
      expect(refusal(forward('crm', url))).toContain(
        'must hold no user name or password: the signature says who sends',
      );
    },
  );
});

describe('the messages of wrong values', () => {
  it('name the keys that are known, or say that there are none', () => {
    expect(refusal('logging: { xyzzy: 1 }\n')).toMatch(/^unknown key logging\.xyzzy: known keys are level, /);
    expect(refusal('limits: none\n')).toBe('limits must be a mapping');
    expect(refusal('limits: { inFlight: [1] }\n')).toBe('limits.inFlight must be a number');
  });

  it('say which variable is missing', () => {
    const error = new MissingVariableError('TOKEN');
    expect(error).toMatchObject({
      name: 'MissingVariableError',
      code: 'ESP_CONFIG_MISSING_VARIABLE',
      variable: 'TOKEN',
    });
    expect(refusal('logging: { level: "${LEVEL}" }\n')).toContain('the environment variable LEVEL, which is not set');
  });
});

describe('a type of channel with a former form', () => {
  const type = z.literal('sms');
  const sms = defineChannel(z.strictObject({ type, from: z.string() }), {
    former: {
      matches: (given) => typeof given === 'object' && given !== null && 'sender' in given,
      schema: z
        .strictObject({ type, sender: z.string() })
        .transform(({ sender, ...rest }) => ({ ...rest, from: sender })),
      warning: () => ({ path: ['sender'], message: 'write from' }),
    },
    *warnings({ from }) {
      if (from === 'old') yield { path: ['from'], message: 'is old' };
    },
  });
  const plain: ChannelType = defineChannel(z.strictObject({ type }));
  const host = { receivesWebhooks: false, keepsState: false, options: {} };

  it('is parsed by the schema of its form', () => {
    expect(channelSchema(sms, { type: 'sms', sender: 'x' }).parse({ type: 'sms', sender: 'x' })).toEqual({
      type: 'sms',
      from: 'x',
    });
    expect(channelSchema(sms, { type: 'sms', from: 'x' })).toBe(sms.schema);
    expect(channelSchema(plain, { sender: 'x' })).toBe(plain.schema);
  });

  it('has the warning of the former form before its own', () => {
    const warned = (given: object, from: string) =>
      channelWarnings(sms, given, { type: 'sms', from }, host).map(({ message }) => message);
    expect(warned({ sender: 'old' }, 'old')).toEqual(['write from', 'is old']);
    expect(warned({ from: 'old' }, 'old')).toEqual(['is old']);
    expect(warned({ from: 'new' }, 'new')).toEqual([]);
    expect(channelWarnings(plain, { sender: 'x' }, {}, host)).toEqual([]);
  });
});
