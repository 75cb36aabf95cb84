import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { startWhatsAppApi, type WhatsAppApi } from '../plugins/messaging/whatsapp-api.js';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { ask, seriesValue } from '../support/http.js';
import { builtPlugin } from '../support/plugins.js';
import { killPrograms, Program } from '../support/processes.js';
import { Prometheus, prometheusDescribe } from '../support/prometheus.js';
import { RawClient, request } from '../support/raw-client.js';

const THROWS = `
import { definePlugin, EspMethod, z } from 'esp-host';
class Fail { handle() { throw new Error('broken'); } }
EspMethod('Test', 'Fail', { parameters: z.looseObject({}), response: z.looseObject({}) })(Fail);
export default definePlugin({ name: 'throws', methods: [Fail] });
`;

let api: WhatsAppApi | undefined;
let prometheus: Prometheus | undefined;
afterAll(async () => {
  await prometheus?.stop();
  await killPrograms();
  await api?.close();
  removeFolders();
});

/** What fires without Interaction Server and without Redis, before anything is asked. */
const AT_REST = ['EspHostNotConnected', 'EspSharedStateAway'];

/** What fires after one event, or a few. */
const AFTER = [
  'EspConfigRefused',
  'EspHostFull',
  'EspHostReconnects',
  'EspLookupBudgetLow',
  'EspLookupBudgetSpent',
  'EspMethodFails',
  'EspMethodFaults',
  'EspMethodUnknown',
  'EspMethodWrongParameters',
  'EspUpstreamAway',
  'WhatsAppContactsUnreliable',
];

prometheusDescribe('a Prometheus that watches serve', () => {
  it('fires the alerts for the problems of a real host, and none before', async () => {
    const [esp, metrics, nobody] = [await freePort(), await freePort(), await freePort()];
    api = await startWhatsAppApi({ registeredNumber: '+919876543210', numbers: [], version: '2.45.1' });
    const home = folder();
    const channel = (url: string, more: { api?: string; contacts?: string }) =>
      `{ type: whatsapp, phoneNumber: "+919876543210", api: { driver: on-premises, url: "${url}", username: admin, password: secret, ${more.api ?? ''} }, contacts: { from: contacts-endpoint, ${more.contacts ?? ''} } }`;
    const config = file(
      'config.yaml',
      `application: { name: DMS }
channels:
  answers: ${channel(api.url, { contacts: 'limits: { lookupsPerDay: 1 }' })}
  away: ${channel(`http://127.0.0.1:${nobody}`, { api: 'breaker: { failures: 1, probeAfterMs: 1000000 }' })}
  fails: ${channel(`http://127.0.0.1:${nobody}`, { api: 'breaker: { failures: 1000 }' })}
plugins:
  - use: ${join(ROOT, 'plugins/messaging/dist/index.js')}
    options: { sharedState: { redis: { url: "redis://127.0.0.1:1" } } }
  - use: ${builtPlugin(THROWS, home)}
listeners: { esp: { port: ${esp} }, metrics: { port: ${metrics} } }
limits: { connections: 1 }
`,
      home,
    );
    const host = new Program(['serve', '--config', config]);
    await host.printed(/listens for ESP/);
    prometheus = await Prometheus.start(readFileSync(join(ROOT, 'deploy/alerts.yaml'), 'utf8'), `127.0.0.1:${metrics}`);
    const seen = prometheus;
    await seen.until(
      'Prometheus has read the host twice',
      async () => (await seen.count('up == 1 and count_over_time(up[1m]) > 1')) === 1,
    );
    await seen.untilFiring(AT_REST);
    expect(await seen.firing()).toEqual(AT_REST);

    // One that comes before the host has noticed the end of the last is refused, and counts as that.
    await until(async () => {
      await end(await RawClient.open(esp), 'no ESP');
      const { body } = await ask(metrics, '/metrics');
      return (seriesValue(body, 'esp_connections_closed_total{reason="format"}') ?? 0) >= 4;
    }, 'four connections end with bytes that are no ESP');
    const client = await served(esp);
    await end(await RawClient.open(esp));
    const validate = (channelName: string, Id?: string) =>
      client.ask(
        request(1, 'Messaging', 'ValidateContact', { _umsChannel: channelName, ...(Id === undefined ? {} : { Id }) }),
      );
    await client.ask(request(1, 'Test', 'Fail'));
    await validate('answers');
    await validate('answers', '+16315551002');
    await validate('away', '+16315551002');
    writeFileSync(config, 'application: 17\n');
    host.signal('SIGHUP');
    await seen.untilFiring(AFTER);

    // A rate needs a series that grows.
    let number = 0;
    await seen.untilFiring(['EspUpstreamFails'], () => validate('fails', `+4930${1_000_000 + number++}`));

    await host.kill('SIGKILL');
    await seen.untilFiring(['EspHostDown']);
  }, 120_000);
});

/** A client with an answer, as soon as the host has noticed that the one before has gone. */
async function served(port: number): Promise<RawClient> {
  let client = await RawClient.open(port);
  const isServed = async () => {
    const reply = await client.ask(request(1, 'Test', 'Nothing')).catch(() => undefined);
    if (reply === undefined) client = await RawClient.open(port);
    return reply !== undefined;
  };
  await until(isServed, 'the host takes a connection');
  return client;
}

/** Sends malformed bytes, if given, and waits for the host to close the connection. */
async function end(client: RawClient, bytes?: string): Promise<void> {
  if (bytes !== undefined) client.write(bytes.padEnd(32));
  await client.closed;
}
