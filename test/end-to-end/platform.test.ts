import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { type Ended, killPrograms, Program, run } from '../support/processes.js';

const { configWith, SHIPPED } = await import(new URL('../../scripts/reference/shipped.mjs', import.meta.url).href);

/** `esp-host mock` with the project's own files, on free ports. */
function startMock(home = folder()): Program {
  const config = configWith(SHIPPED)
    .replace('port: 7120', 'port: 0')
    .replace('port: 7200', 'port: 0')
    .replace('# metrics: { host: 127.0.0.1, port: 7190 }', 'metrics: { port: 0 }')
    .replace('./plugins/messaging', join(ROOT, 'plugins/messaging'));
  const platform = readFileSync(join(ROOT, 'platform.yaml'), 'utf8')
    .replace('port: 7110', 'port: 0')
    .replace('port: 9090', 'port: 0')
    .replace('port: 8080', 'port: 0')
    .replace('./plugins/messaging', join(ROOT, 'plugins/messaging'))
    .replaceAll('./stubs', join(ROOT, 'stubs'));
  const files = ['--config', file('config.yaml', config, home), '--platform', file('platform.yaml', platform, home)];
  return new Program(['mock', ...files]);
}

const home = folder();
let mock: Program;
let host: string;
let interactionServer: string;

beforeAll(async () => {
  mock = startMock(home);
  await mock.printed(/Ctrl-C stops it all/);
  host = (await mock.printed(/Host +(\S+),/))[1] ?? '';
  interactionServer = (await mock.printed(/Interaction Server +(\S+),/))[1] ?? '';
});

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

const validate = (id: string, ...more: string[]): Promise<Ended> =>
  run('send', 'Messaging', 'ValidateContact', `Id=${id}`, ...more);

describe('the platform that `npm start` runs', () => {
  it('lists its parts and their addresses', async () => {
    expect(mock.stdout).toMatch(
      /Host +127\.0\.0\.1:\d+, as DMS \(type 171\): Messaging\.ValidateContact, ChatService\.InviteToChat, ChatService\.GetInvitation\n/,
    );
    expect(mock.stdout).toMatch(/Interaction Server +127\.0\.0\.1:\d+, connected to .*DMS/);
    expect(mock.stdout).toMatch(/WhatsApp API +http:\/\/127\.0\.0\.1:\d+, version 2\.41\.3/);
  });

  it('prints example commands that work', async () => {
    const lines = [...mock.stdout.matchAll(/^ +npx esp-host (send .*)$/gm)].map(([, line = '']) => line.split(' '));
    expect(lines.length).toBeGreaterThan(1);
    for (const words of lines)
      expect(await run(...words)).toEqual({ code: 0, stdout: 'Id=+16315551002\n', stderr: '' });
  });

  it.each([
    ['+1-631-555-1002', '+16315551002'],
    ['6315551002', ''],
    ['1-631-555-1002', ''],
    ['+1 (516) 283-7151', '+15162837151'],
    ['+54 9 11 5612-1008', '+5491156121008'],
  ])('answers the documented example %s with %j', async (id, answer) => {
    expect(await validate(id, '--to', host)).toEqual({ code: 0, stdout: `Id=${answer}\n`, stderr: '' });
  });

  it.each([[['--app-name', 'DMS']], [['--app-type', '171']], [['--app-type', 'SocialMS']]])(
    'is reached through Interaction Server by %j',
    async (target) => {
      const answer = await validate('+16315551002', '--to', interactionServer, ...target);
      expect(answer).toEqual({ code: 0, stdout: 'Id=+16315551002\n', stderr: '' });
    },
  );

  it('invites a customer, as README.md says, and shows the message', async () => {
    const asked = ['_umsClientId=+1-631-555-1002', '_umsBusinessId=+919876543210'];
    const answer = await run('send', 'ChatService', 'InviteToChat', ...asked, '--to', host);
    expect(answer).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^MessageId=wamid\.[\w+/]+\n$/),
      stderr: '',
    });
    const [, console = ''] = await mock.printed(/Console +(\S+)/);
    const { messages } = (await (await fetch(`${console}/api/whatsapp`)).json()) as { messages: { text: string }[] };
    expect(messages).toMatchObject([
      {
        to: '+16315551002',
        template: 'chat_invitation',
        text: 'Thank you for calling. Our support team can help you here as well: just reply to this message.',
        entry: { referenceId: expect.any(Number) },
      },
    ]);
  });

  describe('an invitation', () => {
    const customer = { Id: '+15162837151', path: '/api/whatsapp/phones/%2B15162837151' };
    const ours = (...words: string[]): Promise<Ended> => run(...words, '--config', join(home, 'config.yaml'));

    async function call(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<string> {
      const [, console = ''] = await mock.printed(/Console +(\S+)/);
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const answer = await fetch(console + path, { method, ...(body === undefined ? {} : json) });
      expect(answer.status).toBe(200);
      return answer.text();
    }

    async function metric(line: string): Promise<number> {
      const [, url = ''] = await mock.printed(/health and metrics url=(\S+)/);
      const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
      return Number(lines.find((one) => one.startsWith(`${line} `))?.slice(line.length));
    }

    async function invite(): Promise<string> {
      const asked = [`_umsClientId=${customer.Id}`, '_umsBusinessId=+919876543210'];
      const { stdout } = await run('send', 'ChatService', 'InviteToChat', ...asked, '--to', host);
      return /MessageId=(\S+)/.exec(stdout)?.[1] ?? '';
    }

    const status = async (id: string): Promise<string> =>
      JSON.parse((await ours('messages', 'show', id, '--json')).stdout)[0].status;

    it('is read on the phone, and then in `messages show` and metrics', async () => {
      const id = await invite();
      const { phones } = JSON.parse(await call('GET', '/api/whatsapp'));
      const phone = phones.find((one: { customer: string }) => one.customer === customer.Id);
      expect(phone.messages.at(-1)).toMatchObject({ id, text: expect.stringMatching(/^Thank you for calling/) });
      await call('POST', `${customer.path}/read`);
      await until(async () => (await status(id)) === 'read', 'the invitation is read');
      expect(await metric('esp_contacts_evidence_total{channel="whatsapp",kind="read"}')).toBe(1);
    });

    it('fails if the customer has blocked the business, and ValidateContact answers accordingly', async () => {
      expect((await validate(customer.Id, '--to', host)).stdout).toBe(`Id=${customer.Id}\n`);
      // WhatsApp counts in seconds, and within one a confirmation counts.
      const second = () => Math.floor(Date.now() / 1000);
      const confirmedIn = second();
      await until(() => second() > confirmedIn, 'the second of the last confirmation is over');
      await call('PUT', `${customer.path}/blocked`, { blocked: true });
      const id = await invite();
      await until(async () => (await status(id)) === 'failed', 'the invitation has failed');
      expect((await validate(customer.Id, '--to', host)).stdout).toBe('Id=\n');
      await call('PUT', `${customer.path}/blocked`, { blocked: false });
    });
  });

  it('runs beside another in the same folder, with its state in memory', async () => {
    const other = startMock(home);
    await other.printed(/Ctrl-C stops it all/);
    const [, address = ''] = await other.printed(/Host +(\S+),/);
    expect(other.stderr).toMatch(/WARN {2}the state is kept in memory until the host stops: .* another host uses it\n/);
    expect(await validate('+16315551002', '--to', address)).toMatchObject({ code: 0, stdout: 'Id=+16315551002\n' });
    expect((await other.kill('SIGINT')).code).toBe(0);
  });

  it('answers requests for an unknown application with fault 902', async () => {
    expect(await validate('1', '--to', interactionServer, '--app-name', 'Nobody')).toEqual({
      code: 2,
      stdout: 'FaultCode=902\nFaultString=Nobody unknown application\n',
      stderr: '',
    });
  });

  it('shuts down at Ctrl-C', async () => {
    const own = startMock();
    await own.printed(/Ctrl-C stops it all/);
    const { code, stderr } = await own.kill('SIGINT');
    expect(code).toBe(0);
    expect(stderr).toMatch(/INFO {2}stopped\n$/);
  });
});
