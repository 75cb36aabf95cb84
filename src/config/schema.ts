import { isIP } from 'node:net';
import iconv from 'iconv-lite';
import { z } from 'zod';
import { bareChannelName } from './application.js';
import { redisSettings } from './redis.js';
import { e164, filePath, hasNoCredentials, outputPath, pemFile, secret } from './values.js';

const count = (fallback: number) => z.int().min(1).default(fallback);

/** At most what a timer can hold: 24 days. */
const milliseconds = (fallback: number) => z.int().min(1).max(0x7fffffff).default(fallback);

const NAME = 'must be the AppName of the application';

const application = z.strictObject({
  name: z.string({ error: NAME }).min(1, NAME),
  type: z.int().min(1).default(171),
  tenant: z.string().default('Environment'),
  addressing: z.enum(['lenient', 'strict']).default('lenient'),
});

/** The keys of every channel. The plugin that defines the channel's type checks the rest. */
const channel = z.looseObject({ type: z.string(), phoneNumber: e164().optional() });

const channels = z.record(z.string(), channel).superRefine((all, context) => {
  const seen = new Map<string, string>();
  for (const name of Object.keys(all)) {
    const other = seen.get(bareChannelName(name));
    if (other !== undefined) {
      const message = `is the same channel as ${other}: the prefix channel- is ignored`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
    seen.set(bareChannelName(name), name);
  }
});

const plugin = z.strictObject({
  use: z.string().min(1, 'must be a folder or a package'),
  options: z.unknown().optional(),
});

/** An address, or a name of the machine. Four numbers are an address; fewer, such as 127.1, are a short form of one. */
const isHost = (text: string): boolean =>
  isIP(text) !== 0 || (/^(?!-)[\w-]{1,63}(\.[\w-]{1,63})*\.?$/.test(text) && !/^\d+(\.\d+){3,}\.?$/.test(text));

const host = () =>
  z
    .string()
    .refine(isHost, 'must be an IP address or a host name, without a port, such as 127.0.0.1, 0.0.0.0 or ::1')
    .default('127.0.0.1');

const port = (usual: number) => z.int().min(0).max(65535).default(usual);

const CLIENT_CA_REQUIRED = 'must be used with clientCa: names count only in certificates of that authority';

const tls = z
  .strictObject({
    certificate: filePath(),
    key: filePath(),
    clientCa: filePath().optional(),
    clientNames: z.array(z.string().min(1, 'must not be empty')).min(1, 'must have at least one name').optional(),
  })
  .refine(({ clientCa, clientNames }) => clientNames === undefined || clientCa !== undefined, {
    path: ['clientNames'],
    message: CLIENT_CA_REQUIRED,
  });

const esp = z.strictObject({
  host: host(),
  port: port(7120),
  charset: z
    .string()
    .refine(
      (name) => iconv.encodingExists(name),
      'must be a charset, such as utf-8, windows-1251, gb18030 or shift_jis',
    )
    .default('utf-8'),
  tls: tls.optional(),
});

/** Health and metrics. By default they listen on the usual port if it is free. */
const metrics = z.strictObject({
  enabled: z.boolean().default(true),
  host: host(),
  port: port(7190),
});

/** A bearer token (RFC 6750) that is too long to guess. */
const token = secret().refine(
  (given) => /^[\w.~+/-]{16,}=*$/.test(given.reveal()),
  'must have at least 16 characters, only letters, digits and -._~+/: `openssl rand -hex 32` makes one',
);

/** By default there is no HTTP listener. */
const http = z.strictObject({ host: host(), port: port(7180), token, tls: tls.optional() });

const DAY_MS = 24 * 3_600_000;

/** The inbox of webhooks, also without a listener: it handles the events of an earlier run. */
export const INBOX_DEFAULTS = { waiting: 100_000, attempts: 20, rememberMs: 7 * DAY_MS };

const FORWARD_NAME = 'must be a name of letters, digits, . _ and -';

/** Where the webhooks of a path are passed on to. */
const forward = z.strictObject({
  path: z.string(),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://hooks.example.com/whatsapp' })
    .refine(hasNoCredentials, 'must hold no user name or password: the signature says who sends'),
  secret: secret()
    .refine((given) => /\S/.test(given.reveal()), 'must not be empty')
    .optional(),
  ca: pemFile().optional(),
  timeoutMs: milliseconds(5000),
});

/** By default there is no listener for webhooks. */
const webhooks = z.strictObject({
  host: host(),
  port: port(7200),
  tls: tls.optional(),
  bodyBytes: z.int().min(1024).max(0x3fffffff).default(4_194_304),
  waiting: z.int().min(1).max(1_000_000).default(INBOX_DEFAULTS.waiting),
  attempts: z.int().min(1).max(1000).default(INBOX_DEFAULTS.attempts),
  rememberMs: z
    .int()
    .min(60_000)
    .max(366 * DAY_MS)
    .default(INBOX_DEFAULTS.rememberMs),
  forward: z
    .record(z.string().regex(/^[\w.-]{1,64}$/), forward, {
      error: ({ code }) => (code === 'invalid_key' ? FORWARD_NAME : undefined),
    })
    .optional(),
});

const ONE_PLACE = 'must have either file, or redis for several hosts';

/** Timeout of a command: a server with an AOF may wait 2 s for its disk. */
const STATE_MS = 5000;

/** Where hosts keep what must survive them. */
const state = z
  .strictObject({ file: outputPath().optional(), redis: redisSettings(STATE_MS).optional() })
  .refine(({ file, redis }) => (file === undefined) !== (redis === undefined), ONE_PLACE);

const NEEDS_STATE =
  'needs state, such as state: { file: ./state/esp-host.db }: webhooks are stored before they count as received';

/** One client address gets a quarter of `bufferedBytes`, which must hold a message of `messageBytes`. */
const BUFFERS_OF_MESSAGE = 4;

const limits = z
  .strictObject({
    deadlineMs: milliseconds(10_000),
    drainMs: milliseconds(10_000),
    inFlight: count(10_000),
    inFlightPerConnection: count(1000),
    connections: count(1000),
    connectionsPerAddress: z.int().min(1).optional(),
    messageBytes: z.int().min(16_380).max(0x7fffffff).default(16_777_216),
    bufferedBytes: z.int().min(65_536).default(134_217_728),
    listDepth: z.int().min(1).max(1000).default(128),
    listEntries: count(100_000),
    frameMs: milliseconds(10_000),
    firstRequestMs: milliseconds(60_000),
  })
  .refine(({ messageBytes, bufferedBytes }) => bufferedBytes >= BUFFERS_OF_MESSAGE * messageBytes, {
    path: ['bufferedBytes'],
    message: `must be at least ${BUFFERS_OF_MESSAGE} times limits.messageBytes`,
  });

const logging = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  format: z.enum(['text', 'json']).default('text'),
  phoneNumbers: z.enum(['masked', 'shown']).default('masked'),
});

const plugins = z.array(plugin).default([]);

const listeners = z
  .strictObject({
    esp: esp.prefault({}),
    http: http.optional(),
    webhooks: webhooks.optional(),
    metrics: metrics.optional(),
  })
  .prefault({});

/** config.yaml: the deployed application. */
export const configSchema = z
  .strictObject({
    application,
    channels: channels.default({}),
    plugins,
    listeners,
    state: state.optional(),
    limits: limits.prefault({}),
    logging: logging.prefault({}),
  })
  .refine(({ listeners, state }) => listeners.webhooks === undefined || state !== undefined, {
    path: ['listeners', 'webhooks'],
    error: NEEDS_STATE,
  });

export type Config = z.output<typeof configSchema>;

/** Nothing can be loaded for an entry whose `use` is invalid. */
const anyPlugin = z.object({ use: z.string().catch('') });

/** The parts of config.yaml that plugins and certificates are checked against; an invalid part counts as missing. */
export const configParts = z.object({
  channels: channels.default({}).catch({}),
  plugins: z
    .array(anyPlugin)
    .default([])
    .catch([{ use: '' }]),
  listeners: listeners.catch(listeners.parse(undefined)),
  state: state.optional().catch(undefined),
});

export type ConfigParts = z.output<typeof configParts>;
