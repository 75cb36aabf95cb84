import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig, prepare, Server } from '../../src/server/index.js';
import { Records, StateFile } from '../../src/state/index.js';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { ForwardReceiver, isSigned } from '../support/forward-receiver.js';
import { seriesValue } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';
import { bodyOf, type Config, PATH, post, prepared, SECRET, signatureOf } from '../support/webhooks.js';

let server: Server | undefined;
let home: string;
let log: LogLines;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(removeFolders);

async function start(config?: Config, where = folder()): Promise<number> {
  home = where;
  log = new LogLines();
  server = await Server.start({ prepared: await prepared(home, config), logger: log.logger });
  return server.webhooksAddress?.port ?? 0;
}

const metric = async (series: string): Promise<number | undefined> =>
  seriesValue((await server?.metrics.text()) ?? '', series);
const events = (outcome: string) => metric(`esp_webhook_events_total{path="${PATH}",outcome="${outcome}"}`);
const webhooks = (outcome: string, path = PATH) => metric(`esp_webhooks_total{path="${path}",outcome="${outcome}"}`);
const handled = (count: number) => until(async () => (await events('handled')) === count);

/** What the plugin keeps of an order, once the server has stopped. */
async function kept<T>(id: string): Promise<T | undefined> {
  await server?.stop();
  const file = await StateFile.open(join(home, 'state/esp-host.db'));
  const value = await new Records(file, 'receipts').get<T>(id);
  await file.close();
  return value;
}

describe('a webhook', () => {
  it('has its effect once, however often it is sent', async () => {
    const port = await start();
    await log.line(new RegExp(`webhooks over HTTP address=127\\.0\\.0\\.1:${port}$`));
    const body = bodyOf({ id: 'r1', order: '7', text: 'paid' }, { id: 'r2', order: '7', text: 'sent' });
    expect(await post(port, body)).toMatchObject({ status: 200, text: '' });
    expect(await post(port, body)).toMatchObject({ status: 200 });
    await handled(2);
    expect([await events('accepted'), await events('duplicate'), await webhooks('accepted')]).toEqual([2, 2, 2]);
    expect(await kept('order/7')).toEqual(['paid', 'sent']);
    expect(await kept('receipt/r1')).toBe(1);
  });

  it.each([
    ['another signature', { signature: signatureOf('{}') }, 401, 'unauthorized'],
    ['no signature', { signature: '' }, 401, 'unauthorized'],
    ['another method', { method: 'PUT' }, 405, 'method'],
  ])('with %s is refused', async (_what, posting, status, outcome) => {
    const port = await start();
    const answer = await post(port, bodyOf({ id: 'r1', order: '7', text: 'paid' }), posting);
    expect(answer.status).toBe(status);
    expect(await webhooks(outcome)).toBe(1);
    expect(await events('accepted')).toBe(0);
    await log.line(/webhook refused: /);
  });

  it('with another body than was signed is refused', async () => {
    const port = await start();
    const signature = signatureOf(bodyOf({ id: 'r1', order: '7', text: 'paid' }));
    expect(await post(port, bodyOf({ id: 'r1', order: '8', text: 'paid' }), { signature })).toMatchObject({
      status: 401,
    });
  });

  it('that is not JSON is refused, and one whose receiver fails can be sent again', async () => {
    const port = await start();
    expect(await post(port, 'hello')).toMatchObject({ status: 400, text: '{"error":"the body is not JSON"}' });
    expect(await post(port, '{"receipts":5}')).toMatchObject({ status: 500 });
    expect(await log.line(/ERROR webhook refused/)).toContain('receipts');
    expect([await webhooks('invalid'), await webhooks('failed')]).toEqual([1, 1]);
  });

  it('for another path is not found', async () => {
    const port = await start();
    expect(await post(port, '{}', { path: '/webhooks/other' })).toMatchObject({ status: 404 });
    expect(await webhooks('not_found', 'other')).toBe(1);
  });

  it('over the limit is refused when it is whole', async () => {
    const port = await start({ webhooks: ', bodyBytes: 2000' });
    expect(await post(port, Buffer.alloc(10_000_000, 'a'))).toMatchObject({
      status: 413,
      text: '{"error":"the body exceeds 2000 bytes (listeners.webhooks.bodyBytes)"}',
    });
    expect(await post(port, bodyOf({ id: 'r1', order: '7', text: 'paid' }))).toMatchObject({ status: 200 });
  });

  it('without room must be sent again', async () => {
    const port = await start({ webhooks: ', waiting: 1', options: ', broken: ["7"]' });
    expect(await post(port, bodyOf({ id: 'r1', order: '7', text: 'paid' }))).toMatchObject({ status: 200 });
    const answer = await post(port, bodyOf({ id: 'r2', order: '8', text: 'paid' }));
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    expect(await webhooks('full')).toBe(1);
  });

  it('verifies its URL', async () => {
    const port = await start();
    const ask = (token: string) => post(port, '', { method: 'GET', path: `${PATH}?token=${token}&challenge=4711` });
    expect(await ask(SECRET)).toMatchObject({ status: 200, text: '4711' });
    expect(await ask('wrong')).toMatchObject({ status: 403, text: '{"error":"wrong token"}' });
    expect([await webhooks('verified'), await webhooks('forbidden')]).toEqual([1, 1]);
    expect(log.lines.join('\n')).not.toContain(SECRET);
  });
});

describe('an event that cannot be handled', () => {
  it('is parked after its attempts, and handled by the next generation of the plugin', async () => {
    const port = await start({ webhooks: ', attempts: 1', options: ', broken: ["7"]' });
    await post(port, bodyOf({ id: 'r1', order: '7', text: 'paid' }, { id: 'r2', order: '8', text: 'paid' }));
    expect(await log.line(/webhook event failed/)).toContain('(parked): order 7 is unknown');
    await handled(1);
    await until(async () => (await metric('esp_webhook_events_parked')) === 1);
    await server?.reload(await prepared(home, { options: ', mark: "!"' }));
    await handled(2);
    expect(await metric('esp_webhook_events_parked')).toBe(0);
    expect(await kept('order/7')).toEqual(['paid!']);
  });

  it('waits in the state file for the next start', async () => {
    const port = await start({ options: ', broken: ["7"]' });
    await post(port, bodyOf({ id: 'r1', order: '7', text: 'paid' }));
    await post(port, bodyOf({ id: 'r2', order: '7', text: 'sent' }));
    await log.line(/next attempt in 1 s/);
    expect(await metric('esp_webhook_events_waiting')).toBe(2);
    await server?.stop();
    await start({}, home);
    await log.line(/webhook events of an earlier run are handled events=2/);
    await handled(2);
    expect(await kept('order/7')).toEqual(['paid', 'sent']);
  });
});

describe('a forward', () => {
  const forward = (url: string, more = '') => `, forward: { crm: { path: ${PATH}, url: "${url}"${more} } }`;
  const forwarded = (outcome: string) => metric(`esp_webhook_forwards_total{forward="crm",outcome="${outcome}"}`);

  it('gets what the receiver accepts, even without events, and follows a reload', async () => {
    const [one, two] = [await new ForwardReceiver().listen(), await new ForwardReceiver().listen()];
    const port = await start({ webhooks: forward(one.url, ', secret: first') });
    const body = bodyOf({ id: 'r1', order: '7', text: 'paid' });
    expect(await post(port, body, { signature: '' })).toMatchObject({ status: 401 });
    expect(await post(port, body)).toMatchObject({ status: 200 });
    expect(await post(port, body)).toMatchObject({ status: 200 });
    await one.received(1);
    await server?.reload(await prepared(home, { webhooks: forward(two.url, ', secret: second') }));
    expect(await post(port, bodyOf())).toMatchObject({ status: 200 });
    await two.received(1);
    expect(one.got.map((got) => `${got.body}`)).toEqual([body]);
    expect(two.got.map((got) => `${got.body}`)).toEqual([bodyOf()]);
    for (const [{ got }, secret] of [
      [one, 'first'],
      [two, 'second'],
    ] as const) {
      for (const each of got) expect(await isSigned(each, secret)).toBe(true);
    }
    await until(async () => (await forwarded('forwarded')) === 2);
    expect([await forwarded('duplicate'), await events('handled')]).toEqual([1, 1]);
    await Promise.all([one.close(), two.close()]);
  });

  it('that fails has no effect on the answer and the events', async () => {
    const port = await start({ webhooks: `${forward('http://127.0.0.1:1/in')}, waiting: 1` });
    for (const id of ['r1', 'r2', 'r3']) {
      expect(await post(port, bodyOf({ id, order: id, text: 'paid' }))).toMatchObject({ status: 200 });
      await until(async () => (await metric('esp_webhook_events_waiting')) === 0);
    }
    expect([await events('handled'), await forwarded('accepted'), await forwarded('dropped')]).toEqual([3, 1, 2]);
  });

  it.each([
    [
      'an unknown path',
      '{ crm: { path: /webhooks/receipt, url: "http://a" } }',
      '3:99',
      /must be the path of a receiver: .* did you mean/,
    ],
    ['a password', `{ crm: { path: ${PATH}, url: "http://a:b@c/" } }`, '3:124', /must hold no user name or password/],
    ['no URL', `{ crm: { path: ${PATH}, url: "ftp://a" } }`, '3:124', /must be an http or https URL/],
    ['an empty secret', `{ crm: { path: ${PATH}, url: "http://a", secret: "" } }`, '3:144', /must not be empty/],
    ['an odd name', `{ "a b": { path: ${PATH}, url: "http://a" } }`, '3:93', /must be a name of letters, digits/],
  ])('with %s is refused', async (_what, text, place, why) => {
    const refused = (async () => prepared(folder(), { webhooks: `, forward: ${text}` }))();
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.toThrow(`config.yaml:${place}: listeners.webhooks.forward.`);
  });
});

describe('a reload', () => {
  it('changes limits for the open listener, moves it, and closes it', async () => {
    const port = await start();
    const body = bodyOf({ id: 'r1', order: '7', text: 'paid' }, { id: 'r2', order: '7', text: 'x'.repeat(2000) });
    await server?.reload(await prepared(home, { webhooks: ', bodyBytes: 2000' }));
    expect(server?.webhooksAddress?.port).toBe(port);
    expect(await post(port, body)).toMatchObject({ status: 413 });
    await server?.reload(await prepared(home, { webhooks: ', host: localhost' }));
    const moved = server?.webhooksAddress?.port ?? 0;
    expect(await post(moved, body)).toMatchObject({ status: 200 });
    await handled(2);
    await server?.reload(await prepared(home, { listens: false }));
    expect(server?.webhooksAddress).toBeUndefined();
    await expect(post(moved, body)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('that fails closes the state file that it has opened', async () => {
    const plain = `application: { name: DMS }\nplugins: [{ use: ${join(ROOT, 'test/fixtures/plugins/effects')} }]\n`;
    const state = 'state: { file: state.db }\n';
    home = folder();
    const from = (listeners: string, more = '') =>
      prepare(loadConfig(file('config.yaml', `${plain}listeners: { ${listeners} }\n${more}`, home)), {
        typescript: true,
      });
    const [esp, metrics] = ['esp: { port: 0 }', 'metrics: { enabled: false }'];
    server = await Server.start({ prepared: await from(`${esp}, ${metrics}`), logger: new LogLines().logger });
    const taken = `webhooks: { port: ${server.address.port} }`;
    await expect(server.reload(await from(`${esp}, ${metrics}, ${taken}`, state))).rejects.toThrow(
      /listeners.webhooks.port/,
    );
    await (await StateFile.open(join(home, 'state.db'))).close();
    await server.reload(await from(`${esp}, ${metrics}, webhooks: { port: 0 }`, state));
    expect(await post(server.webhooksAddress?.port ?? 0, bodyOf())).toMatchObject({ status: 200 });
  });
});

describe('a state file', () => {
  it('of another host stops the start', async () => {
    await start();
    const other = folder();
    const state = join(home, 'state/esp-host.db');
    await expect(Server.start({ prepared: await prepared(other, { state }), logger: log.logger })).rejects.toThrow(
      `config.yaml:4:16: state.file ${state} cannot be used: another host uses it`,
    );
  });

  it('cannot change while the host runs', async () => {
    await start();
    await expect(server?.reload(await prepared(home, { state: 'other.db' }))).rejects.toThrow(
      /config.yaml:4:8: state cannot change while the host runs/,
    );
  });

  it('is necessary for the listener', async () => {
    const { parseConfig } = await import('../../src/config/index.js');
    expect(() => parseConfig('application: { name: DMS }\nlisteners: { webhooks: {} }')).toThrow(/needs state, such/);
  });
});
