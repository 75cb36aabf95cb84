import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Platform } from '../../../mock-platform/platform/platform.js';
import { until } from '../../support/eventually.js';
import type { PlatformSetting } from '../platform-setting.js';
import { type AdminClient, greet } from './setting.js';

/** An upstream that answers with a secret. */
async function upstream(setting: PlatformSetting): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('{"token":"hunter2","user":{"api_key":"hunter2"}}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  setting.onEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Sends a request, two requests with the secret `hunter2`, and runs a strategy.
 *
 * @returns what /api/events and every GET path then show
 */
export async function allAnswers(
  setting: PlatformSetting,
  { platform, api }: { readonly platform: Platform; readonly api: AdminClient },
  first: object,
): Promise<string[]> {
  const events = await fetch(`${platform.admin.url}/api/events`);
  const secret = [
    ['Name', 'str', 'Ann'],
    ['Password', 'str', 'hunter2'],
    ['Login', 'list', [['access_token', 'utf16', 'hunter2']]],
    ['Credentials', 'list', [['User', 'str', 'hunter2']]],
  ];
  const userData = [['ApiKey', 'str', 'hunter2']];
  await api.post('/api/send', first);
  await api.post('/api/send', greet('Ann', { parameters: secret, userData }));
  const Url = [['Url', 'str', await upstream(setting)]];
  await api.post('/api/send', greet('Ann', { service: 'Upstream', method: 'Post', parameters: Url }));
  await api.post('/api/strategies/run', { file: 'greet.yaml' });
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  let shown = '';
  await until(async () => {
    shown += (await reader?.read())?.value ?? '';
    return shown.includes('"id":4');
  }, 'exchange 4 in /api/events');
  await reader?.cancel();
  const document = (await api.get('/api/openapi.json')).json as { paths: Record<string, object> };
  const paths = Object.keys(document.paths).filter((path) => 'get' in (document.paths[path] ?? {}));
  const requested = ['/', '/api/openapi.json', '/api/docs', ...paths].flatMap((path) => {
    if (!path.includes('{id}')) return [path];
    const forms = path.endsWith('/export') ? ['?as=send', '?as=stub', '?as=strategy-case', '?as=test'] : [''];
    return [1, 2, 3, 4].flatMap((id) => forms.map((form) => path.replace('{id}', String(id)) + form));
  });
  const answers = await Promise.all(requested.map((path) => api.get(path)));
  const { length: succeeded } = answers.filter(({ status }) => status === 200);
  if (succeeded <= 20) throw new Error(`only ${succeeded} paths answered`);
  return [shown, ...answers.map(({ text }) => text)];
}
