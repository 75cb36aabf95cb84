import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { charset, EspRequest, encodeMessage } from '#wire';
import type { Platform } from '../../../mock-platform/platform/platform.js';
import { Changes } from '../../support/eventually.js';
import { removeFolders } from '../../support/files.js';
import { request } from '../../support/raw-client.js';
import { whatsAppOf } from '../../support/whatsapp-api.js';
import { AdminSetting, greet } from './setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

/** A client of /api/events, by its socket, so that it can stop to read. */
class EventsClient {
  text = '';
  readonly closed: Promise<unknown>;
  readonly #changes = new Changes();
  #over = false;

  private constructor(readonly socket: Socket) {
    this.closed = once(socket, 'close');
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.#changes.announce();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#over = true;
      this.#changes.announce();
    });
  }

  static async open({ admin }: Platform): Promise<EventsClient> {
    const { port } = new URL(admin.url);
    const socket = connect(Number(port), '127.0.0.1');
    const client = new EventsClient(socket);
    setting.onEnd(() => socket.destroy());
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await client.until(/retry: 1000/);
    return client;
  }

  until(pattern: RegExp): Promise<RegExpExecArray> {
    const came = () => `${pattern} comes; the last that came:\n${this.text.slice(-2000)}`;
    return this.#changes.first(() => {
      const found = pattern.exec(this.text);
      if (found === null && this.#over) throw new Error(`the connection closed before ${pattern} had come`);
      return found ?? undefined;
    }, came);
  }
}

describe('/api/events', () => {
  it('tells of each exchange', async () => {
    const { platform, api } = await setting.whole();
    const events = await EventsClient.open(platform);
    expect(events.text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/);
    await api.post('/api/send', greet('Ann'));
    const [, data = ''] = await events.until(/event: journal\ndata: (.*"outcome":"response".*)\n\n/);
    expect(JSON.parse(data)).toEqual((await api.get('/api/journal')).json.entries[0]);
  });

  it('tells of a message when it is sent, not only of the call that asks for it', async () => {
    const { platform, api } = await setting.whole();
    const taken = Promise.withResolvers<undefined>();
    whatsAppOf(platform).respondWith(({ path }) => (path === '/v1/messages' ? taken.promise : undefined));
    const asked = new Promise<void>((resolve) => {
      whatsAppOf(platform).calls.subscribe(() => whatsAppOf(platform).calls.count('/v1/messages') > 0 && resolve());
    });
    const numbers = { _umsClientId: '+16315551002', _umsBusinessId: '+919876543210' };
    const parameters = Object.entries(numbers).map(([name, number]) => [name, 'str', number]);
    const answer = api.post('/api/send', { to: 'host', service: 'ChatService', method: 'InviteToChat', parameters });
    await asked;
    const events = await EventsClient.open(platform);
    taken.resolve(undefined);
    await events.until(/event: changed\ndata: \{"what":"whatsapp"\}\n\n/);
    expect((await api.get('/api/whatsapp')).json.messages).toHaveLength(1);
    await answer;
  });

  it.each<[string, string, string, object | undefined]>([
    ['POST', '/api/faults', 'faults', { kind: 'noAnswer', match: { service: 'Other' } }],
    ['DELETE', '/api/faults', 'faults', undefined],
    ['POST', '/api/stubs', 'stubs', { application: 'Mail', stub: { answer: { none: true } } }],
    ['DELETE', '/api/stubs/1-1', 'stubs', undefined],
    ['PUT', '/api/whatsapp', 'whatsapp', { version: '2.45.1' }],
    ['POST', '/api/whatsapp/numbers', 'whatsapp', { number: '+15162837151' }],
    ['POST', '/api/whatsapp/expire-tokens', 'whatsapp', undefined],
    ['DELETE', '/api/journal', 'journal', undefined],
    ['POST', '/api/reset', 'stubs', undefined],
  ])('tells what %s %s changes: %s', async (method, path, what, body) => {
    const { platform, api } = await setting.whole();
    const events = await EventsClient.open(platform);
    await api.ask(method, path, body);
    await events.until(new RegExp(`event: changed\ndata: \\{"what":"${what}"\\}\n\n`));
  });

  it('tells of calls that reach the WhatsApp API, and of connections', async () => {
    const { platform } = await setting.whole();
    const events = await EventsClient.open(platform);
    const client = await setting.client(platform.esp);
    await events.until(/"what":"configuration"/);
    await client.ask(request(1, 'Messaging', 'ValidateContact', { Id: '+16315551002' }));
    await events.until(/"what":"whatsapp"/);
    events.text = '';
    await client.close();
    await events.until(/"what":"configuration"/);
  });

  it('drops who reads too slowly, and goes on for the others', async () => {
    const { platform } = await setting.whole();
    const slow = await EventsClient.open(platform);
    const quick = await EventsClient.open(platform);
    slow.socket.pause();
    const message = request(1, 'Greeting', 'Greet', { Name: 'x'.repeat(1900) });
    const frame = encodeMessage(message, charset());
    // 50 MB: more than the buffers of two sockets hold, which Linux lets grow to 32 and 4 MB.
    for (let id = 1; id <= 25_000; id++) {
      platform.journal.begin({ client: '', application: '', key: '', request: new EspRequest(message), frame });
      if (id % 500 > 0) continue;
      await quick.until(new RegExp(`"id":${id},`));
      quick.text = '';
    }
    slow.socket.resume();
    await slow.closed;
    expect(slow.text).toContain('"id":1,');
    expect(slow.text).not.toContain('"id":25000,');
    platform.journal.clear();
    await quick.until(/"what":"journal"/);
  }, 60_000);

  it('ends when the platform stops', async () => {
    const { platform } = await setting.whole();
    const events = await EventsClient.open(platform);
    await platform.stop();
    await events.closed;
    expect(events.text.endsWith('0\r\n\r\n')).toBe(true);
  });
});
