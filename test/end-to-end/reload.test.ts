import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { until } from '../support/eventually.js';
import { file, folder, removeFolders } from '../support/files.js';
import { killPrograms, Program } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

/** Answers half of its requests at once, half a moment later, always with the mark of its options. */
const PLUGIN = `
import { definePlugin, EspMethod, inject, optionsToken, z } from 'esp-host';
const options = z.strictObject({ mark: z.string() });
class Mark {
  #asked = 0;
  constructor(options) { this.options = options; }
  handle() {
    const answer = { Mark: this.options.mark };
    return this.#asked++ % 2 === 0 ? answer : new Promise((resolve) => setTimeout(() => resolve(answer), 5));
  }
}
inject(optionsToken(options))(Mark, undefined, 0);
EspMethod('Test', 'Mark', { parameters: z.object({}), response: z.object({ Mark: z.string() }) })(Mark);
export default definePlugin({ name: 'mark', options, methods: [Mark] });
`;

/** Requests that follow each other on one connection, so many at a time. */
class Load {
  asked = 0;
  over = false;
  readonly #stopped: Promise<void>;

  constructor(
    readonly client: RawClient,
    inFlight: number,
  ) {
    this.#stopped = this.#run(inFlight);
  }

  /** Every request that was made has had its reply. */
  stop(): Promise<void> {
    this.over = true;
    return this.#stopped;
  }

  async #run(inFlight: number): Promise<void> {
    while (!this.over) {
      const wanted = Array.from({ length: inFlight }, () => request(++this.asked, 'Test', 'Mark'));
      this.client.send(...wanted);
      await this.client.messages(this.asked - inFlight / 2);
    }
    await this.client.messages(this.asked);
  }
}

it('serve under load applies valid configurations at SIGHUP, refuses an invalid one, and loses no request', async () => {
  const home = folder();
  const plugin = folder();
  file('index.mjs', PLUGIN, plugin);
  const write = (mark: string, more = ''): void => {
    const plugins = `plugins: [{ use: ${plugin}, options: { mark: "${mark}" } }]`;
    const listeners = 'listeners: { esp: { port: 0 }, metrics: { port: 0 } }';
    writeFileSync(join(home, 'config.yaml'), `application: { name: DMS }\n${plugins}\n${listeners}\n${more}\n`);
  };
  write('0');
  const serve = new Program(['serve', '--config', join(home, 'config.yaml')]);
  const [, port = ''] = await serve.printed(/listens for ESP address=127\.0\.0\.1:(\d+)/);
  const loads = await Promise.all([1, 8, 32].map(async (n) => new Load(await RawClient.open(Number(port)), n)));
  const seen = (mark: string): boolean =>
    loads.every(({ client }) => client.received.slice(-100).some((reply) => outcome(reply) === `{"Mark":"${mark}"}`));

  await until(() => seen('0'));
  for (const mark of ['1', '2', '3', '4', '5']) {
    write(mark);
    serve.signal('SIGHUP');
    await until(() => seen(mark));
  }
  write('6', 'limits: { inFlihgt: 1 }');
  serve.signal('SIGHUP');
  await serve.printed(/reload rejected, .*config\.yaml:4:11: unknown key limits\.inFlihgt: did you mean inFlight\?/);
  await Promise.all(loads.map((load) => load.stop()));

  for (const { client, asked } of loads) {
    const replies = client.received.map(({ referenceId }) => referenceId ?? 0);
    expect(replies.sort((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
    expect(new Set(client.received.map(outcome))).toEqual(
      new Set(['0', '1', '2', '3', '4', '5'].map((mark) => `{"Mark":"${mark}"}`)),
    );
    await client.close();
  }
  const { code, stderr } = await serve.kill('SIGTERM');
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/FaultCode|overloaded|stopping:/);
});

it('serve answers all requests in a storm of SIGHUP that ends with SIGTERM', async () => {
  const home = folder();
  const plugin = folder();
  file('index.mjs', PLUGIN, plugin);
  const write = (mark: number): void => {
    const plugins = `plugins: [{ use: ${plugin}, options: { mark: "${mark}" } }]`;
    const rest = 'listeners: { esp: { port: 0 }, metrics: { enabled: false } }\nlimits: { drainMs: 2000 }';
    writeFileSync(join(home, 'config.yaml'), `application: { name: DMS }\n${plugins}\n${rest}\n`);
  };
  write(0);
  const serve = new Program(['serve', '--config', join(home, 'config.yaml')]);
  const [, port = ''] = await serve.printed(/listens for ESP address=127\.0\.0\.1:(\d+)/);
  const clients = await Promise.all([1, 2, 3].map(() => RawClient.open(Number(port))));
  for (const client of clients) {
    let sent = 0;
    const send = (): void => client.send(request(++sent, 'Test', 'Mark'));
    client.socket.on('data', send);
    send();
  }
  for (let mark = 1; mark <= 30; mark++) {
    write(mark);
    serve.signal('SIGHUP');
    await clients[0]?.messages(mark * 5);
  }
  write(31);
  serve.signal('SIGHUP');
  const { code, stderr } = await serve.kill('SIGTERM');
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/ WARN|ERROR (?!reload rejected, .*: the host is stopping)/);
  for (const { received } of clients) {
    expect(received.map(({ referenceId }) => referenceId)).toEqual(received.map((_, index) => index + 1));
    expect(received.filter((reply) => !/^\{"Mark":"\d+"\}$/.test(outcome(reply)))).toEqual([]);
  }
}, 60_000);

it('serve applies changes of config.yaml, including its log settings', async () => {
  const config = 'application: { name: DMS }\nlisteners: { esp: { port: 0 }, metrics: { port: 0 } }\n';
  const path = file('config.yaml', config);
  const serve = new Program(['serve', '--config', path]);
  await serve.printed(/INFO {2}DMS \(type 171\) listens for ESP/);
  writeFileSync(path, `${config}logging: { format: json }\n`);
  await serve.printed(/^\{"timestamp":.*"level":"info","message":"the new configuration is in use".*\}$/m);
  expect((await serve.kill('SIGTERM')).code).toBe(0);
});
