import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, prepare, Server } from '../../src/server/index.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { seriesValue } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { make } from '../support/tls.js';

const GREETING = join(ROOT, 'test/fixtures/plugins/greeting');
const base = 'application: { name: DMS }\nlisteners: { esp: { port: 0 }, metrics: { port: 0 } }\n';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
afterAll(removeFolders);

async function serve(config: string, log = new LogLines()): Promise<Server> {
  const prepared = await prepare(loadConfig(file('config.yaml', config)), { typescript: true });
  const server = await Server.start({ prepared, logger: log.logger });
  servers.push(server);
  return server;
}

async function refusal(config: string, typescript = true): Promise<string> {
  try {
    await prepare(loadConfig(file('config.yaml', config)), { typescript });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replace(/^.*config\.yaml/, 'config.yaml');
    throw error;
  }
}

describe('a plugin', () => {
  it('is added by its folder and one line of config', async () => {
    const server = await serve(`${base}plugins: [{ use: ${GREETING} }]\n`);
    expect(server.methods).toEqual(['Greeting.Greet']);
    const client = await RawClient.open(server.address.port);
    expect(outcome(await client.ask(request(1, 'Greeting', 'Greet', { Name: 'Ann' })))).toBe(
      '{"Greeting":"Hello, Ann!"}',
    );
    expect(outcome(await client.ask(request(2, 'Greeting', 'Greet', { Name: 'Ann', Language: 'fr' })))).toBe(
      '904 Greeting.Greet incorrect Language: not one of en, de',
    );
    await client.close();
  });

  it('receives its options, checked by its own schema', async () => {
    const server = await serve(`${base}plugins: [{ use: ${GREETING}, options: { mark: "?" } }]\n`);
    const client = await RawClient.open(server.address.port);
    expect(outcome(await client.ask(request(1, 'Greeting', 'Greet', { Name: 'Ann' })))).toBe(
      '{"Greeting":"Hello, Ann?"}',
    );
    await client.close();
    expect(await refusal(`${base}plugins:\n  - use: ${GREETING}\n    options: { marc: "?" }\n`)).toBe(
      'config.yaml:5:16: unknown key plugins[0].options.marc: did you mean mark?',
    );
  });

  it.each([
    [
      'is not there',
      './nowhere',
      /^config.yaml:4:10: plugins\[0\].use cannot be used: \/.*nowhere does not exist: paths are relative to the file/,
    ],
    [
      'is no package here',
      'no-such-package',
      /package no-such-package is not installed: run npm install no-such-package/,
    ],
    ['holds nothing', '.', /contains none of index.ts, /],
  ])('that %s stops the start', async (_name, use, message) => {
    expect(await refusal(`${base}plugins:\n  - use: ${use}\n`)).toMatch(message);
  });

  it('that is TypeScript only is rejected where JavaScript is required', async () => {
    expect(await refusal(`${base}plugins:\n  - use: ${GREETING}\n`, false)).toMatch(
      /contains only TypeScript, but serve loads JavaScript/,
    );
  });

  it('that has no definePlugin, or does not load, is reported with its file', async () => {
    const empty = folder();
    file('index.js', 'export const x = 1;\n', empty);
    expect(await refusal(`${base}plugins:\n  - use: ${empty}\n`)).toMatch(
      /index.js has no 'export default definePlugin/,
    );
    const broken = folder();
    file('index.js', 'throw new Error("no luck");\n', broken);
    expect(await refusal(`${base}plugins:\n  - use: ${broken}\n`)).toMatch(/index.js failed to load: no luck/);
  });

  it('that claims a method of another stops the start, with both names', async () => {
    expect(await refusal(`${base}plugins:\n  - use: ${GREETING}\n  - use: ${GREETING}\n`)).toBe(
      'config.yaml:5:10: plugins[1].use claims Greeting.Greet, as plugins[0].use (plugin greeting) does: remove one of them',
    );
  });
});

describe('a channel', () => {
  it('of a type that no plugin has stops the start', async () => {
    const channel = 'channels:\n  w: { type: whatsap }\n';
    expect(await refusal(base + channel)).toBe(
      "config.yaml:4:14: channels.w.type is 'whatsap', but the channel types of the plugins are: none",
    );
  });
});

describe('certificates', () => {
  it.each([
    [
      'that are not there',
      'tls: { certificate: no.pem, key: no.key }',
      /config.yaml:4:25: listeners.esp.tls.certificate cannot be read: ENOENT/,
    ],
    [
      'whose key is not there',
      'tls: { certificate: config.yaml, key: no.key }',
      /config.yaml:4:43: listeners.esp.tls.key cannot be read: ENOENT/,
    ],
    [
      'whose clientCa is not there',
      'tls: { certificate: config.yaml, key: config.yaml, clientCa: no.pem }',
      /config.yaml:4:66: listeners.esp.tls.clientCa cannot be read: ENOENT/,
    ],
    [
      'that are none',
      'tls: { certificate: config.yaml, key: config.yaml }',
      /listeners.esp.tls is not a usable certificate and key/,
    ],
  ])('%s stop the start', async (_name, tls, message) => {
    expect(await refusal(`application: { name: DMS }\nlisteners:\n  esp:\n    ${tls}\n`)).toMatch(message);
  });
});

it('a port in use is reported with what to do', async () => {
  const first = await serve(base);
  const config = base.replace('port: 0', `port: ${first.address.port}`);
  await expect(serve(config)).rejects.toThrow(
    `cannot listen on 127.0.0.1:${first.address.port}: another program listens there; stop it, or choose another port in listeners.esp.port`,
  );
});

describe('the HTTP listener', () => {
  const TOKEN = '0123456789abcdef-._~+/==';
  const http = (more: string): string =>
    `application: { name: DMS }\nlisteners:\n  esp: { port: 0 }\n  http: { port: 0, ${more} }\n  metrics: { enabled: false }\n`;
  const ask = (server: Server, token: string) =>
    fetch(`http://127.0.0.1:${server.httpAddress?.port}/openapi.json`, {
      headers: { authorization: `Bearer ${token}` },
    });

  it('is off unless it is configured', async () => {
    expect((await serve(base)).httpAddress).toBeUndefined();
  });

  it('answers requests with its token, and stops with the host', async () => {
    const log = new LogLines();
    const server = await serve(http(`token: "${TOKEN}"`), log);
    const line = new RegExp(`INFO  calls over HTTP address=127.0.0.1:${server.httpAddress?.port}$`);
    expect(log.matching(line)).toHaveLength(1);
    expect((await ask(server, TOKEN)).status).toBe(200);
    expect((await ask(server, 'other')).status).toBe(401);
    await server.stop();
    await expect(ask(server, TOKEN)).rejects.toThrow();
    expect(log.lines.join('\n')).not.toContain(TOKEN);
  });

  it('encrypts with its certificate', async () => {
    const { certificate, key } = await make('localhost');
    const tls = `tls: { certificate: ${file('host.pem', certificate)}, key: ${file('host.key', key)} }`;
    const log = new LogLines();
    const server = await serve(http(`token: "${TOKEN}", ${tls}`), log);
    const { port } = server.httpAddress ?? { port: 0 };
    expect(log.matching(new RegExp(`INFO  calls over HTTP and TLS address=127.0.0.1:${port}$`))).toHaveLength(1);
    const socket = connect({ host: '127.0.0.1', port, ca: certificate });
    await once(socket, 'secureConnect');
    socket.destroy();
    const expires = 'esp_certificate_expires_timestamp_seconds';
    const text = await server.metrics.text();
    const validTo = Date.parse(new X509Certificate(certificate).validTo) / 1000;
    expect(seriesValue(text, `${expires}{listener="http"}`)).toBe(validTo);
    expect(seriesValue(text, `${expires}{listener="esp"}`)).toBeUndefined();
  });

  it('reads its token from a file', async () => {
    const path = file('token', `${TOKEN}\n`);
    expect((await ask(await serve(http(`token: { file: ${path} }`)), TOKEN)).status).toBe(200);
  });

  it.each([
    ['port: 7180', /^config.yaml:4:9: listeners.http.token is missing: it must be a string, or { file: path }$/],
    ['token: ""', /^config.yaml:4:27: listeners.http.token must have at least 16 characters.*: `openssl rand -hex 32`/],
    ['token: hunter2', /^config.yaml:4:27: listeners.http.token must have at least 16 characters/],
    ['token: "hunter2 hunter2 hunter2"', /^config.yaml:4:27: listeners.http.token must have at least 16/],
    [
      'token: { file: none.txt }',
      /^config.yaml:4:35: listeners.http.token.file cannot be read \(ENOENT\): .*none.txt$/,
    ],
    ['token: 0123456789abcdef0, prot: 1', /unknown key listeners.http.prot: did you mean port\?/],
    [
      'token: 0123456789abcdefg, tls: { certificate: no.pem, key: no.key }',
      /^config.yaml:4:66: listeners.http.tls.certificate cannot be read: ENOENT/,
    ],
  ])('with %s stops the start', async (more, message) => {
    const said = await refusal(http(more).replace('port: 0, port: 7180', 'port: 0'));
    expect(said).toMatch(message);
    expect(said).not.toContain('hunter2');
  });

  it('whose port is taken stops the start, and leaves nothing open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const log = new LogLines();
    const config = http(`token: "${TOKEN}"`).replace('http: { port: 0', `http: { port: ${port}`);
    await expect(serve(config, log)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port in listeners.http.port`,
    );
    expect(log.matching(/ listens for ESP/)).toEqual([]);
    taken.close();
  });
});

it('logs its addresses and methods at the start', async () => {
  const log = new LogLines();
  const server = await serve(`${base}plugins: [{ use: ${GREETING} }]\n`, log);
  expect(log.lines.at(-1)).toMatch(
    new RegExp(
      `INFO  DMS \\(type 171\\) listens for ESP address=127.0.0.1:${server.address.port} methods=Greeting.Greet$`,
    ),
  );
});

it('shows since when its configuration is in use', async () => {
  const before = Math.floor(Date.now() / 1000);
  const since = seriesValue(await (await serve(base)).metrics.text(), 'esp_config_applied_timestamp_seconds');
  expect(since).toBeGreaterThanOrEqual(before);
  expect(since).toBeLessThanOrEqual(Date.now() / 1000);
});

it('logs its stop, with the number of open connections', async () => {
  const log = new LogLines();
  const server = await serve(base, log);
  const client = await RawClient.open(server.address.port);
  await client.ask(request(1, 'No', 'Such'));
  await server.stop();
  expect(log.lines.slice(-2)).toEqual([
    expect.stringMatching(/INFO {2}stopping inFlight=0 connections=1$/),
    expect.stringMatching(/INFO {2}stopped$/),
  ]);
  await client.closed;
});

describe('limits.connections beyond what the process may open', () => {
  // Like a phone number, a number of ten digits shows only its last three.
  const WARNING =
    /WARN .*the process may open \S+ files \(ulimit -n\), which allows for \S+ connections; limits.connections asks for \*+(\d{3})$/;
  const wanted = (log: LogLines) => log.matching(WARNING).map((line) => WARNING.exec(line)?.[1]);
  const config = (connections: number, http = '') =>
    `application: { name: DMS }
listeners: { esp: { port: 0 }, metrics: { enabled: false }${http} }
limits: { connections: ${connections} }
`;
  const prepared = (text: string) => prepare(loadConfig(file('config.yaml', text)), { typescript: true });

  it('are warned about once per number', async () => {
    const log = new LogLines();
    const server = await serve(config(2_000_000_111), log);
    await server.reload(await prepared(config(2_000_000_111)));
    expect(wanted(log)).toEqual(['111']);
    await server.reload(await prepared(config(2_000_000_222)));
    await server.reload(await prepared(config(1)));
    expect(wanted(log)).toEqual(['111', '222']);
  });

  it('count twice with an HTTP listener', async () => {
    const log = new LogLines();
    await serve(config(2_000_000_111, ', http: { port: 0, token: 0123456789abcdef }'), log);
    expect(wanted(log)).toEqual(['222']);
  });
});
