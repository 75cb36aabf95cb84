import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { file, removeFolders } from '../support/files.js';
import { installPacked, npmProject, runPackage } from '../support/npm-project.js';
import { type Ended, killPrograms, Program } from '../support/processes.js';

/** Exchanges of a mock platform in a project of a user's own, made into tests that jest runs there. */

let home: string;
let upstream: Server;
let url: string;
let admin: string;
let esp: string;
/** The exports of the requests of ASKED, saved as tests. */
const texts: string[] = [];

const espHost = (...words: string[]): Program =>
  new Program(words, { root: join(home, 'node_modules/esp-host'), cwd: home });

const tool = (path: string, ...words: string[]) => runPackage(home, path, ...words);

const PLUGIN = `import { definePlugin, inject, optionsToken, secret, z } from 'esp-host';
import { type EspCall, EspFault, EspMethod, type EspMethodHandler } from 'esp-host';

const billingOptions = z.strictObject({ url: z.string(), key: secret() });
const parameters = z.object({ Account: z.string(), Times: z.number().int().default(1) });
const response = z.object({ Balance: z.string(), Line: z.array(z.object({ Amount: z.number().int() })) });

@EspMethod('Billing', 'GetBalance', { parameters, response, description: 'The balance of an account.' })
export class GetBalance implements EspMethodHandler<typeof parameters, typeof response> {
  constructor(@inject(optionsToken(billingOptions)) private readonly options: z.output<typeof billingOptions>) {}

  async handle(call: EspCall<typeof parameters>) {
    const { Account, Times } = call.parameters;
    const { statusCode, body, headers } = await call.http.get(\`\${this.options.url}/accounts/\${Account}\`, {
      headers: { authorization: \`Bearer \${this.options.key.reveal()}\` },
      searchParams: { api_key: this.options.key.reveal() },
      timeout: { request: Account === 'slow' ? 150 : 10_000 },
      throwHttpErrors: false,
    });
    if (statusCode === 404) throw new EspFault(404, \`\${body}; ask again in \${headers['retry-after']} s\`);
    const { balance, lines } = JSON.parse(body) as { balance: number; lines: number[] };
    return { Balance: \`\${balance * Times} EUR\`, Line: lines.map((Amount) => ({ Amount })) };
  }
}

export default definePlugin({ name: 'billing', options: billingOptions, methods: [GetBalance] });
`;

const CONFIG = `application: { name: DMS }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins:
  - use: ./plugins/billing
    options: { url: "\${BILLING_URL}", key: "\${BILLING_KEY}" }
  - use: ./node_modules/esp-host/plugins/messaging
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "+919876543210"
    api: { driver: on-premises, url: "\${WHATSAPP_URL}", username: admin, password: hunter3 }
    contacts: { from: contacts-endpoint }
`;

const WORLD = `interactionServer: { port: 0 }
applications: [{ name: DMS, type: 171, address: host }]
upstreams:
  whatsapp:
    plugin: ./node_modules/esp-host/plugins/messaging
    settings: { registeredNumber: "+919876543210", password: hunter3, numbers: ["+16315551002"] }
console: { port: 0 }
`;

const ASKED: readonly string[][] = [
  ['Billing', 'GetBalance', 'Account=17', 'Times:=2'],
  ['Billing', 'GetBalance', 'Account=18'],
  ['Billing', 'GetBalance', 'Account=slow'],
  ['Billing', 'GetBalance'],
  ['Billing', 'GetBalance', 'Account=17', '--utf16', '--user-data', 'Segment=gold'],
  ['Messaging', 'ValidateContact', 'Id=+1-631-555-1002', '_umsChannel=channel-whatsapp'],
  ['Messaging', 'ValidateContact', 'Id=6315551002'],
];

beforeAll(async () => {
  upstream = createServer(({ url: path = '' }, answer) => {
    const json = { 'content-type': 'application/json', 'set-cookie': 'session=hunter2' };
    if (path.startsWith('/accounts/17?')) {
      answer.writeHead(200, json).end('{"balance":12.5,"lines":[5,7],"access_token":"hunter2"}');
    } else if (!path.startsWith('/accounts/slow')) {
      answer.writeHead(404, { 'retry-after': '30' }).end("it's no account");
    }
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  home = npmProject();
  installPacked(home);
  expect(await espHost('new', 'plugin', 'billing', '--yes').ended()).toMatchObject({ code: 0 });
  file('index.ts', PLUGIN, join(home, 'plugins/billing'));
  file('config.yaml', CONFIG, home);
  const words = ['mock', '--platform', file('platform.yaml', WORLD, home)];
  const env = { BILLING_URL: url, BILLING_KEY: 'hunter2' };
  const mock = new Program(words, { root: join(home, 'node_modules/esp-host'), cwd: home, env });
  [, esp = ''] = await mock.printed(/Host +(\S+),/);
  [, admin = ''] = await mock.printed(/(http:\/\/127\.0\.0\.1:\d+)\s*$/m);
  for (const words of ASKED) expect((await send(...words)).code).not.toBe(1);
  for (const id of ASKED.keys()) texts.push(await exported(id + 1, '--admin', admin));
  texts.forEach(save);
}, 120_000);

afterAll(async () => {
  await killPrograms();
  upstream.closeAllConnections();
  upstream.close();
  removeFolders();
});

const send = (...words: string[]): Promise<Ended> => espHost('send', ...words, '--to', esp).ended();

const exported = async (id: number, ...more: string[]): Promise<string> => {
  const { code, stdout, stderr } = await espHost('journal', 'export', `${id}`, '--as', 'test', ...more).ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

/** Saves a test at the path in its comment. */
function save(text: string): void {
  const [, path = ''] = /Save it as (\S+)$/m.exec(text) ?? [];
  file(path, text, home);
}

describe('tests of journal entries', () => {
  it('pass unchanged, are well typed, and have no secrets', () => {
    for (const text of texts) expect(text).not.toMatch(/does not pass|hunter/);
    const ran = tool('jest/bin/jest.js', 'entry');
    expect(ran.text).toMatch(/Tests: +7 passed, 7 total/);
    expect(ran.status).toBe(0);
    expect(tool('typescript/bin/tsc', '-p', '.')).toEqual({ status: 0, text: '' });
  }, 120_000);

  it('fail if the method changes', () => {
    file('index.ts', PLUGIN.replace('} EUR', '} USD'), join(home, 'plugins/billing'));
    const { status, text } = tool('jest/bin/jest.js', 'get-balance-entry');
    file('index.ts', PLUGIN, join(home, 'plugins/billing'));
    expect(status).toBe(1);
    expect(text).toMatch(/Tests: +2 failed, 3 passed, 5 total/);
    expect(text).toContain("Balance: '25 USD'");
  }, 60_000);
});

describe('tests of a recording', () => {
  const line = (direction: string, messageId: number, parameters: unknown[]): string =>
    JSON.stringify({
      connection: 1,
      direction,
      messageId,
      referenceId: 7,
      request: [
        ['Service', 'str', 'Billing'],
        ['Method', 'str', 'GetBalance'],
        ['Parameters', 'list', parameters],
      ],
      userData: null,
    });

  it('pass if the method calls no upstream, and otherwise say what is missing', async () => {
    const fault = (text: string): unknown[] => [
      ['FaultCode', 'str', '904'],
      ['FaultString', 'str', text],
    ];
    const lines = [
      line('toServer', 500, []),
      line('toClient', 502, fault('Billing.GetBalance incorrect Account: missing')),
      line('toServer', 500, [['Account', 'int', 17]]),
      line('toClient', 502, fault('Billing.GetBalance incorrect Account: not a string')),
      line('toServer', 500, [['Account', 'str', '17']]),
      line('toClient', 501, [['Balance', 'str', '12.5 EUR']]),
    ];
    const recording = file('recording.jsonl', lines.join('\n'), home);
    const of = (number: number) => {
      const env = { BILLING_URL: url, BILLING_KEY: 'hunter2', WHATSAPP_URL: 'http://127.0.0.1:9' };
      const words = ['journal', 'export', `${number}`, '--recording', recording, '--as', 'test'];
      return new Program(words, { root: join(home, 'node_modules/esp-host'), cwd: home, env }).ended();
    };
    for (const number of [1, 3]) {
      const { code, stdout } = await of(number);
      expect(code).toBe(0);
      expect(stdout).not.toContain('This test fails');
      save(stdout);
    }
    const asks = await of(5);
    expect(asks.stdout).toMatch(
      /^\/\/ This test fails: the method calls GET \S+\/accounts\/17\?api_key=\*\*\*, and recordings contain no upstream calls: add a reply for it, or export the exchange from the mock platform\.$/m,
    );
    expect(asks.stdout).not.toContain('hunter2');
    expect(await of(2)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^line 2 of \S+ is not a request: /) });
    const ran = tool('jest/bin/jest.js', '-t', 'of recording.jsonl');
    expect(ran.text).toMatch(/Tests: .*2 passed/);
    expect(ran.status).toBe(0);
  }, 60_000);

  it('has the other forms without a config', async () => {
    const recording = file('r.jsonl', line('toServer', 500, [['Account', 'str', '17']]));
    const words = ['journal', 'export', '1', '--recording', recording];
    const sent = await espHost(...words, '--as', 'send').ended();
    expect(sent.stdout).toBe('npx esp-host send Billing GetBalance Account=17\n');
    const stub = await espHost(...words, '--as', 'stub').ended();
    expect(stub.stdout).toContain('name: Billing.GetBalance, line 1 of r.jsonl');
  });
});
