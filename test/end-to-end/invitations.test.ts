import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { killPrograms, Program } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { RedisServer } from '../support/redis-server.js';
import { redisDescribe } from '../support/redis-tests.js';
import { post, signatureOf } from '../support/webhooks.js';

const CUSTOMER = '+16315551002';
const INDIA = '+919876543210';
const APP_SECRET = 'the-secret-of-the-app';
const WAMID = 'wamid.HBgLMTYzMTU1NTEwMDIVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA';

/** Cloud API, which answers messages, or leaves them without an answer. */
class Graph {
  answers = true;
  /** Answers the messages that it left without an answer. */
  readonly late: (() => void)[] = [];
  /** `biz_opaque_callback_data` of each message. */
  readonly sent: string[] = [];
  readonly #server: Server = createServer((asked, answer) => {
    let body = '';
    asked.on('data', (chunk) => {
      body += chunk;
    });
    asked.on('end', () => this.#answer(body, answer));
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(body: string, answer: ServerResponse): void {
    answer.setHeader('content-type', 'application/json');
    if (body === '') {
      answer.end('{"data":[]}');
      return;
    }
    this.sent.push(JSON.parse(body).biz_opaque_callback_data);
    const accept = (): void => {
      answer.end(JSON.stringify({ messages: [{ id: WAMID, message_status: 'accepted' }] }));
    };
    if (this.answers) accept();
    else this.late.push(accept);
  }
}

let graph: Graph;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await killPrograms();
  graph.close();
});
afterAll(removeFolders);

interface Site {
  readonly home: string;
  readonly config: string;
  readonly webhooks: number;
}

async function site(): Promise<Site> {
  graph = await new Graph().listen();
  return hostOf(folder(), '{ file: state.db }');
}

/** A host that sends to the API. */
async function hostOf(home: string, state: string): Promise<Site> {
  const webhooks = await freePort();
  const api = `{ driver: cloud, url: "${graph.url}", phoneNumberId: "1064", businessAccountId: "1029", token: t, appSecret: ${APP_SECRET} }`;
  const templates = '{ welcome: { name: chat_invitation, language: { code: en_US } } }';
  const config = file(
    state.includes('redis') ? `config-${webhooks}.yaml` : 'config.yaml',
    `application: { name: DMS }
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "${INDIA}"
    api: ${api}
    contacts: { from: number-plan }
    invitations: { default: welcome, templates: ${templates} }
plugins: [{ use: ${join(ROOT, 'plugins/messaging')} }]
listeners: { esp: { port: 0 }, metrics: { enabled: false }, webhooks: { port: ${webhooks} } }
state: ${state}
`,
    home,
  );
  return { home, config, webhooks };
}

async function serve({ config }: Site): Promise<{ host: Program; client: RawClient; port: number }> {
  const host = new Program(['serve', '--config', config]);
  const [, port] = await host.printed(/listens for ESP.*?127\.0\.0\.1:(\d+)/);
  return { host, client: await clientOf(Number(port)), port: Number(port) };
}

async function clientOf(port: number): Promise<RawClient> {
  const client = await RawClient.open(port);
  clients.push(client);
  return client;
}

const invitation = (referenceId: number) =>
  request(referenceId, 'ChatService', 'InviteToChat', { _umsClientId: CUSTOMER, _umsBusinessId: INDIA });

const asked = async (client: RawClient): Promise<string> =>
  outcome(await client.ask(request(99, 'ChatService', 'GetInvitation', { MessageId: WAMID })));

const get = async (client: RawClient): Promise<unknown> => JSON.parse(await asked(client));

/** Posts the webhook of a status, again if the host is too busy to store it, as WhatsApp does. */
async function report({ webhooks }: Site, status: string, reference: string, second: number) {
  const statuses = [
    {
      id: WAMID,
      status,
      timestamp: `${1_764_300_000 + second}`,
      recipient_id: '16315551002',
      biz_opaque_callback_data: reference,
    },
  ];
  const changes = [{ field: 'messages', value: { metadata: { phone_number_id: '1064' }, statuses } }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1029', time: 1, changes }] });
  const headers = { 'x-hub-signature-256': signatureOf(body, APP_SECRET) };
  await until(async () => {
    const { status } = await post(webhooks, body, { path: '/webhooks/whatsapp', headers });
    expect([200, 503]).toContain(status);
    return status === 200;
  }, `the host takes the webhook of '${status}'`);
}

const command = (words: readonly string[], { home }: Site) => new Program(words, { cwd: home }).ended();

it('an invitation is followed from its request to the customer, by a strategy and by the operator', async () => {
  const here = await site();
  const { host, client } = await serve(here);
  expect(JSON.parse(outcome(await client.ask(invitation(17))))).toEqual({ MessageId: WAMID });
  expect(await get(client)).toMatchObject({ Status: 'accepted' });
  const [reference = ''] = graph.sent;
  await report(here, 'read', reference, 9);
  await report(here, 'sent', reference, 1);
  await report(here, 'sent', reference, 1);
  await until(async () => {
    const { stdout } = await command(['messages', 'show', '17', '--json'], here);
    return JSON.parse(stdout)[0].times.sent !== undefined;
  }, 'the record has all statuses');
  expect(await get(client)).toEqual({ Status: 'read', Since: '2025-11-28T03:20:09.000Z' });
  const list = await command(['messages', 'list', '--number', CUSTOMER], here);
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(list.stdout).toMatch(
    new RegExp(`^.*\\n\\d\\d-\\d\\d \\d\\d:\\d\\d {2}${reference} {2}read {4}17 +\\+\\*{8}002\\n$`),
  );
  const forget = await command(['contacts', 'forget', CUSTOMER], here);
  expect(forget).toMatchObject({ code: 0 });
  expect(outcome(await client.ask(request(99, 'ChatService', 'GetInvitation', { MessageId: WAMID })))).toMatch(/^904 /);
  const { stderr } = await host.kill('SIGTERM');
  expect(stderr).not.toMatch(/16315551002|MTYzMTU1NTEwMDI|the-secret-of-the-app/);
}, 60_000);

it('the record of an invitation survives a kill before its webhook', async () => {
  const here = await site();
  const first = await serve(here);
  await first.client.ask(invitation(17));
  await first.host.kill('SIGKILL');
  const { client } = await serve(here);
  await report(here, 'delivered', graph.sent[0] ?? '', 3);
  // The kill may have come before the message's id was recorded: the webhook brings it.
  await until(async () => (await asked(client)).includes('"Status":"delivered"'), 'the message is delivered');
}, 60_000);

it('the outcome of an invitation is unknown if the host is killed before the answer, until its webhook comes', async () => {
  const here = await site();
  graph.answers = false;
  const first = await serve(here);
  first.client.send(invitation(17));
  await until(() => graph.sent.length === 1, 'the message is sent');
  await first.host.kill('SIGKILL');
  const { host, client } = await serve(here);
  await host.printed(/invitations of an earlier run have an unknown outcome.*invitations=1/);
  const shown = await command(['messages', 'show', '17'], here);
  expect(shown.stdout).toMatch(/^status +unknown$/m);
  await report(here, 'sent', graph.sent[0] ?? '', 3);
  await host.printed(/the outcome of an invitation is known: unknown -> sent/);
  await until(async () => ((await get(client)) as { Status: string }).Status === 'sent', 'the message is sent');
}, 60_000);

redisDescribe('hosts that share a state', () => {
  let redis: RedisServer;
  let sites: [Site, Site];
  beforeEach(async () => {
    redis = await RedisServer.start();
    graph = await new Graph().listen();
    const [home, state] = [folder(), `{ redis: { url: "${redis.url}" } }`];
    sites = [await hostOf(home, state), await hostOf(home, state)];
  });
  afterEach(() => redis.stop());

  const have = (clients: readonly RawClient[], status: string): Promise<void> =>
    until(
      async () => (await Promise.all(clients.map(asked))).every((text) => text.includes(`"Status":"${status}"`)),
      `all hosts know that the message is ${status}`,
    );

  it('know what becomes of an invitation, whichever of them sends it and learns of it', async () => {
    const [here, there] = sites;
    const [one, other] = [await serve(here), await serve(there)];
    // A client takes the first reply that comes.
    const all = [await clientOf(one.port), other.client];
    graph.answers = false;
    const answered = one.client.ask(invitation(17));
    await until(() => graph.sent.length === 1, 'the message is sent');
    const [reference = ''] = graph.sent;
    // Before the host that sends it knows the id of the message.
    await report(there, 'sent', reference, 1);
    await have(all, 'sent');
    graph.late[0]?.();
    expect(JSON.parse(outcome(await answered))).toEqual({ MessageId: WAMID });
    await report(here, 'read', reference, 9);
    await have(all, 'read');
    const list = await command(['messages', 'show', '17', '--json', '--config', there.config], there);
    expect(Object.keys(JSON.parse(list.stdout)[0].times).toSorted()).toEqual(['accepted', 'read', 'requested', 'sent']);
    await command(['contacts', 'forget', CUSTOMER, '--config', here.config], here);
    for (const client of all) expect(await asked(client)).toMatch(/^904 /);
  }, 60_000);

  it('leave alone what another one sends, and know it after that was killed', async () => {
    const [here, there] = sites;
    graph.answers = false;
    const killed = await serve(here);
    killed.client.send(invitation(17));
    await until(() => graph.sent.length === 1, 'the message is sent');
    const { client } = await serve(there);
    const shown = await command(['messages', 'show', '17', '--config', there.config], there);
    expect(shown.stdout).toMatch(/^status +requested$/m);
    await killed.host.kill('SIGKILL');
    await report(there, 'delivered', graph.sent[0] ?? '', 3);
    await have([client], 'delivered');
  }, 60_000);
});
