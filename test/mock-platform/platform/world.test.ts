import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { type Platform, startOnFreePorts } from '../../../mock-platform/platform/index.js';
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
