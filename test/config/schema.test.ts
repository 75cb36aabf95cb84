import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, filePath, parseConfig } from '../../src/config/index.js';
import { folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

/** The largest whole number that a config can have. */
const MOST = Number.MAX_SAFE_INTEGER;

type Tree = { readonly [key: string]: unknown };

/** A config with these keys, `limits: { inFlight: 5 }` as `{ limits: { inFlight: 5 } }`. */
const parse = (keys: Tree) => parseConfig(JSON.stringify({ application: { name: 'DMS' }, ...keys }), 'c', {}).config;

/** What is wrong with a config with these keys. */
function mistakes(keys: Tree): string[] {
  try {
    parse(keys);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

const state = { file: 'state.db' };
const token = '0123456789abcdef';
const url = 'https://hooks.example/in';
const forwarding = (settings: Tree) => ({
  state,
  listeners: { webhooks: { forward: { crm: { path: '/in', url, ...settings } } } },
});

it('listeners have the documented defaults', () => {
  const { listeners } = parse({
    state,
    listeners: { esp: {}, http: { token }, metrics: {}, webhooks: { forward: { crm: { path: '/in', url } } } },
  });
  expect(listeners).toEqual({
    esp: { host: '127.0.0.1', port: 7120, charset: 'utf-8' },
    http: { host: '127.0.0.1', port: 7180, token: expect.anything() },
    metrics: { enabled: true, host: '127.0.0.1', port: 7190 },
    webhooks: {
      host: '127.0.0.1',
      port: 7200,
      bodyBytes: 4_194_304,
      waiting: 100_000,
      attempts: 20,
      rememberMs: 604_800_000,
      forward: { crm: { path: '/in', url, timeoutMs: 5000 } },
    },
  });
});

const limit = (key: string) => (value: number) => ({ limits: { [key]: value } });
const port = (listener: string, more: Tree = {}) => [
  `listeners.${listener}.port`,
  (value: number) => ({ state, listeners: { [listener]: { ...more, port: value } } }),
  0,
  65_535,
];
const webhooks = (key: string) => (value: number) => ({ state, listeners: { webhooks: { [key]: value } } });
const DAY_MS = 24 * 3_600_000;

describe('a number in the config', () => {
  it.each([
    ['application.type', (value: number) => ({ application: { name: 'DMS', type: value } }), 1, MOST],
    port('esp'),
    port('http', { token }),
    port('metrics'),
    port('webhooks'),
    ['listeners.webhooks.bodyBytes', webhooks('bodyBytes'), 1024, 0x3fffffff],
    ['listeners.webhooks.waiting', webhooks('waiting'), 1, 1_000_000],
    ['listeners.webhooks.attempts', webhooks('attempts'), 1, 1000],
    ['listeners.webhooks.rememberMs', webhooks('rememberMs'), 60_000, 366 * DAY_MS],
    ['listeners.webhooks.forward.crm.timeoutMs', (value: number) => forwarding({ timeoutMs: value }), 1, 0x7fffffff],
    ['limits.deadlineMs', limit('deadlineMs'), 1, 0x7fffffff],
    ['limits.drainMs', limit('drainMs'), 1, 0x7fffffff],
    ['limits.inFlight', limit('inFlight'), 1, MOST],
    ['limits.inFlightPerConnection', limit('inFlightPerConnection'), 1, MOST],
    ['limits.connections', limit('connections'), 1, MOST],
    ['limits.connectionsPerAddress', limit('connectionsPerAddress'), 1, MOST],
    [
      'limits.messageBytes',
      (value: number) => ({ limits: { messageBytes: value, bufferedBytes: 4 * value + 16 } }),
      16_380,
      0x7fffffff,
    ],
    [
      'limits.bufferedBytes',
      (value: number) => ({ limits: { messageBytes: 16_380, bufferedBytes: value } }),
      65_536,
      MOST,
    ],
    ['limits.listDepth', limit('listDepth'), 1, 1000],
    ['limits.listEntries', limit('listEntries'), 1, MOST],
    ['limits.frameMs', limit('frameMs'), 1, 0x7fffffff],
    ['limits.firstRequestMs', limit('firstRequestMs'), 1, 0x7fffffff],
  ] as [string, (value: number) => Tree, number, number][])('has documented bounds: %s', (name, keys, least, most) => {
    expect(mistakes(keys(least))).toEqual([]);
    expect(mistakes(keys(least - 1))).toContain(`${name} must be at least ${least}, not ${least - 1}`);
    expect(mistakes(keys(most))).toEqual([]);
    expect(mistakes(keys(most + 1))).toContain(`${name} must be at most ${most}, not ${most + 1}`);
  });
});

describe('a wrong value', () => {
  const tls = { certificate: 'a', key: 'b', clientCa: 'c' };
  const esp = (settings: Tree) => ({ listeners: { esp: settings } });
  const crm = 'listeners.webhooks.forward.crm';

  it.each<[Tree, string[]]>([
    [{ application: { name: '' } }, ['application.name must be the AppName of the application, not ""']],
    [{ application: { name: 5 } }, ['application.name must be the AppName of the application, not 5']],
    [{ plugins: [{ use: '' }] }, ['plugins[0].use must be a folder or a package, not ""']],
    [{ plugins: [{ usee: 'x', use: 'x' }] }, ['unknown key plugins[0].usee: did you mean use?']],
    [{ channels: { w: {} } }, ['channels.w.type is missing: it must be a string']],
    [
      esp({ charset: 'klingon' }),
      ['listeners.esp.charset must be a charset, such as utf-8, windows-1251, gb18030 or shift_jis'],
    ],
    [esp({ tls: { ...tls, certificate: '' } }), ['listeners.esp.tls.certificate must be a path, not ""']],
    [esp({ tls: { ...tls, clientNames: [] } }), ['listeners.esp.tls.clientNames must have at least one name']],
    [esp({ tls: { ...tls, clientNames: ['a', ''] } }), ['listeners.esp.tls.clientNames[1] must not be empty, not ""']],
    [forwarding({ urll: 1 }), [`unknown key ${crm}.urll: did you mean url?`]],
    [forwarding({ secret: '' }), [`${crm}.secret must not be empty`]],
    [forwarding({ secret: ' \n' }), [`${crm}.secret must not be empty`]],
    [forwarding({ ca: '/nowhere/ca.pem' }), [`${crm}.ca cannot be read (ENOENT): /nowhere/ca.pem`]],
    [{ state, listeners: { webhooks: { forward: 5 } } }, ['listeners.webhooks.forward must be a mapping, not 5']],
    ...['ftp://hooks.example/', 'xhttps://hooks.example/', 'httpsx://hooks.example/', 'hooks.example'].map(
      (wrong): [Tree, string[]] => [
        forwarding({ url: wrong }),
        [`${crm}.url must be an http or https URL, such as https://hooks.example.com/whatsapp, not "${wrong}"`],
      ],
    ),
  ])('is reported: %j', (keys, expected) => expect(mistakes(keys)).toEqual(expected));

  it.each([
    esp({ charset: 'windows-1251' }),
    esp({ tls: { ...tls, clientNames: ['ixn', 'urs'] } }),
    esp({ tls: { certificate: 'a', key: 'b' } }),
    { state: { file: 'a' } },
    forwarding({ url: 'http://hooks.example/' }),
    forwarding({ secret: ' s ' }),
  ])('does not include %j', (keys) => expect(mistakes(keys)).toEqual([]));
});

it('paths are relative to the file', () => {
  const at = folder();
  writeFileSync(join(at, 'ca.pem'), 'the text');
  const { config } = parseConfig(
    JSON.stringify({ application: { name: 'DMS' }, ...forwarding({ ca: 'ca.pem' }) }),
    join(at, 'config.yaml'),
  );
  expect(config.state?.file).toBe(join(at, 'state.db'));
  expect(config.listeners.webhooks?.forward?.crm?.ca).toBe('the text');
  expect(() => parseConfig('limits: 5', join(at, 'config.yaml'))).toThrow(ConfigError);
  expect(filePath().parse('elsewhere')).toBe(resolve('elsewhere'));
});
