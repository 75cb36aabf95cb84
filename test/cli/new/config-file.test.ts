import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { firstConfig, hasPlugin, withPlugin } from '../../../src/cli/new/config-file.js';
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
