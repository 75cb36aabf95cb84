import { mkdirSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig, type Prepared } from '#server';
import { hintsOf } from '../../src/doctor/index.js';
import { Channels, definePlugin, EspMethod, z } from '../../src/index.js';
import { file, folder, removeFolders } from '../support/files.js';

const home = folder();
afterAll(removeFolders);

const method = (name: string, channel?: string) => {
  class Method {
    handle = () => ({});
  }
  const schemas = { parameters: z.object({}), response: z.object({}) };
  EspMethod('Test', name, channel === undefined ? schemas : { ...schemas, channel })(Method);
  return Method;
};

/** The hints about plugins with these methods, at `use` in the config. */
function hints(plugins: Readonly<Record<string, readonly ReturnType<typeof method>[]>>, types: readonly string[] = []) {
  const uses = Object.keys(plugins).map((use) => `  - use: ${use}\n`);
  const loaded = loadConfig(file('config.yaml', `application: { name: DMS }\nplugins:\n${uses.join('')}`, home));
  const prepared = {
    loaded,
    plugins: Object.entries(plugins).map(([use, methods]) => ({
      use,
      options: {},
      definition: definePlugin({ name: 'test', methods }),
    })),
    channels: new Channels(types.map((type) => ({ name: type, type, settings: {}, problem: () => new Error() }))),
  };
  return [...hintsOf(prepared as unknown as Prepared)].map(
    ({ line, column, message }) => `${line}:${column}: ${message}`,
  );
}

describe('methods for channels of a type', () => {
  const methods = { './a': [method('A')], './b': [method('B', 'sms'), method('C', 'sms'), method('D', 'fax')] };
  const hint = (type: string) =>
    `4:10: plugins[1].use has methods for channels of type '${type}', but channels has none: each request gets a fault`;

  it('get a hint, once a type, if there is no such channel', () => {
    expect(hints(methods)).toEqual([hint('sms'), hint('fax')]);
    expect(hints(methods, ['fax'])).toEqual([hint('sms')]);
  });

  it('get none if there is one', () => expect(hints(methods, ['sms', 'fax'])).toEqual([]));
});

it('a build that is older than its sources gets a hint', () => {
  mkdirSync(join(home, 'stale/dist'), { recursive: true });
  const source = file('index.ts', '', join(home, 'stale'));
  const build = file('index.js', '', join(home, 'stale/dist'));
  utimesSync(source, 1000, 1000);
  utimesSync(build, 1000, 1000);
  expect(hints({ './stale': [] })).toEqual([]);
  utimesSync(build, 999, 999);
  const [older, newer] = [join(home, 'stale/dist'), source].map((path) => relative(process.cwd(), path));
  const hint = `3:10: plugins[0].use loads ${older}, which is older than ${newer}:`;
  expect(hints({ './stale': [] })).toEqual([`${hint} build it again`]);
  file('tsconfig.json', '{}', join(home, 'stale'));
  const path = relative(process.cwd(), join(home, 'stale'));
  expect(hints({ './stale': [] })).toEqual([`${hint} run npx tsc -p ${path}`]);
});
