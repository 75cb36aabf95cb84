import { filePath, pemFile, z } from 'esp-host';

/**
 * The form of files before plugins brought their mocks: one upstream, as a top-level key. It is read for one minor
 * version.
 */
export const FORMER_UPSTREAM = 'whatsapp';
export const FORMER_PLUGIN = 'plugins/messaging';

/** Where an application listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** As `use` in config.yaml: a folder, relative to platform.yaml, or a package. */
const pluginUse = () => z.string().min(1, 'must be a folder or a package');

const port = (usual: number) => z.int().min(0).max(65535).default(usual);

/** HOST:PORT, or `host`: the host that runs in the platform's own process. */
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

/** An ESP server that runs by itself. */
export interface AddressedEntry extends Entry {
  readonly name: string;
  readonly type: number;
  readonly address: Address | 'host';
  readonly stubs?: undefined;
}

/** An ESP server that the platform makes from a file of stubs, which may say name and type itself. */
export interface StubbedEntry extends Entry {
  readonly address?: undefined;
  readonly stubs: string;
}

const application = entry.transform((all, context): AddressedEntry | StubbedEntry => {
  const { name, type, address, stubs, tls } = all;
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (stubs !== undefined && address === undefined) {
    return tls === undefined ? { ...all, address, stubs } : refuse('cannot have both stubs and tls');
  }
  if (stubs !== undefined || address === undefined) {
    return refuse('must have either address (HOST:PORT, or host) or stubs (a file of stubs)');
  }
  if (name === undefined) return refuse('must have a name: the AppName of the application');
  if (type === undefined) return refuse("must have a type: Configuration Layer's number, such as 171");
  return { ...all, name, type, address, stubs };
});

/** A mock of an upstream that a plugin brings; its settings are checked by the mock's own schema. */
const upstream = z.strictObject({
  plugin: pluginUse(),
  port: z.int().min(0).max(65535).default(0),
  settings: z.unknown().optional(),
});

/** platform.yaml: the emulated contact centre around the host. */
export const platformSchema = z.strictObject({
  interactionServer: z
    .strictObject({ port: port(7110), deadlineMs: z.int().min(1).max(0x7fffffff).default(15_000) })
    .prefault({}),
  applications: z.array(application).default([]),
  console: z.strictObject({ port: port(8080) }).prefault({}),
  strategies: filePath().optional(),
  upstreams: z.record(z.string(), upstream).default({}),
  [FORMER_UPSTREAM]: z.looseObject({ port: port(9090) }).optional(),
});

export type PlatformConfig = z.output<typeof platformSchema>;

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
