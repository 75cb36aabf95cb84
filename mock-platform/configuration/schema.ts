import { existsSync } from 'node:fs';
import { filePath, pemFile, z } from 'esp-host';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Like `use` in config.yaml: a folder, relative to platform.yaml, or a package. */
const pluginUse = () => z.string().min(1, 'must be a folder or a package');

const port = (defaultPort: number) => z.int().min(0).max(65535).default(defaultPort);

/** HOST:PORT, or `host` for the host in this process. */
const address = () => z.string().transform((text, context) => parseAddress(text) ?? wrongAddress(text, context));

const entry = z.strictObject({
  name: z.string().min(1, 'must be the AppName of the application').optional(),
  type: z.int().min(1).optional(),
  typeName: z.string().min(1, 'must be a name for the type').optional(),
  address: address().optional(),
  stubs: filePath().optional(),
  tls: z
    .strictObject({
      ca: pemFile().exactOptional(),
      certificate: pemFile().exactOptional(),
      key: pemFile().exactOptional(),
      servername: z.string().exactOptional(),
    })
    .optional(),
});

type Entry = z.output<typeof entry>;

/** Reports a missing stub file at the line that names it. The checks after this one still run. */
function checkFile(stubs: string, context: z.RefinementCtx): void {
  if (existsSync(stubs)) return;
  context.addIssue({
    code: 'custom',
    path: ['stubs'],
    message: `cannot be read (ENOENT): ${stubs}`,
    continue: true,
  });
}

/** An ESP server at an address. */
export interface AddressedEntry extends Entry {
  readonly name: string;
  readonly type: number;
  readonly address: Address | 'host';
  readonly stubs?: undefined;
}

/** An ESP server made from a stub file, which can define the name and the type. */
export interface StubbedEntry extends Entry {
  readonly address?: undefined;
  readonly stubs: string;
}

const application = entry.transform((settings, context): AddressedEntry | StubbedEntry => {
  const { name, type, address, stubs, tls } = settings;
  const reject = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (stubs !== undefined && address === undefined) {
    if (tls !== undefined) return reject('cannot have both stubs and tls');
    checkFile(stubs, context);
    return { ...settings, address, stubs };
  }
  if (stubs !== undefined || address === undefined) {
    return reject('must have either address (HOST:PORT, or host) or stubs (a stub file)');
  }
  if (name === undefined) return reject('must have a name: the AppName of the application');
  if (type === undefined) return reject('must have a type: the number in Configuration Layer, such as 171');
  return { ...settings, name, type, address, stubs };
});

const upstreamEntry = z.strictObject({
  plugin: pluginUse().optional(),
  stubs: filePath().optional(),
  env: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable, such as BILLING_URL')
    .optional(),
  port: z.int().min(0).max(65535).default(0),
  settings: z.unknown().optional(),
});

/** An upstream mock of a plugin. The mock's schema validates the settings. */
export interface PluginUpstream {
  readonly plugin: string;
  readonly port: number;
  readonly stubs?: undefined;
}

/** An upstream made from a file of HTTP stubs. */
export interface StubbedUpstreamEntry {
  readonly stubs: string;
  /** The environment variable for its URL. */
  readonly env: string;
  readonly port: number;
}

const upstream = upstreamEntry.transform(
  ({ plugin, stubs, env, port, settings }, context): PluginUpstream | StubbedUpstreamEntry => {
    const reject = (message: string, ...path: string[]): never => {
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    };
    if ((plugin === undefined) === (stubs === undefined)) {
      return reject('must have either plugin (a folder or a package) or stubs (a file of HTTP stubs)');
    }
    if (stubs === undefined) {
      if (env !== undefined)
        return reject('is only allowed with stubs: the mock of a plugin has variables of its own', 'env');
      return { plugin: plugin ?? '', port };
    }
    if (settings !== undefined) return reject('is only allowed with plugin', 'settings');
    if (env === undefined) {
      return reject('must have env: the environment variable of config.yaml for its URL, such as BILLING_URL');
    }
    checkFile(stubs, context);
    return { stubs, env, port };
  },
);

const UNITS = { ms: 1, s: 1000 } as const;

/** A time with its unit, such as `30 s`, in ms. */
const duration = () =>
  z
    .string()
    .regex(/^[1-9]\d{0,6} ?(?:ms|s)$/, 'must be a number from 1 to 9999999 and its unit, such as 30 s or 500 ms')
    .transform((text) => Number.parseInt(text, 10) * UNITS[text.endsWith('ms') ? 'ms' : 's'])
    .refine((ms) => ms <= 0x7fffffff, 'must be at most 2147483647 ms');

/** Options of Interaction Server by the names that they have in its section `settings`. */
const serverOptions = z
  .strictObject({
    'third-party-server-timeout': duration().optional(),
    'third-party-server-window-size': z.int().min(1).optional(),
    'third-party-server-queue-size': z.int().min(0).optional(),
  })
  .superRefine((options, context) => {
    const [window, queue] = ['third-party-server-window-size', 'third-party-server-queue-size'] as const;
    if (options[queue] === undefined || options[window] !== undefined) return;
    context.addIssue({ code: 'custom', path: [queue], message: `requires ${window}: without it, no request waits` });
  });

/** The schema of platform.yaml: the platform around the host. */
export const platformSchema = z.strictObject({
  interactionServer: z
    .strictObject({
      port: port(7110),
      deadlineMs: z.int().min(1).max(0x7fffffff).default(15_000),
      options: serverOptions.prefault({}),
    })
    .prefault({}),
  applications: z.array(application).default([]),
  console: z.strictObject({ port: port(8080) }).prefault({}),
  journal: z
    .strictObject({
      entries: z.int().min(1).max(1_000_000).default(10_000),
      megabytes: z.int().min(1).max(4096).default(64),
    })
    .prefault({}),
  strategies: filePath().optional(),
  upstreams: z.record(z.string(), upstream).default({}).superRefine(refuseSharedVariables),
});

export type PlatformConfig = z.output<typeof platformSchema>;

function refuseSharedVariables(
  upstreams: Readonly<Record<string, PluginUpstream | StubbedUpstreamEntry>>,
  context: z.RefinementCtx,
): void {
  const owners = new Map<string, string>();
  for (const [name, entry] of Object.entries(upstreams)) {
    if (entry.stubs === undefined) continue;
    const owner = owners.get(entry.env);
    if (owner === undefined) owners.set(entry.env, name);
    else
      context.addIssue({ code: 'custom', path: [name, 'env'], message: `is also the variable of upstreams.${owner}` });
  }
}

function parseAddress(text: string): Address | 'host' | undefined {
  if (text === 'host') return 'host';
  const match = /^(?:\[([^\]\s]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const number = Number(match?.[3]);
  return host === undefined || number < 1 || number > 65535 ? undefined : { host, port: number };
}

function wrongAddress(text: string, context: z.RefinementCtx): never {
  const message = `must be HOST:PORT such as 127.0.0.1:7120, or host for the host in this process, not '${text}'`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
