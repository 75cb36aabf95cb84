import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Canaries } from '../support/canaries.js';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { builtPlugin } from '../support/plugins.js';
import { killPrograms, Program } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { hasRedis, RedisServer } from '../support/redis-server.js';
import { certificates } from '../support/tls.js';

const canaries = new Canaries();
const PASSWORD = canaries.make('password');
const API_KEY = canaries.make('apiKey');
const HTTP_TOKEN = canaries.make('httpToken');
const REDIS = canaries.make('redis');
const OPTION = canaries.make('option');
/** Of the login, which the upstream makes. */
const LOGIN = canaries.make('login');
/** What clients bring that is wrong. */
const WRONG = canaries.make('wrong');
/** What stands in a config that is refused. */
const MISTAKE = canaries.make('mistake');
/** A parameter of a request. */
const PARAMETER = canaries.make('parameter');
const DIGITS = canaries.add('digits', '90817263544536');

const ID = '+16315551002';
const INDIA = '+919876543210';
const OUT_OF_JSON = { 'content-type': 'application/json' };

/** All output, by its source. */
const told: [what: string, text: string | Buffer][] = [];
const tell = <T extends string | Buffer>(what: string, text: T): T => {
  told.push([what, text]);
  return text;
};

/** The leaked canaries, each with its source and line. */
function leaks(): string[] {
  return told.splice(0).flatMap(([what, text]) => {
    const found = canaries.in(text);
    if (found.length === 0) return [];
    const lines = text.toString('latin1').split('\n');
    const telling = lines.filter((one) => canaries.in(Buffer.from(one, 'latin1')).length > 0);
    return [`${what}: ${found.join(', ')}`, ...telling.slice(0, 10).map((line) => `    ${around(line)}`)];
  });
}

/** The first apparent start of a secret in a line; otherwise the start of the line. */
function around(line: string): string {
  const at = Math.max(0, line.search(/cnry/i) - 300);
  return line.slice(at, at + 600);
}

type Mode = 'good' | 'refuses' | 'forbids' | 'fails' | 'garbage' | 'redirects' | 'breaks';
let mode: Mode = 'good';
/** The credentials that the upstream was given. */
const brought = new Set<string>();

/** An upstream that echoes everything that it receives. */
async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  let body = '';
  for await (const part of incoming.setEncoding('utf8')) body += part;
  const { authorization = '', 'd360-api-key': key = '' } = incoming.headers;
  const [, basic = ''] = /^Basic (.*)$/.exec(authorization) ?? [];
  const echo = `${incoming.url} authorization: ${authorization} (${Buffer.from(basic, 'base64')}) ${key} ${body}`;
  for (const one of [authorization, Buffer.from(basic, 'base64').toString(), String(key)]) brought.add(one);
  const send = (status: number, text: string, headers = {}): void => {
    outgoing.writeHead(status, echo.replaceAll(/[^\x20-\x7e]/g, ' '), { ...OUT_OF_JSON, ...headers }).end(text);
  };
  const errors = JSON.stringify({ errors: [{ code: 1005, title: echo, details: echo }], heard: echo });
  const isLogin = incoming.url?.endsWith('/users/login');
  if (mode === 'good' || (isLogin && mode !== 'refuses')) {
    const contacts = (body === '' ? [] : (JSON.parse(body).contacts as string[])).map((input) => ({
      input,
      status: 'valid',
      wa_id: input.slice(1),
    }));
    send(200, JSON.stringify(isLogin ? { users: [{ token: LOGIN }] } : { contacts, heard: echo }));
  } else if (mode === 'refuses') send(401, errors);
  else if (mode === 'forbids') send(403, errors);
  else if (mode === 'fails') send(500, errors);
  else if (mode === 'garbage') send(200, echo);
  else if (mode === 'redirects') send(302, '', { location: `http://127.0.0.1/${encodeURIComponent(echo)}` });
  else {
    outgoing.writeHead(200, { 'content-length': '1000' }).write(echo);
    incoming.socket.destroySoon();
  }
}

/** A plugin that is careless with its secrets. */
const CARELESS = `
import { definePlugin, EspMethod, inject, optionsToken, secret, z } from 'esp-host';
const options = z.strictObject({ apiKey: secret() });
const schema = { parameters: z.looseObject({ Url: z.string() }), response: z.looseObject({}) };
class Fetch {
  constructor(options) { this.options = options; }
  async handle(call) {
    const { apiKey } = this.options;
    call.logger.info('fetches', { options: this.options, apiKey, text: String(apiKey), password: apiKey.reveal() });
    const url = new URL(call.parameters.Url);
    url.searchParams.set('api_key', apiKey.reveal());
    url.password = apiKey.reveal();
    const headers = { authorization: 'Bearer ' + apiKey.reveal() };
    try {
      await call.http.get(url, { headers });
    } catch (error) {
      call.logger.warn('cannot fetch ' + url, { error, headers });
      call.logger.warn(error.stack);
      throw error;
    }
    return { Done: '1' };
  }
}
inject(optionsToken(options))(Fetch, undefined, 0);
EspMethod('Careless', 'Fetch', schema)(Fetch);
export default definePlugin({ name: 'careless', methods: [Fetch], options });
`;

const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
let upstream: string;
let redis: RedisServer | undefined;
let home: string;
let config: string;
let pem: Awaited<ReturnType<typeof certificates>>;

const env = () => ({ UPSTREAM: upstream, CHANNEL_PASSWORD: PASSWORD, NODE_OPTIONS: '' });

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  upstream = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  pem = await certificates();
  canaries.add('TLS key', pem.server.key.split('\n')[5] ?? '');
  if (hasRedis()) redis = await RedisServer.start({ password: REDIS });
  home = folder();
  builtPlugin(CARELESS, home, 'careless');
  file('api-key', `${API_KEY}\n`, home);
  file('host.pem', pem.server.certificate, home);
  file('host.key', pem.server.key, home);
  const shared = `sharedState: { redis: { url: "${redis?.url ?? 'redis://127.0.0.1:1'}", password: "\${REDIS_PASSWORD:-${REDIS}}" } }`;
  config = `
application: { name: DMS }
channels:
  on-premises:
    type: whatsapp
    phoneNumber: "${INDIA}"
    api:
      driver: on-premises
      url: "\${UPSTREAM}"
      username: admin
      password: "\${CHANNEL_PASSWORD}"
      breaker: { failures: 1000 }
    contacts: { from: contacts-endpoint, cache: { size: 0 } }
  gateway:
    type: whatsapp
    phoneNumber: "+16315551000"
    api: { driver: gateway, url: "\${UPSTREAM}", apiKey: { file: api-key } }
    contacts: { from: contacts-endpoint, cache: { size: 0 } }
plugins:
  - { use: ${ROOT}plugins/messaging, options: { ${shared} } }
  - { use: ./careless, options: { apiKey: ${OPTION} } }
listeners:
  esp: { port: 0 }
  http: { port: 0, token: "${HTTP_TOKEN}", tls: { certificate: host.pem, key: host.key } }
  metrics: { port: 0 }
limits: { frameMs: 1000 }
logging: { level: debug }
`;
});
afterAll(async () => {
  await killPrograms();
  await redis?.stop();
  server.closeAllConnections();
  server.close();
  removeFolders();
});

/** Runs a command to its end, and records its output. */
async function run(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Program(words, { cwd: home, env: env() }).ended();
  tell(`${words[0]} (stdout)`, stdout);
  return { code, stdout, stderr: tell(`${words[0]} (stderr)`, stderr) };
}

/** Sends one HTTP request, and records the whole response. */
async function fetched(what: string, url: string, options: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, options);
  tell(what, `${response.status} ${response.statusText} ${JSON.stringify([...response.headers])}`);
  tell(what, await response.text());
  return response;
}

it('a canary is found in any form', () => {
  const own = new Canaries();
  const secret = own.make('own');
  const forms = [
    secret,
    `x${secret}y`,
    JSON.stringify({ secret }),
    JSON.stringify(secret).replaceAll('/', '\\/'),
    encodeURIComponent(secret),
    Buffer.from(`:${secret}`).toString('hex').toUpperCase(),
    Buffer.from(secret, 'utf16le').swap16(),
    Buffer.from(secret, 'utf16le').toString('hex'),
    ...['', 'u', 'us', 'use'].flatMap((user) => {
      const both = Buffer.from(`${user}:${secret}`);
      return [both.toString('base64'), both.toString('base64url')];
    }),
  ];
  expect(forms.filter((form) => own.in(form).length === 0)).toEqual([]);
  expect(own.in(JSON.stringify(forms.length))).toEqual([]);
});

/** Errors in a config, as replacements of a line, each with a secret. */
const MISTAKES: readonly [line: string, wrong: string][] = [
  ['password', `password: [${MISTAKE}]`],
  ['password', `password: { fil: "${MISTAKE}" }`],
  ['password', `pasword: "${MISTAKE}"`],
  ['password', `password: *${MISTAKE}`],
  ['password', `password: &${MISTAKE}`],
  ['password', `password: !${MISTAKE} x`],
  ['password', `password: !<${MISTAKE}> x`],
  ['password', `password: "${MISTAKE}`],
  ['password', `password: "\\q${MISTAKE}"`],
  ['password', `password: '${MISTAKE}' ${MISTAKE}`],
  ['password', `password: ${MISTAKE}: x`],
  ['password', `password: @${MISTAKE}`],
  ['password', `password: \`${MISTAKE}`],
  ['password', `password: %${MISTAKE}`],
  ['password', `password: |${MISTAKE}`],
  ['password', `password: {${MISTAKE}`],
  ['password', `password: ${DIGITS}`],
  ['password', `password: "${MISTAKE}\${NOT_SET}"`],
  ['password', `password: ${MISTAKE}\n      password: ${MISTAKE}`],
  ['password', `${MISTAKE}`],
  ['password', `<<: ${MISTAKE}`],
  ['url', `url: "ftp://admin:${encodeURIComponent(MISTAKE)}@127.0.0.1"`],
  ['url', `url: "http://admin:${encodeURIComponent(MISTAKE)}@127.0.0.1"`],
  ['url', `url: "admin:${MISTAKE}@127.0.0.1"`],
  ['url', `url: "http://127.0.0.1:port/?access_token=${encodeURIComponent(MISTAKE)}"`],
  ['http', `http: { port: 0, token: "${MISTAKE} " }`],
  ['http', `http: { port: 0, token: [${MISTAKE}] }`],
];

const lineOf = (name: string): RegExp => new RegExp(`^( *)${name}: .*$`, 'm');

const mistaken = ([line, wrong]: readonly [string, string]): string =>
  config.replace(lineOf(line), (_all, indent: string) => indent + wrong);

/** The same, with what other lines hold. */
function moreMistakes(): string[] {
  const key = JSON.stringify(pem.server.key);
  return [
    config.replace('key: host.key', `key: ${key}`),
    config.replace('certificate: host.pem', `certificate: ${key}`),
    config.replace('certificate: host.pem', 'certificate: host.key'),
    config.replace('key: host.key', 'key: host.pem'),
    config.replace(/url: "redis:\/\//, `url: "redis://:${encodeURIComponent(MISTAKE)}@`),
    config.replace(/url: "redis:\/\//, `url: "http://:${encodeURIComponent(MISTAKE)}@`),
    config.replace('apiKey: { file: api-key }', `apiKey: { file: api-key, text: "${MISTAKE}" }`),
    config.replace(`apiKey: ${OPTION}`, `apiKey: [${MISTAKE}]`),
    config.replace(`options: { apiKey: ${OPTION} }`, `options: "${MISTAKE}"`),
    MISTAKE,
  ];
}

describe('no secret is leaked', () => {
  it('by serve, in any situation', async () => {
    const path = file('config.yaml', config, home);
    const serve = new Program(['serve', '--config', path], { cwd: home, env: env() });
    const [, port] = await serve.printed(/listens for ESP address=127\.0\.0\.1:(\d+)/);
    const [, http] = await serve.printed(/calls over HTTP and TLS address=127\.0\.0\.1:(\d+)/);
    const [, metrics] = await serve.printed(/health and metrics url=(\S+)/);
    if (redis !== undefined) await serve.printed(/redis 127\.0\.0\.1:\d+ is in use/);
    const client = await RawClient.open(Number(port));
    const ask = async (...asked: Parameters<typeof request>): Promise<string> => {
      const reply = await client.ask(request(...asked));
      tell('ESP reply', JSON.stringify(reply));
      return outcome(reply);
    };

    const channels = ['on-premises', 'gateway'];
    for (const channel of channels) {
      expect(await ask(1, 'Messaging', 'ValidateContact', { Id: ID, _umsChannel: channel })).toBe(`{"Id":"${ID}"}`);
    }
    expect(await ask(1, 'Careless', 'Fetch', { Url: upstream })).toBe('{"Done":"1"}');
    expect([...brought]).toEqual(expect.arrayContaining([`admin:${PASSWORD}`, API_KEY, `Bearer ${LOGIN}`]));
    expect([...brought]).toContain(`Bearer ${OPTION}`);
    for (mode of ['refuses', 'forbids', 'fails', 'garbage', 'redirects', 'breaks'] as const) {
      for (const channel of channels) {
        expect(await ask(1, 'Messaging', 'ValidateContact', { Id: ID, _umsChannel: channel })).toMatch(/^9[02][01] /);
      }
      await ask(1, 'Careless', 'Fetch', { Url: upstream });
    }
    mode = 'good';
    expect(await ask(1, 'Careless', 'Fetch', { Url: 'http://127.0.0.1:1' })).toMatch(/^901 /);
    await ask(1, 'Careless', 'Fetch', { Url: 5, Password: PARAMETER });
    await ask(1, 'Careless', 'Other', { Password: PARAMETER });
    if (redis !== undefined) {
      await redis.stop();
      await serve.printed(/is down/);
      await redis.start();
      await serve.printed(/is back/);
    }

    const agent = { port: Number(http), ca: pem.server.certificate };
    for (const token of [HTTP_TOKEN, WRONG, `Basic ${WRONG}`, '']) {
      for (const [method, target] of [
        ['POST', '/esp/Messaging/ValidateContact'],
        ['GET', '/openapi.json'],
        ['GET', `/nowhere?access_token=${encodeURIComponent(HTTP_TOKEN)}`],
        ['PUT', `/openapi.json?access_token=${encodeURIComponent(WRONG)}`],
      ] as const) {
        const authorization = token.startsWith('Basic') ? token : `Bearer ${token}`;
        const status = await overHttp(agent, method, target, { authorization });
        if (token === HTTP_TOKEN && target === '/openapi.json' && method === 'GET') expect(status).toBe(200);
        if (token === WRONG) expect(status).toBe(401);
      }
    }
    await overHttp(agent, 'POST', '/esp/a/b', { authorization: `Bearer ${HTTP_TOKEN}` }, `{"Password":"${PARAMETER}`);
    await overHttp(agent, 'POST', '/esp/a/b', { 'bad\u0001name': HTTP_TOKEN });
    for (const page of ['/metrics', '/health/live', '/health/ready', `/${MISTAKE.slice(0, 4)}`]) {
      await fetched(`the monitor's ${page}`, `${metrics}${page}`, { headers: { authorization: `Bearer ${WRONG}` } });
    }

    const reloads = (): number => serve.stderr.match(/reload rejected|new configuration is in use/g)?.length ?? 0;
    for (const wrong of [...MISTAKES.map(mistaken), ...moreMistakes()]) {
      const before = reloads();
      writeFileSync(path, wrong);
      serve.signal('SIGHUP');
      await until(() => reloads() > before, `an answer to the configuration:\n${wrong}`);
    }
    writeFileSync(path, config);
    expect((await serve.kill('SIGTERM')).code).toBe(0);
    // The log has each failure of the upstream and each error in a configuration.
    expect(serve.stderr).toMatch(/on-premises .*login refused: status 401/);
    expect(serve.stderr).toMatch(/on-premises failed to execute request Messaging\.ValidateContact: status 500/);
    expect(serve.stderr).toMatch(/gateway failed to execute request Messaging\.ValidateContact: status 500/);
    expect(reloads()).toBeGreaterThanOrEqual(MISTAKES.length + moreMistakes().length);
    tell('serve (stdout)', serve.stdout);
    tell('serve (stderr)', serve.stderr);
    expect(leaks()).toEqual([]);
  }, 60_000);

  it('by check, doctor, methods, schema and a start that fails', async () => {
    const good = file('config.yaml', config, home);
    for (const words of [
      ['check', good],
      ['doctor', good],
      ['methods', '--config', good],
      ['schema', '--config', good],
    ]) {
      const { code, stdout, stderr } = await run(...words);
      const others = stderr.replace(
        /^\S+: warning: channels\.on-premises\.api\.driver on-premises has been dead .*\n/,
        '',
      );
      expect([words[0], code, others]).toEqual([words[0], 0, '']);
      expect(stdout).toMatch(/on-premises|"channels"|Careless\.Fetch/);
    }
    mode = 'refuses';
    expect(await run('doctor', good)).toMatchObject({ code: 1, stdout: expect.stringContaining('on-premises') });
    mode = 'good';
    const wrong = [...MISTAKES.map(mistaken), ...moreMistakes()];
    const files = wrong.map((text, index) => file(`wrong-${index}.yaml`, text, home));
    for (const path of [files[0], files[3], files.at(-1)] as string[]) {
      expect((await run('check', path)).code).toBe(1);
    }
    const [path = ''] = files;
    for (const command of ['doctor', 'serve', 'mock', 'methods', 'schema']) {
      await run(command, ...(command === 'doctor' ? [path] : ['--config', path]));
    }
    expect(leaks()).toEqual([]);
  }, 60_000);

  it('by the mock platform, its journal, console and files', async () => {
    const port = await freePort();
    const mocked = config
      .replace(`logging: { level: debug }`, 'logging: { level: debug, format: json }')
      .replace(/^ {4}phoneNumber: "\+16315551000"/m, '    phoneNumber: "+16315551000"');
    file('mock.yaml', mocked, home);
    mkdirSync(join(home, 'strategies'));
    const platform = `
interactionServer: { port: 0 }
console: { port: 0 }
strategies: strategies
applications: [{ name: DMS, type: 171, address: host }]
upstreams:
  whatsapp:
    plugin: ${join(ROOT, 'plugins/messaging')}
    settings: { registeredNumber: "${INDIA}", password: "\${CHANNEL_PASSWORD}", numbers: ["${ID}"] }
`;
    file('platform.yaml', platform, home);
    const words = ['mock', '--config', 'mock.yaml', '--platform', 'platform.yaml'];
    const mock = new Program(words, { cwd: home, env: env() });
    const [, host = ''] = await mock.printed(/Host +(\S+),/);
    const [, admin = ''] = await mock.printed(/Console +(\S+)/);
    await mock.printed(
      /Calls over HTTP +https:\/\/127\.0\.0\.1:\d+\/openapi\.json, with the token of listeners\.http\n/,
    );
    const [, api = ''] = await mock.printed(/WhatsApp API +(\S+),/);
    const events = await fetch(`${admin}/api/events`);

    const recording = `${port}.jsonl`;
    const record = new Program(['record', '--listen', `127.0.0.1:${port}`, '--to', host, '--out', recording], {
      cwd: home,
      env: env(),
    });
    await record.printed(/127\.0\.0\.1/);
    const send = (...more: string[]) => run('send', ...more, '--to', `127.0.0.1:${port}`);
    expect((await send('Messaging', 'ValidateContact', `Id=${ID}`, '_umsChannel=on-premises')).stdout).toBe(
      `Id=${ID}\n`,
    );
    for (mode of ['good', 'refuses', 'fails', 'garbage', 'breaks'] as const) {
      await send('Messaging', 'ValidateContact', `Id=${ID}`, '_umsChannel=gateway', `Password=${PARAMETER}`);
      await send('Careless', 'Fetch', `Url=${upstream}`, `Login={}`, '--user-data', `Token=${PARAMETER}`);
    }
    mode = 'good';
    await send('Careless', 'Nothing', `Password:utf16=${PARAMETER}`, '--utf16');
    expect((await record.kill('SIGINT')).code).toBe(0);
    tell('record', record.stdout + record.stderr);
    tell('the recording', readFileSync(join(home, recording)));
    await run('stubs', 'from', recording, '--out', 'from.yaml');

    await fetched('the WhatsApp API', `${api}/v1/users/login`, {
      method: 'POST',
      headers: { authorization: `Basic ${WRONG}` },
    });
    const parameters = [
      ['Id', 'str', ID],
      ['Password', 'str', PARAMETER],
      ['_umsChannel', 'str', 'gateway'],
    ];
    const body = JSON.stringify({ service: 'Messaging', method: 'ValidateContact', parameters });
    await fetched('/api/send', `${admin}/api/send`, { method: 'POST', body, headers: OUT_OF_JSON });
    const document = (await (await fetch(`${admin}/api/openapi.json`)).json()) as { paths: Record<string, object> };
    const paths = Object.keys(document.paths).filter((path) => 'get' in (document.paths[path] ?? {}));
    const forms = ['?as=send', '?as=stub', '?as=strategy-case', '?as=test'];
    for (const path of ['/', '/api/openapi.json', '/api/docs', ...paths].filter((one) => one !== '/api/events')) {
      const ids = path.includes('{id}') ? [1, 2, 3, 4, 5, 6, 11] : [1];
      for (const asked of ids.map((id) => path.replace('{id}', String(id)))) {
        for (const form of path.endsWith('/export') ? forms : ['']) {
          await fetched(`GET ${asked}${form}`, `${admin}${asked}${form}`);
        }
      }
    }
    for (const command of [
      ['list'],
      ['list', '--json'],
      ['show', '2'],
      ['show', '4'],
      ['export', '2', '--as', 'send'],
    ]) {
      expect((await run('journal', ...command, '--admin', admin)).code).toBe(0);
    }
    const reader = events.body?.getReader();
    let streamed = '';
    await until(async () => {
      streamed += Buffer.from((await reader?.read())?.value ?? []).toString('latin1');
      return streamed.includes('"id":11');
    }, 'exchange 11 in /api/events');
    await reader?.cancel();
    tell('/api/events', streamed);
    expect((await mock.kill('SIGINT')).code).toBe(0);
    tell('mock (stdout)', mock.stdout);
    tell('mock (stderr)', mock.stderr);
    const own = new Set(['config.yaml', 'mock.yaml', 'platform.yaml', 'api-key', 'host.key', 'host.pem']);
    for (const name of readdirSync(home).filter((one) => !own.has(one) && !/^(wrong-|careless|strategies)/.test(one))) {
      tell(`the file ${name}`, readFileSync(join(home, name)));
    }
    expect(leaks()).toEqual([]);
  }, 60_000);
});

/** Sends a request as raw text, for headers that no client would send, and records the response. @returns its status */
async function overHttp(
  { port, ca }: { port: number; ca: string },
  method: string,
  target: string,
  headers: Record<string, string>,
  body = '{}',
): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
  await once(socket, 'secureConnect');
  const all = {
    host: 'x',
    connection: 'close',
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  let text = '';
  for await (const part of socket.setEncoding('latin1')) text += part;
  tell(`HTTP ${method} ${target.split('?')[0]}`, text);
  return Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
}
