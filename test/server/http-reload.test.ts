import { writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig, prepare, Server } from '../../src/server/index.js';
import { folder, ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';

const GREETING = join(ROOT, 'test/fixtures/plugins/greeting');
const TOKEN = 'the-token-of-before';
const OTHER = 'the-token-of-afterwards';

let server: Server;
let agent: Agent;
const home = folder();
const log = new LogLines();

afterEach(async () => {
  agent.destroy();
  await server.stop();
});
afterAll(removeFolders);

async function prepared(http: string, { mark = '!', limits = '{}' } = {}) {
  const path = join(home, 'config.yaml');
  const listeners = `{ esp: { port: 0 }, metrics: { enabled: false }${http === '' ? '' : `, http: ${http}`} }`;
  writeFileSync(
    path,
    `application: { name: DMS }
plugins: [{ use: ${GREETING}, options: { mark: "${mark}" } }]
listeners: ${listeners}
limits: ${limits}
`,
  );
  return prepare(loadConfig(path), { typescript: true });
}

async function start(http = `{ port: 0, token: ${TOKEN} }`): Promise<void> {
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  server = await Server.start({ prepared: await prepared(http), logger: log.logger });
}

interface Greeted {
  readonly status: number | undefined;
  readonly text: string;
  /** Whether the connection of before was used. */
  readonly again: boolean;
}

interface Where {
  readonly host: string;
  readonly port: number;
}

/** On the connection that is kept, or on a new one to `to`. */
async function greet(token = TOKEN, to?: Where): Promise<Greeted> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { host, port } = to ?? server.httpAddress ?? {};
  const kept = to === undefined ? agent : false;
  const asked = request({ port, host, path: '/esp/Greeting/Greet', method: 'POST', headers, agent: kept });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asked.once('response', resolve).once('error', reject).end('{"Name":"Ann"}');
  const response = await promise;
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, again: asked.reusedSocket };
}

const greeting = (mark: string): string => `{"parameters":{"Greeting":"Hello, Ann${mark}"}}`;

describe('a reload', () => {
  it('changes plugins, limits and the token for a connection that stays', async () => {
    await start();
    expect(await greet()).toEqual({ status: 200, text: greeting('!'), again: false });
    const http = `{ port: 0, token: ${OTHER} }`;
    await server.reload(await prepared(http, { mark: '?', limits: '{ messageBytes: 16380 }' }));
    expect(await greet(OTHER)).toEqual({ status: 200, text: greeting('?'), again: true });
    expect(await greet(TOKEN)).toMatchObject({ status: 401, again: true });
    await server.reload(await prepared(http, { limits: '{ inFlight: 1, listEntries: 1, listDepth: 1 }' }));
    expect(await greet(OTHER)).toMatchObject({ status: 413, again: true });
  });

  it('opens the listener, and closes it again', async () => {
    await start('');
    expect(server.httpAddress).toBeUndefined();
    await server.reload(await prepared(`{ port: 0, token: ${TOKEN} }`));
    const address = server.httpAddress as Where;
    expect(await greet()).toMatchObject({ status: 200 });
    await server.reload(await prepared('', { mark: '?' }));
    expect(server.httpAddress).toBeUndefined();
    await expect(greet(TOKEN, address)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('moves the listener', async () => {
    await start();
    const before = server.httpAddress as Where;
    const after = { host: '127.0.0.2', port: before.port };
    await server.reload(await prepared(`{ host: 127.0.0.2, port: ${after.port}, token: ${TOKEN} }`, { mark: '?' }));
    expect(server.httpAddress).toEqual(after);
    expect(await greet(TOKEN, after)).toMatchObject({ status: 200, text: greeting('?') });
    await expect(greet(TOKEN, before)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('that cannot listen changes nothing', async () => {
    await start();
    const taken = server.address.port;
    await expect(server.reload(await prepared(`{ port: ${taken}, token: ${OTHER} }`, { mark: '?' }))).rejects.toThrow(
      `cannot listen on 127.0.0.1:${taken}: another program listens there; stop it, or choose another port in listeners.http.port`,
    );
    expect(await greet()).toMatchObject({ status: 200, text: greeting('!') });
  });
});
