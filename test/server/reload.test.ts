import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  loadConfig,
  type Prepared,
  prepare,
  prepareFrom,
  Reloader,
  Server,
  WatchedFiles,
} from '../../src/server/index.js';
import { Monitor } from '../../src/telemetry/index.js';
import { deferred, pluginOf } from '../support/esp-host.js';
import { until } from '../support/eventually.js';
import { folder, ROOT, removeFolders } from '../support/files.js';
import { ask, seriesValue } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { type Certificates, certificates } from '../support/tls.js';

const GREETING = join(ROOT, 'test/fixtures/plugins/greeting');
const POLL_MS = 20;

interface Setting {
  readonly server: Server;
  readonly reloader: Reloader;
  readonly log: LogLines;
  readonly home: string;
  /** Writes config.yaml anew. */
  write(config: string): void;
}

const settings: Setting[] = [];
afterEach(async () => {
  for (const { server, reloader } of settings.splice(0)) {
    reloader.stop();
    await server.stop();
  }
});
afterAll(removeFolders);

interface Parts {
  readonly mark?: string;
  readonly esp?: string;
  readonly metrics?: string;
  readonly more?: string;
}

const config = ({ mark = '!', esp = '{ port: 0 }', metrics = '{ port: 0 }', more = '' }: Parts = {}): string =>
  `application: { name: DMS }
plugins: [{ use: ${GREETING}, options: { mark: "${mark}" } }]
listeners: { esp: ${esp}, metrics: ${metrics} }
${more}
`;

/** A server of a config.yaml in its own folder; its files are watched only if the test says so. */
async function start(text = config(), files: Record<string, string> = {}): Promise<Setting> {
  const home = folder();
  const path = join(home, 'config.yaml');
  const write = (words: string): void => writeFileSync(path, words);
  write(text);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(home, name), content);
  const log = new LogLines();
  const load = () => loadConfig(path);
  const watched = new WatchedFiles();
  const prepared = await prepareFrom(load, { typescript: true }, watched);
  const server = await Server.start({ prepared, logger: log.logger });
  const reloader = new Reloader({ server, files: watched, load, typescript: true, pollMs: POLL_MS });
  const setting = { server, reloader, log, home, write };
  settings.push(setting);
  return setting;
}

const greet = async (client: RawClient): Promise<string> =>
  outcome(await client.ask(request(1, 'Greeting', 'Greet', { Name: 'Ann' })));
const pluginA = pluginOf('A', 'A', () => ({}));
const greeting = (mark: string): string => `{"Greeting":"Hello, Ann${mark}"}`;

const metric = async ({ server }: Setting, series: string) => seriesValue(await server.metrics.text(), series);

/** Reloads, which is refused; gives what the log says. */
async function refusal({ reloader, log }: Setting): Promise<string> {
  await reloader.reload();
  const lines = log.matching(/ERROR reload rejected, the earlier configuration stays in use: /);
  return lines
    .map((line) => line.replace(/^.* stays in use: /, '').replace(/^\/.*config\.yaml/, 'config.yaml'))
    .join('\n');
}

describe('a new configuration', () => {
  it('is in use for the next request of a connection that stays', async () => {
    const setting = await start();
    const client = await RawClient.open(setting.server.address.port);
    expect(await greet(client)).toBe(greeting('!'));
    setting.write(config({ mark: '?' }));
    await setting.reloader.reload();
    expect(await greet(client)).toBe(greeting('?'));
    expect(await metric(setting, 'esp_config_reloads_total{outcome="applied"}')).toBe(1);
    await setting.log.line(/the new configuration is in use plugins="started anew" listener="as before"/);
    await client.close();
  });

  it('leaves plugins with unchanged configuration alone', async () => {
    const setting = await start();
    setting.write(config({ more: 'logging: { level: debug }' }));
    await setting.reloader.reload();
    await setting.log.line(/the new configuration is in use plugins="as before" listener="as before"/);
  });

  it('restarts plugins if the code of one has changed', async () => {
    const { server, log, home } = await start();
    const base = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
    const versions = ['one', 'two'].map((answer) => pluginOf('B', 'B', () => ({ answer })));
    for (const version of versions) {
      const plugins = [pluginA, version].map((definition) => ({ use: definition.name, definition, options: {} }));
      await server.reload({ ...base, services: 'same', plugins });
    }
    expect(log.matching(/in use plugins="started anew"/)).toHaveLength(2);
    const client = await RawClient.open(server.address.port);
    expect(outcome(await client.ask(request(1, 'B', 'B')))).toBe('{"answer":"two"}');
    await client.close();
    expect(log.matching(/ listens for ESP /)).toHaveLength(1);
  });

  it('that is wrong is rejected with file:line:column, and the old one stays in use', async () => {
    const setting = await start();
    const client = await RawClient.open(setting.server.address.port);
    setting.write(config({ mark: '?', more: 'limits: { deadlineMs: no }\nlogging: { levle: info }' }));
    expect(await refusal(setting)).toBe(
      'config.yaml:4:23: limits.deadlineMs must be a number, not "no"\n' +
        'config.yaml:5:12: unknown key logging.levle: did you mean level?',
    );
    expect(await greet(client)).toBe(greeting('!'));
    expect(await metric(setting, 'esp_config_last_reload_successful')).toBe(0);
    expect(await metric(setting, 'esp_config_reloads_total{outcome="refused"}')).toBe(1);

    setting.write(config({ mark: '?' }));
    await setting.reloader.reload();
    expect(await greet(client)).toBe(greeting('?'));
    expect(await metric(setting, 'esp_config_last_reload_successful')).toBe(1);
    await client.close();
  });

  it.each([
    [
      'names a plugin that is not there',
      config().replace(GREETING, './nowhere'),
      /^config.yaml:2:18: plugins\[0\].use .*does not exist/,
    ],
    ['gives a plugin wrong options', config().replace('mark:', 'marc:'), /^config.yaml:2:\d+: .* did you mean mark\?/],
    ['is not valid YAML', '{', /^config.yaml:1:1: is not valid YAML/],
    [
      'names certificates that are not there',
      config({ esp: '{ tls: { certificate: a, key: b } }' }),
      /^config.yaml:3:\d+: .*ENOENT/,
    ],
  ])('that %s is rejected, and the host stays ready', async (_name, text, why) => {
    const setting = await start();
    setting.write(text);
    expect(await refusal(setting)).toMatch(why);
    expect((await ask(setting.server.metricsAddress?.port ?? 0, '/health/ready')).status).toBe(200);
  });

  it('changes the limits of open connections', async () => {
    const setting = await start();
    const client = await RawClient.open(setting.server.address.port);
    const big = () => request(1, 'Greeting', 'Greet', { Name: 'x'.repeat(100_000) });
    expect(outcome(await client.ask(big()))).toMatch(/^\{"Greeting/);
    setting.write(config({ more: 'limits: { messageBytes: 20000 }' }));
    await setting.reloader.reload();
    client.send(big());
    await client.closed;
    await setting.log.line(/exceeds limits.messageBytes of 20000 bytes/);
  });
});

describe('requests in flight', () => {
  /** A generation whose method answers `name` when released, and whose plugin reports its stop. */
  function generation(setting: Prepared, name: string) {
    const [asked, wake, stopped] = [deferred(), deferred(), deferred()];
    const handled = pluginOf('Slow', 'Sleep', () => {
      asked.resolve();
      return wake.promise.then(() => ({ Name: name }));
    });
    const definition = { ...handled, stop: () => stopped.resolve() };
    const prepared = { ...setting, services: name, plugins: [{ use: name, definition, options: {} }] };
    return { prepared, asked, wake, stopped };
  }

  it('finish with the configuration they began with; its plugins stop after that, while the new ones serve', async () => {
    const { server, home } = await start();
    const base = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
    const [one, two] = [generation(base, 'one'), generation(base, 'two')];
    await server.reload(one.prepared);
    const client = await RawClient.open(server.address.port);
    client.send(request(1, 'Slow', 'Sleep'));
    await one.asked.promise;
    let stopped = false;
    void one.stopped.promise.then(() => {
      stopped = true;
    });
    await server.reload(two.prepared);
    client.send(request(2, 'Slow', 'Sleep'));
    await two.asked.promise;
    expect(seriesValue(await server.metrics.text(), 'esp_requests_in_flight')).toBe(2);
    two.wake.resolve();
    await client.messages(1);
    expect(stopped).toBe(false);
    one.wake.resolve();
    await client.messages(2);
    expect(client.received.map((reply) => [reply.referenceId, outcome(reply)])).toEqual([
      [2, '{"Name":"two"}'],
      [1, '{"Name":"one"}'],
    ]);
    await one.stopped.promise;
    await client.close();
  });

  it('are abandoned in their own generation when the client disconnects', async () => {
    const { server, home } = await start();
    const base = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
    const one = generation(base, 'one');
    await server.reload(one.prepared);
    const client = await RawClient.open(server.address.port);
    client.send(request(1, 'Slow', 'Sleep'));
    await one.asked.promise;
    await server.reload(generation(base, 'two').prepared);
    client.socket.destroy();
    await one.stopped.promise;
    expect(seriesValue(await server.metrics.text(), 'esp_requests_in_flight')).toBe(0);
    const series = 'esp_requests_total{service="Slow",method="Sleep",outcome="abandoned"}';
    expect(seriesValue(await server.metrics.text(), series)).toBe(1);
  });

  it('of an earlier generation finish before the host stops', async () => {
    const { server, home } = await start();
    const base = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
    const [one, two] = [generation(base, 'one'), generation(base, 'two')];
    await server.reload(one.prepared);
    const client = await RawClient.open(server.address.port);
    client.send(request(1, 'Slow', 'Sleep'));
    await one.asked.promise;
    await server.reload(two.prepared);
    const ended: string[] = [];
    void one.stopped.promise.then(() => ended.push('one'));
    void two.stopped.promise.then(() => ended.push('two'));
    const stopping = server.stop().then(() => ended.push('server'));
    one.wake.resolve();
    expect((await client.messages(1)).map(outcome)).toEqual(['{"Name":"one"}']);
    await stopping;
    expect(ended.toSorted()).toEqual(['one', 'server', 'two']);
    expect(ended.at(-1)).toBe('server');
  });
});

describe('a plugin that does not start', () => {
  it('leaves the old ones in use, and stops those that started before it', async () => {
    const { server, home } = await start();
    const base = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
    const stopped: string[] = [];
    const good = { ...pluginOf('A', 'A', () => ({})), stop: () => void stopped.push('good') };
    const bad = {
      ...pluginOf('B', 'B', () => ({})),
      start: () => {
        throw new Error('no database');
      },
    };
    const plugins = [good, bad].map((definition) => ({ use: definition.name, definition, options: {} }));
    await expect(server.reload({ ...base, services: 'new', plugins })).rejects.toThrow('no database');
    expect(stopped).toEqual(['good']);
    const client = await RawClient.open(server.address.port);
    expect(await greet(client)).toBe(greeting('!'));
    await client.close();
  });
});

it('a step that cannot be undone is logged, and the change is still rejected', async () => {
  const { server, home, log } = await start();
  const path = join(home, 'config.yaml');
  writeFileSync(path, config({ metrics: `{ port: ${await freePort()} }` }));
  const base = await prepare(loadConfig(path), { typescript: true });
  const bad = {
    ...pluginA,
    start: () => {
      throw new Error('no database');
    },
  };
  const close = jest.spyOn(Monitor.prototype, 'close').mockRejectedValueOnce(new Error('still busy'));
  const plugins = [{ use: 'a', definition: bad, options: {} }];
  await expect(server.reload({ ...base, services: 'new', plugins })).rejects.toThrow('no database');
  await log.line(/ERROR could not undo a step of a rejected change: still busy$/);
  const [monitor] = close.mock.contexts;
  close.mockRestore();
  await (monitor as Monitor).close();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { server, reloader } = await start();
  const { port } = server.address;
  reloader.stop();
  await server.stop();
  return port;
}

const refused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(true)).on('connect', () => resolve(socket.destroy() === undefined));
  });

describe('a listener that moves', () => {
  it('listens on its new port; its old connections are served until they are idle', async () => {
    const port = await freePort();
    const setting = await start();
    const old = setting.server.address.port;
    const client = await RawClient.open(old);
    setting.write(config({ mark: '?', esp: `{ port: ${port} }` }));
    await setting.reloader.reload();
    expect(setting.server.address.port).toBe(port);
    await setting.log.line(/the new configuration is in use plugins="started anew" listener=moved/);
    expect(await greet(client)).toBe(greeting('?'));
    expect(await refused(old)).toBe(true);
    await client.closed;
    const young = await RawClient.open(port);
    expect(await greet(young)).toBe(greeting('?'));
    expect(await metric(setting, 'esp_connections')).toBe(1);
    await young.close();
  });

  it('to a port in use is rejected', async () => {
    const other = await start();
    const setting = await start();
    setting.write(config({ mark: '?', esp: `{ port: ${other.server.address.port} }` }));
    const taken = `cannot listen on 127.0.0.1:${other.server.address.port}: another program listens there`;
    expect(await refusal(setting)).toContain(taken);
    const client = await RawClient.open(setting.server.address.port);
    expect(await greet(client)).toBe(greeting('!'));
    await client.close();
  });

  it('to the same address in another notation stays, with its connections', async () => {
    const port = await freePort();
    const setting = await start(config({ esp: `{ port: ${port} }` }));
    const client = await RawClient.open(port);
    setting.write(config({ mark: '?', esp: `{ host: "127.1", port: ${port} }` }));
    await setting.reloader.reload();
    await setting.log.line(/the new configuration is in use plugins="started anew" listener="as before"/);
    expect(await greet(client)).toBe(greeting('?'));
    await client.close();
  });

  it('to all addresses of the same port, and back, takes over from the old one', async () => {
    const port = await freePort();
    const setting = await start(config({ esp: `{ port: ${port} }` }));
    for (const host of ['0.0.0.0', '127.0.0.1']) {
      const client = await RawClient.open(port);
      setting.write(config({ mark: host, esp: `{ host: ${host}, port: ${port} }` }));
      await setting.reloader.reload();
      expect(setting.server.address).toEqual({ host, port });
      await client.closed;
      const young = await RawClient.open(port);
      expect(await greet(young)).toBe(greeting(host));
      await young.close();
    }
  });

  it('to all addresses of the same port leaves the old one alone if another listener cannot be opened', async () => {
    const [port, other] = [await freePort(), await start()];
    const setting = await start(config({ esp: `{ port: ${port} }` }));
    const http = `, http: { port: ${other.server.address.port}, token: 0123456789abcdef0123456789abcdef }`;
    setting.write(config({ mark: '?', esp: `{ host: 0.0.0.0, port: ${port} }${http}` }));
    let over = false;
    const said = refusal(setting).finally(() => {
      over = true;
    });
    const clients: RawClient[] = [];
    // One after the other: none is refused.
    while (!over) clients.push(await RawClient.open(port));
    expect(await said).toMatch(/^cannot listen on .* listeners\.http\.port$/);
    expect(setting.server.address).toEqual({ host: '127.0.0.1', port });
    for (const client of clients) expect(await greet(client)).toBe(greeting('!'));
    for (const client of clients) await client.close();
  });

  it('to all addresses of a port that another program uses at one of them is rejected; the old one stays', async () => {
    const [port, httpPort] = [await freePort(), await freePort()];
    const setting = await start(config({ esp: `{ port: ${port} }` }));
    const other = createServer().listen(port, '127.0.0.2');
    await once(other, 'listening');
    const client = await RawClient.open(port);
    const http = `, http: { port: ${httpPort}, token: 0123456789abcdef }`;
    setting.write(config({ mark: '?', esp: `{ host: 0.0.0.0, port: ${port} }${http}` }));
    expect(await refusal(setting)).toMatch(/^cannot listen on 0\.0\.0\.0:\d+: another program listens there/);
    const young = await RawClient.open(port);
    expect([await greet(client), await greet(young)]).toEqual([greeting('!'), greeting('!')]);
    expect(await refused(httpPort)).toBe(true);
    other.close();
    await Promise.all([client.close(), young.close()]);
  });

  it('listens nowhere if another listener cannot be opened', async () => {
    const [port, other, setting] = [await freePort(), await start(), await start()];
    const http = `, http: { port: ${other.server.address.port}, token: 0123456789abcdef0123456789abcdef }`;
    setting.write(config({ esp: `{ port: ${port} }${http}` }));
    expect(await refusal(setting)).toMatch(/^cannot listen on .* listeners\.http\.port$/);
    expect(await refused(port)).toBe(true);
    setting.write(config({ mark: '?', esp: `{ port: ${port} }` }));
    await setting.reloader.reload();
    const client = await RawClient.open(port);
    expect(await greet(client)).toBe(greeting('?'));
    await client.close();
  });

  it('to an address that does not exist leaves the old one listening', async () => {
    const port = await freePort();
    const setting = await start(config({ esp: `{ port: ${port} }` }));
    setting.write(config({ esp: `{ host: 192.0.2.1, port: ${port} }` }));
    expect(await refusal(setting)).toMatch(/cannot listen on 192\.0\.2\.1:\d+: this machine has no such address/);
    const client = await RawClient.open(port);
    expect(await greet(client)).toBe(greeting('!'));
    await client.close();
  });

  it('for health and metrics moves, or does not change at all', async () => {
    const [port, setting] = [await freePort(), await start()];
    const old = setting.server.metricsAddress?.port ?? 0;
    setting.write(config({ metrics: `{ port: ${port} }` }));
    await setting.reloader.reload();
    expect((await ask(port, '/health/ready')).status).toBe(200);
    await until(() => refused(old));
    setting.write(config({ metrics: `{ host: "127.1", port: ${port} }` }));
    await setting.reloader.reload();
    expect((await ask(port, '/health/ready')).status).toBe(200);
    setting.write(config({ metrics: '{ enabled: false }' }));
    await setting.reloader.reload();
    expect(setting.server.metricsAddress).toBeUndefined();
    await until(() => refused(port));
  });

  it('for health and metrics does not move if ESP cannot', async () => {
    const [port, other, setting] = [await freePort(), await start(), await start()];
    const old = setting.server.metricsAddress?.port ?? 0;
    setting.write(config({ esp: `{ port: ${other.server.address.port} }`, metrics: `{ port: ${port} }` }));
    expect(await refusal(setting)).toMatch(/cannot listen/);
    expect(await refused(port)).toBe(true);
    expect((await ask(old, '/health/ready')).status).toBe(200);
  });
});

describe('certificates', () => {
  let [one, two]: Certificates[] = [];
  beforeAll(async () => {
    [one, two] = [await certificates(), await certificates()];
  });
  const tls = (more = ''): string =>
    config({ esp: `{ port: 0, tls: { certificate: host.pem, key: host.key${more} } }` });
  const filesOf = ({ server }: Certificates) => ({ 'host.pem': server.certificate, 'host.key': server.key });
  const open = ({ server: { address } }: Setting, pem: Certificates | undefined, more = {}): Promise<RawClient> =>
    RawClient.openTls(address.port, { ca: pem?.server.certificate, ...more });

  it('apply to new handshakes when their files change, while connections and plugins stay', async () => {
    const setting = await start(tls(), filesOf(one as Certificates));
    expect(setting.log.matching(/INFO {2}DMS \(type 171\) listens for ESP over TLS address=/)).toHaveLength(1);
    setting.reloader.watch();
    const client = await open(setting, one);
    for (const [name, text] of Object.entries(filesOf(two as Certificates)))
      writeFileSync(join(setting.home, name), text);
    await setting.log.line(/the new configuration is in use plugins="as before" listener="as before"/);
    expect(await greet(client)).toBe(greeting('!'));
    await expect(open(setting, one)).rejects.toThrow('self-signed certificate');
    const young = await open(setting, two);
    expect(await greet(young)).toBe(greeting('!'));
    await Promise.all([client.close(), young.close()]);
  });

  it('that do not match their key are rejected', async () => {
    const setting = await start(tls(), filesOf(one as Certificates));
    writeFileSync(join(setting.home, 'host.key'), two?.server.key ?? '');
    expect(await refusal(setting)).toMatch(
      /^config.yaml:3:\d+: listeners.esp.tls.key is not the key of the certificate/,
    );
    await (await open(setting, one)).close();
  });

  it('are required of clients from the next connection on, even with an earlier session', async () => {
    const setting = await start(tls(), { ...filesOf(one as Certificates), 'ca.pem': one?.client.certificate ?? '' });
    const client = await open(setting, one, { maxVersion: 'TLSv1.2' });
    const session = (client.socket as TLSSocket).getSession();
    setting.write(tls(', clientCa: ca.pem'));
    await setting.reloader.reload();
    expect(await greet(client)).toBe(greeting('!'));
    const { port } = setting.server.address;
    const resumed = { port, host: '127.0.0.1', ca: one?.server.certificate, maxVersion: 'TLSv1.2', session } as const;
    const refusedClient = connectTls(resumed);
    refusedClient.on('error', () => undefined);
    await setting.log.line(/connection refused: the client sent no certificate/);
    refusedClient.destroy();
    const known = await open(setting, one, { cert: one?.client.certificate, key: one?.client.key });
    expect(await greet(known)).toBe(greeting('!'));
    await Promise.all([client.close(), known.close()]);
  });

  it('of clients that are no longer allowed are rejected from the next connection on', async () => {
    const files = { ...filesOf(one as Certificates), 'ca.pem': one?.client.certificate ?? '' };
    const setting = await start(tls(', clientCa: ca.pem, clientNames: [interaction-server]'), files);
    const own = { cert: one?.client.certificate, key: one?.client.key };
    await (await open(setting, one, own)).close();
    setting.write(tls(', clientCa: ca.pem, clientNames: [interaction-server-2]'));
    await setting.reloader.reload();
    await (await open(setting, one, own)).closed;
    await setting.log.line(/certificate \(interaction-server\) has none of the names in tls\.clientNames/);
  });

  it('turn a plain listener into a TLS listener, and back, on the same port', async () => {
    const setting = await start(config(), filesOf(one as Certificates));
    const plain = await RawClient.open(setting.server.address.port);
    setting.write(tls());
    await setting.reloader.reload();
    const secure = await open(setting, one);
    setting.write(config());
    await setting.reloader.reload();
    const again = await RawClient.open(setting.server.address.port);
    expect(await Promise.all([plain, secure, again].map(greet))).toEqual(Array(3).fill(greeting('!')));
    await Promise.all([plain, secure, again].map((client) => client.close()));
  });

  it('show when they expire', async () => {
    const setting = await start(tls(), filesOf(one as Certificates));
    const expires = await metric(setting, 'esp_certificate_expires_timestamp_seconds{listener="esp"}');
    expect(expires).toBeGreaterThan(Date.now() / 1000);
  });
});

describe('files', () => {
  it('are watched: a change of config.yaml is enough', async () => {
    const setting = await start();
    setting.reloader.watch();
    setting.write(config({ mark: '?' }));
    await setting.log.line(/the new configuration is in use/);
    const client = await RawClient.open(setting.server.address.port);
    expect(await greet(client)).toBe(greeting('?'));
    await client.close();
  });

  it('that changed between the read and the first check count as changed', async () => {
    const setting = await start();
    setting.write(config({ mark: '?' }));
    setting.reloader.watch();
    await setting.log.line(/the new configuration is in use/);
  });

  it('can be replaced behind a symbolic link, as Kubernetes does it', async () => {
    const mounted = folder();
    const version = (name: string, mark: string): void => {
      mkdirSync(join(mounted, name));
      writeFileSync(join(mounted, name, 'config.yaml'), config({ mark }));
      symlinkSync(name, join(mounted, 'next'));
      renameSync(join(mounted, 'next'), join(mounted, 'data'));
    };
    version('1', '!');
    symlinkSync('data/config.yaml', join(mounted, 'config.yaml'));
    const log = new LogLines();
    const load = () => loadConfig(join(mounted, 'config.yaml'));
    const watched = new WatchedFiles();
    const prepared = await prepareFrom(load, { typescript: true }, watched);
    const server = await Server.start({ prepared, logger: log.logger });
    const reloader = new Reloader({ server, files: watched, load, typescript: true, pollMs: POLL_MS });
    settings.push({ server, reloader, log, home: mounted, write: () => undefined });
    reloader.watch();
    version('2', '?');
    await log.line(/the new configuration is in use/);
  });

  it('that the options of a plugin name belong to it: a changed secret restarts the plugins', async () => {
    const home = folder();
    const path = join(home, 'config.yaml');
    writeFileSync(join(home, 'password'), 'one');
    writeFileSync(
      path,
      `application: { name: DMS }
channels:
  w:
    type: whatsapp
    phoneNumber: "+919876543210"
    contacts: { driver: on-premises, url: "http://127.0.0.1:1", username: admin, password: { file: password } }
plugins: [{ use: ${join(ROOT, 'test/fixtures/plugins/contacts')} }]
`,
    );
    const services = async () => (await prepare(loadConfig(path), { typescript: true })).services;
    const before = await services();
    expect(await services()).toBe(before);
    const { loaded } = await prepare(loadConfig(path), { typescript: true });
    expect(loaded.files).toEqual([path, join(home, 'password')]);
    writeFileSync(join(home, 'password'), 'two');
    expect(await services()).not.toBe(before);
  });

  it('are read once more if a reload is requested during another', async () => {
    const setting = await start();
    setting.write(config({ mark: '?' }));
    const first = setting.reloader.reload();
    setting.write(config({ mark: '.' }));
    await Promise.all([first, setting.reloader.reload()]);
    const client = await RawClient.open(setting.server.address.port);
    expect(await greet(client)).toBe(greeting('.'));
    await client.close();
  });
});

it('a stopping host accepts no new configuration', async () => {
  const { server, home } = await start();
  const prepared = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
  const stopped = server.stop();
  await expect(server.reload(prepared)).rejects.toThrow('the host is stopping');
  await stopped;
});

it('a host stops even if a plugin of a new configuration never starts', async () => {
  const { server, home } = await start();
  const base = await prepare(loadConfig(join(home, 'config.yaml')), { typescript: true });
  const starting = deferred();
  const hanging = {
    ...pluginOf('A', 'A', () => ({})),
    start: () => {
      starting.resolve();
      return new Promise<void>(() => undefined);
    },
  };
  const plugins = [{ use: 'hanging', definition: hanging, options: {} }];
  const reloaded = server.reload({ ...base, services: 'new', plugins });
  await starting.promise;
  const stopped = server.stop();
  await expect(reloaded).rejects.toThrow('the host is stopping');
  await stopped;
});
