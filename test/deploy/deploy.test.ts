import { cpSync, existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { type Config, parseConfig } from '../../src/config/index.js';
import { loadConfig, prepare, Reloader, Server, WatchedFiles } from '../../src/server/index.js';
import { startWhatsAppApi, type WhatsAppApi } from '../plugins/messaging/whatsapp-api.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { ask } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';
import { killPrograms, Program } from '../support/processes.js';
import { prometheusIt, promtool } from '../support/prometheus.js';
import { RawClient, request } from '../support/raw-client.js';
import { certificates } from '../support/tls.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Names of metrics in an expression or a text, without what a histogram adds to its name. */
const metricsIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:esp|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));

/** Every expression in a tree of JSON or YAML. */
function expressions(tree: unknown): string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' && (key === 'expr' || key === 'definition') ? [value] : expressions(value),
  );
}

const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, M: 2 ** 20, Mi: 2 ** 20, G: 2 ** 30, g: 2 ** 30 };

/** `512Mi` of Kubernetes, `1G` of systemd, `1g` of Docker. */
function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)(\w+)$/.exec(text) ?? [];
  return Number(number) * (UNITS[unit] ?? Number.NaN);
}

/** The most memory that a host takes, by the formula in the page for operators. */
function atLimits({ limits, listeners }: Config): number {
  const { bufferedBytes, messageBytes, connections, inFlight } = limits;
  const listening = [listeners.esp, listeners.http, listeners.webhooks].filter((one) => one !== undefined).length;
  const values = { bufferedBytes, messageBytes, connections: listening * connections, inFlight };
  const [formula = ''] = /^ {4}\d+ MB \+ .*$/m.exec(read('docs/operations.md')) ?? [];
  const terms = formula.split('+').map((term) => {
    const [, number, unit, name] = /^(\d+)(?: (MB|kB))?(?: x (\w+))?$/.exec(term.trim()) ?? [];
    const value = name === undefined ? 1 : (values[name as keyof typeof values] ?? Number.NaN);
    return Number(number) * (unit === undefined ? 1 : (UNITS[unit.slice(0, 1)] ?? Number.NaN)) * value;
  });
  expect(terms).toHaveLength(1 + Object.keys(values).length);
  return terms.reduce((sum, term) => sum + term);
}

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

describe('metrics', () => {
  let api: WhatsAppApi;
  let server: Server;
  let reloader: Reloader;
  let page: string;
  let told: Set<string>;

  /** A host with everything that has metrics, asked once. */
  beforeAll(async () => {
    api = await startWhatsAppApi({ registeredNumber: '+919876543210', numbers: [], version: '2.45.1' });
    const home = folder();
    const pem = await certificates();
    file('host.pem', pem.server.certificate, home);
    file('host.key', pem.server.key, home);
    const config = file(
      'config.yaml',
      `application: { name: DMS }
channels:
  w:
    type: whatsapp
    phoneNumber: "+919876543210"
    api: { driver: on-premises, url: "${api.url}", username: admin, password: secret }
    contacts: { from: contacts-endpoint, limits: { lookupsPerDay: 100 } }
  c:
    type: whatsapp
    phoneNumber: "+919876543210"
    api: { driver: cloud, url: "${api.url}", phoneNumberId: "1", businessAccountId: "2", token: secret, limits: { usersPerDay: 10 } }
    contacts: { from: evidence }
plugins:
  - use: ${join(ROOT, 'plugins/messaging')}
    options: { sharedState: { redis: { url: "redis://127.0.0.1:1" } } }
listeners:
  esp: { port: 0, tls: { certificate: host.pem, key: host.key } }
  http: { port: 0, token: 0123456789abcdef }
  webhooks: { port: 0, forward: { crm: { path: /webhooks/whatsapp, url: "http://127.0.0.1:1" } } }
  metrics: { port: 0 }
state: { redis: { url: "redis://127.0.0.1:1" } }
`,
      home,
    );
    const load = () => loadConfig(config);
    server = await Server.start({
      prepared: await prepare(load(), { typescript: true }),
      logger: new LogLines().logger,
    });
    reloader = new Reloader({ server, files: new WatchedFiles(), load, typescript: true });
    const client = await RawClient.openTls(server.address.port, { ca: pem.server.certificate });
    await client.ask(request(1, 'Messaging', 'ValidateContact', { Id: '+16315551002', _umsChannel: 'w' }));
    const { body } = await ask(server.metricsAddress?.port ?? 0, '/metrics');
    page = body;
    told = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
    await client.close();
  });

  afterAll(async () => {
    reloader.stop();
    await server.stop();
    await api.close();
  });

  prometheusIt('are as promtool wants them', async () => {
    expect(await promtool(['check', 'metrics'], page)).toEqual({ code: 0, text: '' });
  });

  it('of the alerts exist', () => {
    const used = expressions(parse(read('deploy/alerts.yaml'))).flatMap(metricsIn);
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((name) => !told.has(name))).toEqual([]);
  });

  it('of the dashboard are there, and its panels do not cover each other', () => {
    const dashboard = JSON.parse(read('deploy/grafana-dashboard.json')) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const used = expressions(dashboard).flatMap(metricsIn);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !told.has(name))).toEqual([]);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('of the host are all in the page for operators, and no others', () => {
    const explained = new Set(metricsIn(read('docs/operations.md')).filter((name) => name.startsWith('esp_')));
    expect([...explained].sort()).toEqual([...told].filter((name) => name.startsWith('esp_')).sort());
  });
});

it('every alert is in the page for operators', () => {
  const { groups } = parse(read('deploy/alerts.yaml')) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const page = read('docs/operations.md');
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a resource may hold
  readonly spec: any;
}
const resources = parseAllDocuments(read('deploy/kubernetes.yaml')).map((one) => one.toJS() as Resource);
const of = (kind: string): Resource[] => resources.filter((one) => one.kind === kind);

describe('the manifest for Kubernetes', () => {
  const [map, set] = [of('ConfigMap')[0], of('StatefulSet')[0]];
  const { config } = parseConfig(map?.data?.['config.yaml'] ?? '', 'config.yaml', { APPLICATION_NAME: 'esp-host-0' });
  const pod = set?.spec.template.spec;
  const container = pod.containers[0];

  it('has a valid configuration, with a plugin of the image', () => {
    expect(config.application.name).toBe('esp-host-0');
    expect(
      config.plugins.map(({ use }) => use.replace(/^\/app\//, '')).every((use) => existsSync(join(ROOT, use))),
    ).toBe(true);
  });

  it('allows a host enough time to drain', () => {
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(2 * config.limits.drainMs);
  });

  it('checks its health at the configured address, and is reachable from outside', () => {
    const ports = Object.fromEntries(
      container.ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
    );
    const { esp, metrics } = config.listeners;
    expect(ports).toEqual({ esp: esp.port, metrics: metrics?.port });
    expect([esp.host, metrics?.host]).toEqual(['0.0.0.0', '0.0.0.0']);
    for (const [probe, path] of [
      ['startupProbe', '/health/ready'],
      ['readinessProbe', '/health/ready'],
      ['livenessProbe', '/health/live'],
    ] as const) {
      expect(container[probe].httpGet).toEqual({ path, port: 'metrics' });
    }
  });

  it('gives it no privileges and no writable files, and mounts the files that the configuration names', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(mounts).toEqual(['/etc/esp-host', '/run/secrets/esp-host']);
  });

  it('gives it at least the memory that the operations page recommends', () => {
    const megabytes = (text: string): number => Number(/^(\d+)Mi?$/.exec(text)?.[1]);
    const least = Number(/at least (\d+) MB/.exec(read('docs/operations.md'))?.[1]);
    const { requests, limits } = container.resources;
    expect(megabytes(requests.memory)).toBeGreaterThanOrEqual(least);
    expect(megabytes(limits.memory)).toBeGreaterThan(megabytes(requests.memory));
  });

  it('gives each host its own address', () => {
    const selected = of('Service').map(({ spec }) => spec.selector['statefulset.kubernetes.io/pod-name']);
    const pods = Array.from({ length: set?.spec.replicas }, (_, index) => `${set?.metadata.name}-${index}`);
    expect(selected.filter((name) => name !== undefined)).toEqual(pods);
  });
});

describe('the memory of a host at its limits', () => {
  const map = of('ConfigMap')[0]?.data?.['config.yaml'] ?? '';
  const inManifest = parseConfig(map, 'config.yaml', { APPLICATION_NAME: 'esp-host-0' }).config;
  const byDefault = parseConfig('application: { name: DMS }').config;

  it('is below 90% of the limit in each file, at which EspHostMemory fires', () => {
    const given = of('StatefulSet')[0]?.spec.template.spec.containers[0].resources.limits.memory ?? '';
    const unit = /^MemoryMax=(.*)$/m.exec(read('deploy/esp-host.service'))?.[1] ?? '';
    const runs = ['deploy/Dockerfile', 'docs/operations.md'].map(
      (path) => / --memory (\S+) /.exec(read(path))?.[1] ?? '',
    );
    expect(atLimits(inManifest)).toBeLessThan(0.9 * bytesOf(given));
    for (const text of [unit, ...runs]) expect(atLimits(byDefault)).toBeLessThan(0.9 * bytesOf(text));
  });

  it('matches the operations page', () => {
    const page = read('docs/operations.md');
    expect(/With the defaults, this is (\S+) GB/.exec(page)?.[1]).toBe((atLimits(byDefault) / 1e9).toFixed(1));
    expect(/it is (\S+) GB, and fits a container/.exec(page)?.[1]).toBe((atLimits(inManifest) / 1e9).toFixed(1));
    const { messageBytes, bufferedBytes } = inManifest.limits;
    expect(page).toMatch(new RegExp(`\`messageBytes: ${messageBytes}\` and\\s\`bufferedBytes: ${bufferedBytes}\``));
  });
});

describe('the unit for systemd', () => {
  const unit = read('deploy/esp-host.service');
  const setting = (name: string): string[] =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

  it('starts existing files, and allows enough time to drain', () => {
    const programs = [...setting('ExecStart'), ...setting('ExecReload')].flatMap(
      (line) => line.match(/\/opt\/\S+/g) ?? [],
    );
    expect(programs).toHaveLength(2);
    for (const program of programs) expect(existsSync(join(ROOT, program.replace('/opt/esp-host', '')))).toBe(true);
    const { drainMs } = parseConfig('application: { name: DMS }').config.limits;
    expect(Number(setting('TimeoutStopSec')[0]) * 1000).toBeGreaterThan(2 * drainMs);
  });
});

describe('the image', () => {
  const dockerfile = read('deploy/Dockerfile');
  const listed = (instruction: string): string[] =>
    JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(dockerfile)?.[1] ?? '[]') as string[];

  it('starts a host from its own files', async () => {
    const app = folder();
    const [, copied = ''] = /cp -R --parents (.*) \/app$/m.exec(dockerfile) ?? [];
    for (const path of globSync(copied.split(' '), { cwd: ROOT })) {
      cpSync(join(ROOT, path), join(app, path), { recursive: true });
    }
    const [node, program = ''] = listed('ENTRYPOINT');
    expect(node).toBe('node');
    const config = file(
      'config.yaml',
      `application: { name: DMS }
plugins: [{ use: ${join(app, 'plugins/messaging')} }]
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
`,
    );
    const words = listed('CMD').map((word) => (word === '/etc/esp-host/config.yaml' ? config : word));
    expect(words).toContain(config);
    expect(program).toBe('/app/bin/esp-host.cjs');
    const [, options = ''] = /^ENV NODE_OPTIONS=(.*)$/m.exec(dockerfile) ?? [];
    const host = new Program(words, { root: app, env: { NODE_OPTIONS: options } });
    await host.printed(/listens for ESP address=/);
    expect((await host.kill('SIGTERM')).code).toBe(0);
  });

  it('runs as a user other than root, like the manifest', () => {
    const { runAsUser, runAsGroup } = of('StatefulSet')[0]?.spec.template.spec.securityContext ?? {};
    expect(/^USER (.*)$/m.exec(dockerfile)?.[1]).toBe(`${runAsUser}:${runAsGroup}`);
    expect(runAsUser).toBeGreaterThan(0);
  });
});
