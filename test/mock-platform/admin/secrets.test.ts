import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { until } from '../../support/eventually.js';
import { removeFolders } from '../../support/files.js';
import { whatsAppOf } from '../../support/whatsapp-api.js';
import { AdminSetting, greet } from './setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

/** An upstream that answers with a secret. */
async function upstream(): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('{"token":"hunter2","user":{"api_key":"hunter2"}}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  setting.onEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A token of the WhatsApp API. */
async function tokenOf(url: string): Promise<string> {
  const authorization = `Basic ${Buffer.from('admin:hunter2').toString('base64')}`;
  const answer = await fetch(`${url}/v1/users/login`, { method: 'POST', headers: { authorization } });
  const { users } = (await answer.json()) as { users: [{ token: string }] };
  return users[0].token;
}

it('no password, token or key is in any answer', async () => {
  const { platform, api } = await setting.whole();
  const token = await tokenOf(whatsAppOf(platform).url);
  const events = await fetch(`${platform.admin.url}/api/events`);
  const validate = { service: 'Messaging', method: 'ValidateContact', parameters: [['Id', 'str', '+16315551002']] };
  const secret = [
    ['Name', 'str', 'Ann'],
    ['Password', 'str', 'hunter2'],
    ['Login', 'list', [['access_token', 'utf16', 'hunter2']]],
    ['Credentials', 'list', [['User', 'str', 'hunter2']]],
  ];
  const userData = [['ApiKey', 'str', 'hunter2']];
  await api.post('/api/send', greet('Ann', validate));
  await api.post('/api/send', greet('Ann', { parameters: secret, userData }));
  const Url = [['Url', 'str', await upstream()]];
  await api.post('/api/send', greet('Ann', { service: 'Upstream', method: 'Post', parameters: Url }));
  await api.post('/api/strategies/run', { file: 'greet.yaml' });
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  let told = '';
  await until(async () => {
    told += (await reader?.read())?.value ?? '';
    return told.includes('"id":4');
  }, 'exchange 4 in /api/events');
  await reader?.cancel();
  const document = (await api.get('/api/openapi.json')).json as { paths: Record<string, object> };
  const paths = Object.keys(document.paths).filter((path) => 'get' in (document.paths[path] ?? {}));
  const asked = ['/', '/api/openapi.json', '/api/docs', ...paths].flatMap((path) => {
    if (!path.includes('{id}')) return [path];
    const forms = path.endsWith('/export') ? ['?as=send', '?as=stub', '?as=strategy-case', '?as=test'] : [''];
    return [1, 2, 3, 4].flatMap((id) => forms.map((form) => path.replace('{id}', String(id)) + form));
  });
  const answers = await Promise.all(asked.map((path) => api.get(path)));
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(20);
  for (const text of [told, ...answers.map((answer) => answer.text)]) {
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(token);
  }
});
