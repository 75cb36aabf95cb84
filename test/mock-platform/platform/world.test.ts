import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { type Platform, startOnFreePorts } from '../../../mock-platform/platform/index.js';
import { loadWorld, sampleResponses, worldFromConfig } from '../../../mock-platform/platform/world.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { LogLines } from '../../support/log-lines.js';
import { certificates } from '../../support/tls.js';

const platforms: Platform[] = [];
afterEach(async () => {
  for (const platform of platforms.splice(0)) await platform.stop();
});
afterAll(removeFolders);

const plugin = (name: string): string => join(ROOT, 'test/fixtures/plugins', name);
const log = new LogLines();

async function start(config: string, home = folder()): Promise<Platform> {
  const platform = await startOnFreePorts({ config: file('config.yaml', config, home), logger: log.logger });
  platforms.push(platform);
  return platform;
}

const BILLING = `plugins: [{ use: ${plugin('billing')}, options: { url: "\${BILLING_URL}" } }]\n`;

const balance = async ({ interactionServer: { host, port } }: Platform): Promise<unknown> => {
  await using client = new EspClient({ host, port });
  await client.connect();
  const reply = await client.request({
    ...{ appName: 'Own', service: 'Billing', method: 'GetBalance' },
    parameters: { Account: '17' },
  });
  return reply.fault ?? reply.parameters.toPlain();
};

describe('a platform without platform.yaml', () => {
  it("has the application of config.yaml behind its Interaction Server, and its plugins' mocks", async () => {
    const platform = await start(`application: { name: Own, type: 23 }\n${BILLING}`);
    expect(await balance(platform)).toEqual({ Balance: '10.00' });
    expect(platform.upstreams.map(({ name }) => name)).toEqual(['billing']);
    expect(platform.stubServers).toEqual([]);
    expect(platform.welcome()).toMatch(/Interaction Server .*, connected to Own\n/);
    expect(platform.welcome()).toMatch(/esp-host send Billing GetBalance Account=17 --to \S+ --app-name Own\n/);
  });

  it('mentions only features of its plugins', async () => {
    const platform = await start(`application: { name: Own }\nplugins: [{ use: ${plugin('greeting')} }]\n`);
    expect(platform.upstreams).toEqual([]);
    expect(platform.welcome() + log.matching(/./).join('\n')).not.toMatch(/WhatsApp|DMS/i);
  });

  it('connects to a host with TLS', async () => {
    const home = folder();
    const { server } = await certificates();
    file('host.pem', server.certificate, home);
    file('host.key', server.key, home);
    const tls = 'listeners: { esp: { tls: { certificate: host.pem, key: host.key } } }\n';
    expect(await balance(await start(`application: { name: Own, type: 23 }\n${tls}${BILLING}`, home))).toEqual({
      Balance: '10.00',
    });
  });

  it.each([
    ['application: {}\n', /config\.yaml:1:14: application.name /],
    [
      'application: { name: Own }\nplugins: [{ use: ./nowhere }]\n',
      /config\.yaml:2:\d+: plugins\[0\]\.use cannot be used: /,
    ],
    ['application: { name: Own, typ: 5 }\n', /config\.yaml:1:\d+: unknown key application.typ: /],
  ])('reports an error in config.yaml: %j', async (config, message) => {
    await expect(start(config)).rejects.toThrow(message);
  });
});

describe('platform.yaml', () => {
  const load = (upstreams: string) => loadWorld(file('platform.yaml', `upstreams: ${upstreams}\n`));

  it('names the mocks of plugins, with their settings, and files of stubs', async () => {
    const stubs = file('billing.http.yaml', 'stubs: []\n');
    const settings = '{ balances: { 18: "5.00" } }';
    const { upstreams } = await load(
      `{ a: { plugin: ${plugin('billing')}, port: 5, settings: ${settings} }, b: { stubs: ${stubs}, env: B_URL } }`,
    );
    expect(upstreams.map(({ name, definition, port, path }) => [name, definition.name, port, path])).toEqual([
      ['a', 'billing', 5, ['upstreams', 'a']],
      ['b', 'b', 0, ['upstreams', 'b']],
    ]);
    expect(upstreams[0]?.settings).toMatchObject({ balances: { 18: '5.00' } });
  });

  it.each([
    [
      `{ a: { plugin: ${plugin('greeting')} } }`,
      /:1:\d+: upstreams\.a\.plugin names plugin greeting, which has no mock/,
    ],
    ['{ a: { plugin: ./nowhere } }', /:1:\d+: upstreams\.a\.plugin cannot be used: ./],
  ])('with %s is refused', async (upstreams, message) => {
    await expect(load(upstreams)).rejects.toThrow(message);
  });
});

describe('a world made from config.yaml', () => {
  const derived = (config: string) => worldFromConfig(file('config.yaml', config));

  it('has the application, and the mocks of the plugins that can be loaded', async () => {
    const plugins = ['billing', 'greeting', 'nowhere'].map((name) => `{ use: ${plugin(name)} }`).join(', ');
    const world = await derived(`application: { name: Own }\nplugins: [${plugins}]\n`);
    expect(world.file.config.applications).toMatchObject([{ name: 'Own', type: 171, address: 'host' }]);
    expect(world.upstreams).toMatchObject([{ name: 'billing', port: 0, path: [], settings: { balances: {} } }]);
  });

  it('trusts the certificate of a host with TLS', async () => {
    const home = folder();
    const { server } = await certificates();
    const certificate = file('host.pem', server.certificate, home);
    const config = `application: { name: Own, type: 23 }\nlisteners: { esp: { tls: { certificate: ${certificate} } } }\n`;
    const { config: world } = (await worldFromConfig(file('config.yaml', config, home))).file;
    expect(world.applications).toMatchObject([{ name: 'Own', type: 23, tls: { ca: server.certificate } }]);
  });
});

/** A plugin whose mock says when the host runs, and has a usual response. */
function told(): string {
  const home = folder();
  file(
    'index.ts',
    `import { defineMock, definePlugin, z } from 'esp-host';
const mock = defineMock({
  name: 'told',
  settings: z.strictObject({}),
  responses: { 'Told.Tell': () => [{ parameters: { A: 'b' } }] },
  start: async ({ logger }) => ({
    env: {},
    configure() {},
    reset() {},
    hostStarted({ receivesWebhooks }) {
      logger.info('told that the host runs', { receivesWebhooks });
    },
  }),
});
export default definePlugin({ name: 'told', methods: [], mock: async () => ({ default: mock }) });
`,
    home,
  );
  return home;
}

it('mocks are told when the host runs', async () => {
  await start(`application: { name: Own }\nplugins: [{ use: ${told()} }]\n`);
  expect(log.matching(/told that the host runs/).at(-1)).toContain('receivesWebhooks=false');
});

describe('the usual responses of methods', () => {
  it('are those of the plugins in config.yaml, or of the mocks in platform.yaml', async () => {
    const use = told();
    const config = file('config.yaml', `application: { name: Own }\nplugins: [{ use: ${use} }]\n`);
    const platform = file('platform.yaml', `upstreams: { b: { plugin: ${use} } }\n`);
    const stubs = file('billing.http.yaml', 'stubs: []\n');
    const stubbed = file('platform.yaml', `upstreams: { b: { stubs: ${stubs}, env: B_URL } }\n`);
    const none = {};
    const methods = async (from: Parameters<typeof sampleResponses>[0]) => Object.keys(await sampleResponses(from));
    expect([await methods({ config }), await methods({ platform })]).toEqual([['Told.Tell'], ['Told.Tell']]);
    expect([await methods(none), await methods({ config, platform: stubbed })]).toEqual([[], []]);
  });
});
