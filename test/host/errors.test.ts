import { expect, it } from '@jest/globals';
import { hasCode } from '../../src/esp/index.js';
import { ClientGoneError, HOST_ERRORS, PluginStartError, TimeoutError } from '../../src/host/index.js';
import { PLUGIN_ERRORS, PluginLoadError, PluginNotFoundError } from '../../src/plugin-loading/index.js';
import { ListenError, SERVER_ERRORS, ServerStoppingError } from '../../src/server/index.js';

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const table = { ...HOST_ERRORS, ...PLUGIN_ERRORS, ...SERVER_ERRORS };

it.each<[Error, keyof typeof table, string]>([
  [new PluginStartError('ESP_HOST_NO_METHOD', './p', 'no method'), 'ESP_HOST_NO_METHOD', 'PluginStartError: no method'],
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
