import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { z } from 'zod';
import type { Platform, PlatformOptions } from '../../../mock-platform/platform/platform.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { CONFIG, PlatformSetting } from '../platform-setting.js';

afterAll(removeFolders);

/** One answer of the API. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly json: any;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Operation {
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>> }>>;
}

/** Calls the admin API of a platform, and checks each response against the OpenAPI document. */
export class AdminClient {
  private constructor(
    readonly url: string,
    private readonly document: OpenApi,
  ) {}

  static async of({ admin }: Platform): Promise<AdminClient> {
    const document = (await (await fetch(`${admin.url}/api/openapi.json`)).json()) as OpenApi;
    return new AdminClient(admin.url, document);
  }

  get = (path: string): Promise<Answer> => this.ask('GET', path);
  post = (path: string, body?: unknown): Promise<Answer> => this.ask('POST', path, body);
  put = (path: string, body?: unknown): Promise<Answer> => this.ask('PUT', path, body);
  delete = (path: string): Promise<Answer> => this.ask('DELETE', path);

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const type = response.headers.get('content-type') ?? '';
    const text = await response.text();
    const json = type.startsWith('application/json') ? JSON.parse(text) : undefined;
    if (path.startsWith('/api/')) this.#check(method, path, response.status, json);
    return { status: response.status, type, text, json };
  }

  #check(method: string, path: string, status: number, json: unknown): void {
    const [plain = ''] = path.split('?', 1);
    const template = Object.keys(this.document.paths).find((one) =>
      new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
    );
    const { responses } = this.document.paths[template ?? '']?.[method.toLowerCase()] ?? {};
    if (responses === undefined) return;
    const { content } = responses[status] ?? responses.default ?? {};
    const schema = content?.['application/json']?.schema;
    if (schema === undefined) return;
    const whole = JSON.stringify({ ...schema, $defs: this.document.components.schemas });
    z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/'))).parse(json);
  }
}

/** platform.yaml with the host, an application of stubs, and a folder of strategies. */
export const WORLD = `interactionServer: { port: 0 }
console: { port: 0 }
applications:
  - { name: DMS, type: 171, address: host }
  - { stubs: ./mail.yaml }
upstreams: { billing: { plugin: ${join(ROOT, 'test/fixtures/plugins/billing')} } }
strategies: ./strategies
`;

const MAIL = `application: { name: Mail, type: 64 }
stubs:
  - name: acknowledgement
    match: { service: Email, method: Acknowledge, parameters: { Id: { present: true } } }
    answer: { parameters: { NewId: "{{parameters.Id}}-a" } }
`;

const GREET = `name: Greet
data: { Name: Ann }
steps:
  - id: ask
    externalService: { appName: DMS, service: Greeting, method: Greet, parameters: { Name: "{{Name}}" } }
    save: reply
    on: { response: [{ go: greeted }], fault: { other: failed } }
  - id: greeted
    routeTo: Greeted
  - id: failed
    routeTo: Failed
`;

const plugin = (name: string): string => join(ROOT, 'test/fixtures/plugins', name);

/** The `url` of the channel in CHANNEL_CONFIG. */
export const CHANNEL_URL = 'http://127.0.0.1:9';

/** config.yaml with a channel, and with plugins that use it and an upstream, beside the usual ones. */
export const CHANNEL_CONFIG = CONFIG.replace(
  'plugins: [',
  `plugins: [{ use: ${plugin('contacts')} }, { use: ${plugin('billing')}, options: { url: "\${BILLING_URL}" } }, `,
).concat(`channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "+919876543210"
    contacts: { driver: on-premises, url: "${CHANNEL_URL}", username: admin, password: hunter2 }
    invitations:
      default: hello
      templates: { hello: { namespace: n_1, name: hello, language: { code: en_US }, parameters: [Ann] } }
`);

/** A request of Billing.GetBalance, for `POST /api/send`. */
export const askBalance = (account = '17') =>
  greet('x', { service: 'Billing', method: 'GetBalance', parameters: [['Account', 'str', account]] });

export class AdminSetting extends PlatformSetting {
  constructor(
    private readonly config = CHANNEL_CONFIG,
    private readonly world = WORLD,
  ) {
    super();
  }

  /** A platform with all that the API shows, on free ports. */
  async whole(options: Partial<PlatformOptions> = {}): Promise<{ platform: Platform; api: AdminClient }> {
    const home = folder();
    const strategies = join(home, 'strategies');
    mkdirSync(strategies);
    file('greet.yaml', GREET, strategies);
    file('broken.yaml', 'name: Broken\nsteps: [{ id: a, routTo: x }]\n', strategies);
    file('mail.yaml', MAIL, home);
    const platform = await this.platform(this.config, this.world, {
      platform: file('platform.yaml', this.world, home),
      ...options,
    });
    return { platform, api: await AdminClient.of(platform) };
  }
}

/** A request to the host as /api/send takes it. */
export const greet = (Name: string, more: object = {}) => ({
  to: 'host',
  service: 'Greeting',
  method: 'Greet',
  parameters: [['Name', 'str', Name]],
  ...more,
});
