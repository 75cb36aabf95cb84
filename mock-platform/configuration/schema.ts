import { e164, pemFile, secret, z } from 'esp-host';

/** Where an application listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const port = (usual: number) => z.int().min(0).max(65535).default(usual);

/** HOST:PORT, or `host`: the host that runs in the platform's own process. */
const address = () => z.string().transform((text, context) => parseAddress(text) ?? wrongAddress(text, context));

const application = z.strictObject({
  name: z.string().min(1, 'must be the AppName of the application'),
  type: z.int().min(1),
  typeName: z.string().min(1, 'must be a name for the type').optional(),
  address: address(),
  tls: z
    .strictObject({
      ca: pemFile().exactOptional(),
      certificate: pemFile().exactOptional(),
      key: pemFile().exactOptional(),
      servername: z.string().exactOptional(),
    })
    .optional(),
});

/** platform.yaml: the emulated contact centre around the host. */
export const platformSchema = z.strictObject({
  interactionServer: z
    .strictObject({ port: port(7110), deadlineMs: z.int().min(1).max(0x7fffffff).default(15_000) })
    .prefault({}),
  applications: z.array(application).superRefine(refuseRepeatedNames),
  whatsapp: z.strictObject({
    port: port(9090),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 2.41.3')
      .default('2.41.3'),
    registeredNumber: e164(),
    username: z.string().default('admin'),
    password: secret(),
    numbers: z.array(e164()).default([]),
  }),
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

/** AppName finds one application. */
function refuseRepeatedNames(applications: readonly { readonly name: string }[], context: z.RefinementCtx): void {
  const names = new Set<string>();
  for (const [index, { name }] of applications.entries()) {
    if (names.has(name)) {
      const message = 'is the name of another application too, and AppName finds one';
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
    names.add(name);
  }
}
