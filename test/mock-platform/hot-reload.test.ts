import { writeFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { charset, encodeMessage } from '#wire';
import type { Outcome as ReloadOutcome } from '../../mock-platform/hot-reload/index.js';
import type { Platform } from '../../mock-platform/index.js';
import { until } from '../support/eventually.js';
import { file, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { make } from '../support/tls.js';
import { AdminClient, greet } from './admin/setting.js';
import { CONFIG, PLATFORM, PlatformSetting } from './platform-setting.js';

let setting: PlatformSetting;
beforeEach(() => {
  setting = new PlatformSetting();
});
afterEach(() => setting.end());
afterAll(removeFolders);

const GREETING = '{"Greeting":"Hello, Ann!"}';
const greetAnn = () => request(1, 'Greeting', 'Greet', { Name: 'Ann' });
const NO_HOST = PLATFORM.replace('{ name: DMS, type: 171, address: host }', '');

/** A platform that watches its config.yaml; `write` changes the file, and returns the outcome. */
async function followed(config = CONFIG, world = PLATFORM) {
  const path = file('config.yaml', config);
  const platform = await setting.platform(config, world, { config: path, follow: true });
  const write = (text: string): Promise<ReloadOutcome> =>
    new Promise((resolve) => {
      const end = platform.reloads?.subscribe((what) => {
        end?.();
        resolve(what);
      });
      writeFileSync(path, text);
    });
  return { platform, path, write, api: await AdminClient.of(platform) };
}

const problems = (what: ReloadOutcome): string[] =>
  what.kind === 'applied'
    ? []
    : what.problems.map((one) => `${one.file.replace(/^.*\//, '')}:${one.line}:${one.column}: ${one.message}`);

const listener = (text: string): string => CONFIG.replace('esp: { port: 0 }', `esp: { ${text} }`);

async function ask(platform: Platform): Promise<string> {
  const client = await setting.client(platform.esp);
  return outcome(await client.ask(greetAnn()));
}

describe('a platform that watches its config.yaml', () => {
  it('moves its listener, keeps connections, and reconnects Interaction Server', async () => {
    const { platform, write, api } = await followed();
    const before = await setting.client(platform.esp);
    const port = await freePort();
    expect(await write(listener(`port: ${port}`))).toMatchObject({ kind: 'applied', plugins: [], configuration: true });
    expect(platform.esp).toEqual({ host: '127.0.0.1', port });
    expect(await ask(platform)).toBe(GREETING);
    expect(outcome(await before.ask(greetAnn()))).toBe(GREETING);
    const { json: status } = await api.get('/api/status');
    expect(status.addresses.host).toBe(`127.0.0.1:${port}`);
    const { json: configuration } = await api.get('/api/configuration');
    expect(configuration.applications).toMatchObject([{ name: 'DMS', address: `127.0.0.1:${port}`, connected: true }]);
    expect((await api.post('/api/send', greet('Ann'))).json.reply.messageId).toBe(501);
  });

  it('keeps its port if the new one is in use, and names the key to change', async () => {
    const { platform, write } = await followed();
    const { port } = await setting.server();
    const taken = await write(listener(`port: ${port}`));
    expect(problems(taken)).toEqual([
      expect.stringMatching(/^config\.yaml:2:27: listeners\.esp\.port is in use: another program listens on /),
    ]);
    expect(await ask(platform)).toBe(GREETING);
  });

  it('uses the same port on another host, or changes nothing if another port is in use', async () => {
    const port = await freePort();
    const { platform, write } = await followed(listener(`port: ${port}`));
    const { port: taken } = await setting.server();
    const wrong = await write(
      listener(`host: localhost, port: ${port}`).replace(
        'listeners: {',
        `listeners: { http: { port: ${taken}, token: 0123456789abcdef },`,
      ),
    );
    expect(problems(wrong)).toEqual([expect.stringMatching(/^config\.yaml:2:\d+: listeners\.http\.port is in use: /)]);
    expect(await ask(platform)).toBe(GREETING);
    expect(platform.esp.host).toBe('127.0.0.1');
    expect((await write(listener(`host: localhost, port: ${port}`))).kind).toBe('applied');
    expect(platform.esp).toEqual({ host: 'localhost', port });
    expect(outcome(await (await setting.client({ port })).ask(greetAnn()))).toBe(GREETING);
  });

  it('switches to TLS for new clients, with the current certificate', async () => {
    const { platform, write, api } = await followed(CONFIG, NO_HOST);
    const plain = await setting.client(platform.esp);
    const names = ['first', 'second'];
    const [first, second] = await Promise.all(names.map((name) => make(name)));
    const certificate = file('host.pem', first?.certificate ?? '');
    const key = file('host.key', first?.key ?? '');
    const subject = async (): Promise<string> => {
      const client = await RawClient.openTls(platform.esp.port, { rejectUnauthorized: false });
      expect(outcome(await client.ask(greetAnn()))).toBe(GREETING);
      const { CN } = (client.socket as TLSSocket).getPeerCertificate().subject;
      await client.close();
      return String(CN);
    };
    expect((await write(listener(`port: 0, tls: { certificate: ${certificate}, key: ${key} }`))).kind).toBe('applied');
    expect(await subject()).toBe('first');
    expect(outcome(await plain.ask(greetAnn()))).toBe(GREETING);
    expect((await api.post('/api/send', greet('Ann'))).json.reply.messageId).toBe(501);

    const renewed = new Promise<ReloadOutcome>((resolve) => platform.reloads?.subscribe(resolve));
    writeFileSync(certificate, second?.certificate ?? '');
    writeFileSync(key, second?.key ?? '');
    expect((await renewed).kind).toBe('applied');
    expect(await subject()).toBe('second');
  });

  it('refuses TLS that Interaction Server does not support', async () => {
    const { platform, write } = await followed();
    const { certificate, key } = await make('localhost');
    const tls = `tls: { certificate: ${file('host.pem', certificate)}, key: ${file('host.key', key)} }`;
    expect(problems(await write(listener(`port: 0, ${tls}`)))).toEqual([
      expect.stringMatching(/^platform\.yaml:2:16: applications\[0\] needs tls: \{ ca: FILE \}/),
    ]);
    expect(await ask(platform)).toBe(GREETING);
  });

  it('applies another charset, also in the journal', async () => {
    const { platform, write, api } = await followed();
    expect((await write(listener('port: 0, charset: windows-1251'))).kind).toBe('applied');
    const client = await setting.client(platform.esp);
    client.write(encodeMessage(request(1, 'Greeting', 'Greet', { Name: 'Аня' }), charset('windows-1251')));
    await client.messages(1);
    const { entries } = (await api.get('/api/journal')).json;
    expect(entries[0].parameters).toEqual([['Name', 'str', 'Аня']]);
    expect(entries[0].results).toEqual([['Greeting', 'str', 'Hello, Аня!']]);
  });

  it('applies another name, also in the journal', async () => {
    const { platform, write, api } = await followed(CONFIG, NO_HOST);
    expect((await write(CONFIG.replace('name: DMS', 'name: Other'))).kind).toBe('applied');
    expect(await ask(platform)).toBe(GREETING);
    expect((await api.get('/api/journal')).json.entries[0].application).toBe('Other');
    expect((await api.get('/api/status')).json.application.name).toBe('Other');
  });

  it('reports a refused change and its fix in the API and its events', async () => {
    const { write, api } = await followed();
    expect((await api.get('/api/reload')).json).toEqual({ following: true, last: null });
    const events = await fetch(`${api.url}/api/events`);
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    const tells = async (what: string): Promise<void> => {
      await until(async () => {
        told += (await reader?.read())?.value ?? '';
        return told.includes(`event: changed\ndata: {"what":"${what}"}\n\n`);
      }, `the event that ${what} has changed`);
      told = '';
    };
    await write(CONFIG.replace('esp:', 'epp:'));
    await tells('reload');
    expect((await api.get('/api/reload')).json).toEqual({
      following: true,
      last: {
        kind: 'refused',
        at: expect.any(Number),
        problems: [
          {
            code: 'ESP_CONFIG_UNKNOWN_KEY',
            file: expect.stringMatching(/config\.yaml$/),
            line: 2,
            column: 14,
            message: 'unknown key listeners.epp: did you mean esp?',
          },
        ],
      },
    });
    await write(CONFIG);
    await tells('configuration');
    expect((await api.get('/api/reload')).json).toEqual({
      following: true,
      last: {
        kind: 'applied',
        at: expect.any(Number),
        durationMs: expect.any(Number),
        plugins: [],
        configuration: false,
      },
    });
    await reader?.cancel();
  });
});

it('a platform that does not watch its files says so', async () => {
  const api = await AdminClient.of(await setting.platform());
  expect((await api.get('/api/reload')).json).toEqual({ following: false, last: null });
});
