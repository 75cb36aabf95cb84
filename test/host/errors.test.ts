import { expect, it } from '@jest/globals';
import { hasCode } from '../../src/esp/index.js';
import {
  ClientGoneError,
  CommandFailedError,
  HOST_ERRORS,
  MockRouteError,
  PluginDefinitionError,
  PluginStartError,
  TimeoutError,
  WebhookRefusedError,
} from '../../src/host/index.js';
import { PLUGIN_ERRORS, PluginLoadError, PluginNotFoundError } from '../../src/plugin-loading/index.js';
import { ListenError, SERVER_ERRORS, ServerStoppingError } from '../../src/server/index.js';

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const table = { ...HOST_ERRORS, ...PLUGIN_ERRORS, ...SERVER_ERRORS };

it.each<[Error, keyof typeof table, string]>([
  [new PluginStartError('ESP_HOST_NO_METHOD', './p', 'no method'), 'ESP_HOST_NO_METHOD', 'PluginStartError: no method'],
  [new PluginDefinitionError('no name'), 'ESP_HOST_INVALID_PLUGIN', 'PluginDefinitionError: no name'],
  [new MockRouteError(404, 'no customer'), 'ESP_HOST_MOCK_REFUSED', 'MockRouteError: no customer'],
  [new WebhookRefusedError(401, 'wrong'), 'ESP_HOST_WEBHOOK_REFUSED', 'WebhookRefusedError: wrong'],
  [new CommandFailedError('no state'), 'ESP_HOST_COMMAND_FAILED', 'CommandFailedError: no state'],
  [new TimeoutError(50), 'ESP_HOST_TIMEOUT', 'TimeoutError: timed out after 50 ms'],
  [new ClientGoneError(), 'ESP_HOST_CLIENT_GONE', 'ClientGoneError: the client has gone'],
  [new PluginNotFoundError('nowhere'), 'ESP_PLUGIN_NOT_FOUND', 'PluginNotFoundError: nowhere'],
  [
    new PluginLoadError('/p.js', 'ESP_PLUGIN_LOAD_FAILED', 'failed to load: no'),
    'ESP_PLUGIN_LOAD_FAILED',
    'PluginLoadError: /p.js failed to load: no',
  ],
  [
    new ListenError(refused, { host: 'h', port: 1 }, 'listeners.esp'),
    'ESP_SERVER_LISTEN_FAILED',
    'ListenError: cannot listen on h:1: refused',
  ],
  [new ServerStoppingError(), 'ESP_SERVER_STOPPING', 'ServerStoppingError: the host is stopping'],
])('%s has a code in the table of its layer', (error, code, text) => {
  expect(hasCode(error, code)).toBe(true);
  expect(table).toHaveProperty(code);
  expect(String(error)).toBe(text);
});

it('they hold what their codes describe', () => {
  const cause = new Error('why');
  expect(new PluginStartError('ESP_HOST_PLUGIN_FAILED', './p', 'no', { cause })).toMatchObject({ use: './p', cause });
  expect(new CommandFailedError('no', { cause })).toMatchObject({ cause });
  expect(new MockRouteError(404, 'no')).toMatchObject({ status: 404 });
  expect(new WebhookRefusedError(403, 'no')).toMatchObject({ status: 403 });
  expect(new TimeoutError(50)).toMatchObject({ timeoutMs: 50 });
});
