/** docs/reference/metrics.md: the metrics of a host that uses every feature. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EspClient } from 'esp-host/client';
import { startUpstream } from 'esp-host/mock';
import { generate } from 'selfsigned';
import mock from '#messaging-mock';
import { createLogger, loadConfig, prepare, Reloader, Server, WatchedFiles } from '#server';

const plugin = fileURLToPath(new URL('../../plugins/messaging', import.meta.url));

export async function metricsPage() {
  const metrics = parse(await scrape()).filter(({ name }) => name.startsWith('esp_'));
  return `# Metrics

The metrics of \`/metrics\`, for a host with channels of \`plugins/messaging\`. There are also \`process_*\` and \`nodejs_*\`
metrics. [operations.md](../operations.md#metrics) explains how to use them, and lists the alerts.

${table(metrics)}
`;
}

/** The metrics of a host with TLS, Redis and a budget, after a request and a reload. */
async function scrape() {
  const home = mkdtempSync(join(tmpdir(), 'esp-host-'));
  const settings = mock.settings.parse({ version: '2.45.1' });
  const api = await startUpstream(mock, { name: 'whatsapp', settings });
  try {
    const config = await writeConfig(home, api.url);
    const load = () => loadConfig(config);
    const logger = createLogger({ level: 'error', format: 'text' });
    const server = await Server.start({ prepared: await prepare(load(), { typescript: false }), logger });
    await askAndReload(server, new Reloader({ server, files: new WatchedFiles(), load, typescript: false }));
    const running = await server.metrics.text();
    await server.stop();
    return running + (await server.metrics.text());
  } finally {
    await api.close();
    rmSync(home, { recursive: true });
  }
}

async function writeConfig(home, url) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  writeFileSync(join(home, 'host.pem'), cert);
  writeFileSync(join(home, 'host.key'), key);
  const api = { driver: 'on-premises', url, username: 'admin', password: 'secret' };
  const contacts = { from: 'contacts-endpoint', limits: { lookupsPerDay: 10 } };
  const cloud = {
    ...{ driver: 'cloud', url, phoneNumberId: '1', businessAccountId: '2', token: 'secret' },
    limits: { usersPerDay: 10 },
  };
  const phoneNumber = '+919876543210';
  const config = {
    application: { name: 'DMS' },
    channels: {
      whatsapp: { type: 'whatsapp', phoneNumber, api, contacts },
      cloud: { type: 'whatsapp', phoneNumber, api: cloud, contacts: { from: 'evidence' } },
    },
    plugins: [{ use: plugin, options: { sharedState: { redis: { url: 'redis://127.0.0.1:1' } } } }],
    listeners: {
      esp: { port: 0 },
      http: { port: 0, token: 'a-token-of-the-reference', tls: { certificate: 'host.pem', key: 'host.key' } },
      webhooks: { port: 0, forward: { crm: { path: '/webhooks/whatsapp', url: 'http://127.0.0.1:1' } } },
      metrics: { enabled: false },
    },
    state: { redis: { url: 'redis://127.0.0.1:1' } },
  };
  const path = join(home, 'config.yaml');
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function askAndReload(server, reloader) {
  const client = new EspClient(server.address);
  await client.connect();
  await client.request({
    service: 'Messaging',
    method: 'ValidateContact',
    parameters: { Id: '+16315551002', _umsChannel: 'whatsapp' },
  });
  await client.close();
  await reloader.reload();
  reloader.stop();
}

/** The text format of Prometheus -> name, type, help and labels of each metric, by name. */
function parse(text) {
  const metrics = new Map();
  const metric = (name) => metrics.get(name) ?? metrics.set(name, { name, labels: new Set() }).get(name);
  for (const line of text.split('\n')) {
    const [, word, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word !== undefined) metric(name)[word.toLowerCase()] = rest;
    const [, sample, labels = ''] = /^([a-z]\w*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (sample === undefined) continue;
    const base = metrics.has(sample) ? sample : sample.replace(/_(bucket|sum|count)$/, '');
    for (const [, label] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') metric(base).labels.add(label);
  }
  return [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function table(metrics) {
  const lines = metrics.map(
    ({ name, type, help, labels }) => `| \`${name}\` | ${type} | ${[...labels].join(', ')} | ${help} |`,
  );
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
