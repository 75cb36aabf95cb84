import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { channelDefinition } from '../../../src/cli/new/channel.js';
import { channelNamed, firstConfig, hasPlugin, withChannel, withPlugin } from '../../../src/cli/new/config-file.js';
import { loadConfig } from '../../../src/config/index.js';
import { file, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const add = (text: string): string => withPlugin('config.yaml', text, './plugins/new');

describe('a plugin is added', () => {
  it.each([
    [
      'to a list',
      'plugins:\n  - use: ./a # why\n    options: {}\n\nlimits: {}\n',
      'plugins:\n  - use: ./a # why\n    options: {}\n  - use: ./plugins/new\n\nlimits: {}\n',
    ],
    [
      'to a list that is not set in',
      'plugins:\n- use: ./a   # why\n# more\n',
      'plugins:\n- use: ./a   # why\n- use: ./plugins/new\n# more\n',
    ],
    [
      'to a list with entries in braces',
      'plugins:\n    - { use: ./a }\n',
      'plugins:\n    - { use: ./a }\n    - use: ./plugins/new\n',
    ],
    [
      'to a list in brackets',
      'plugins: [{ use: ./a }] # why\n',
      'plugins: [{ use: ./a }, { use: ./plugins/new }] # why\n',
    ],
    ['to an empty list', 'plugins: [] # none\nlimits: {}\n', 'plugins:\n  - use: ./plugins/new # none\nlimits: {}\n'],
    ['to no list', 'plugins: # none\nlimits: {}\n', 'plugins: # none\n  - use: ./plugins/new\nlimits: {}\n'],
    ['to a file without the key', 'limits: {}\n\n\n', 'limits: {}\n\nplugins:\n  - use: ./plugins/new\n'],
    [
      'to a file that does not end with a line',
      'limits: {} # why',
      'limits: {} # why\n\nplugins:\n  - use: ./plugins/new\n',
    ],
    ['at the end of a file', 'plugins:\n  - use: ./a', 'plugins:\n  - use: ./a\n  - use: ./plugins/new\n'],
  ])('%s', (_name, before, after) => {
    expect(add(before)).toBe(after);
    const plugins = (parse(before).plugins ?? []) as unknown[];
    expect(parse(after)).toEqual({ ...parse(before), plugins: [...plugins, { use: './plugins/new' }] });
  });

  it('to the first configuration', () => {
    expect(parse(add(firstConfig({}))).plugins).toEqual([{ use: './plugins/new' }]);
  });

  it.each([
    [{}, { name: 'Own', type: 23 }],
    [
      { name: 'DMS', type: 171 },
      { name: 'DMS', type: 171 },
    ],
    [{ name: 'yes: # "no"' }, { name: 'yes: # "no"', type: 23 }],
    [{ name: '17' }, { name: '17', type: 23 }],
  ])('to the first configuration with the application %j', (given, application) => {
    expect(parse(add(firstConfig(given)))).toEqual({ application, plugins: [{ use: './plugins/new' }] });
  });

  it.each(['A${B}', 'A$${B}', '${', '$', 'A${B:-x}', '{{B}}'])(
    'to the first configuration, which is loaded with the application %j',
    (name) => {
      const path = file('config.yaml', firstConfig({ name }));
      expect(loadConfig(path, {}).config.application.name).toBe(name);
    },
  );

  it.each([
    ['plugins: {', /^config.yaml is not valid YAML: /],
    ['- a', 'config.yaml must be a mapping'],
    ['plugins: none', 'config.yaml: plugins must be a list'],
  ])('but not to %j', (text, message) => expect(() => add(text)).toThrow(message));
});

it('keeps a long name of an application on one line', () => {
  const name = `${'word '.repeat(40)}end`;
  expect(firstConfig({ name })).toContain(`\n  name: ${name} # the AppName in requests\n`);
});

it('lists the plugins', () => {
  const has = (text: string) => hasPlugin('config.yaml', text, (use) => use === './a');
  expect(has('plugins:\n  - use: "./a"\n')).toBe(true);
  expect(has('plugins: [{ use: ./b }, 5]\n')).toBe(false);
  expect(has('limits: {}\n')).toBe(false);
  expect(has('plugins: ./a\n')).toBe(false);
  expect(has('plugins: [null, { use: 5 }, { name: ./a }]\n')).toBe(false);
  expect(has('plugins: [{ use: ./b }, { use: ./a }]\n')).toBe(true);
  expect(() => has('plugins: {')).toThrow(/^config.yaml is not valid YAML: /);
});

describe('a channel is added', () => {
  const crm = channelDefinition('crm');
  const lines = (indent: string, name = 'crm') =>
    `${indent}${name}:\n${indent}  type: crm\n${indent}  url: "\${CRM_URL:-https://api.example}"\n`;

  it.each([
    ['to a file without the key', 'limits: {}\n\n', `limits: {}\n\nchannels:\n${lines('  ')}`],
    [
      'to a mapping',
      'channels:\n    a: { type: a }\n\n# why\n',
      `channels:\n    a: { type: a }\n${lines('    ')}\n# why\n`,
    ],
    [
      'to a mapping of blocks',
      'channels:\n  a:\n    type: a # why\nlimits: {}\n',
      `channels:\n  a:\n    type: a # why\n${lines('  ')}limits: {}\n`,
    ],
    ['to an empty mapping', 'channels: {}\nlimits: {}\n', `channels:\n${lines('  ')}limits: {}\n`],
    ['to nothing', 'channels: # none\nlimits: {}\n', `channels: # none\n${lines('  ')}limits: {}\n`],
    [
      'with another name',
      'channels:\n  crm: { type: a }\n',
      `channels:\n  crm: { type: a }\n${lines('  ', 'crm-channel')}`,
    ],
    [
      'to a mapping in braces',
      'channels: { a: { type: a } }\n',
      'channels: { a: { type: a }, crm: { type: crm, url: "${CRM_URL:-https://api.example}" } }\n',
    ],
  ])('%s', (_name, before, after) => {
    expect(withChannel('config.yaml', before, crm)).toBe(after);
    expect(channelNamed('config.yaml', after, 'crm')).toMatch(/^crm/);
    expect(Object.keys(parse(after).channels)).toHaveLength(Object.keys(parse(before).channels ?? {}).length + 1);
  });

  it('unless there is one of its type', () => {
    expect(withChannel('config.yaml', 'channels: { main: { type: crm }, b: null }\n', crm)).toBeUndefined();
  });

  it('but not to a list', () => {
    expect(() => withChannel('config.yaml', 'channels: []\n', crm)).toThrow('config.yaml: channels must be a mapping');
  });
});

it.each([
  ['crm', 'crmChannel', 'crm-channel', 'CRM_URL'],
  ['SMS-1_a', 'sms1AChannel', 'sms-1-a-channel', 'SMS_1_A_URL'],
  ['1x', 'type1xChannel', 'type-1x-channel', 'TYPE_1X_URL'],
  ['__', 'ownChannel', 'own-channel', 'OWN_URL'],
])('the channel type %s is %s in %s.ts, and its upstream is at %s', (type, variable, path, env) => {
  expect(channelDefinition(type)).toEqual({ type, variable, file: path, env });
});
