import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Secret } from 'esp-host';
import type { Prepared } from '#server';
import { testSetting } from '../../../mock-platform/export/index.js';
import odd from '../../fixtures/plugins/odd/index.js';
import upstream from '../../fixtures/plugins/upstream/index.js';
import { file, folder, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const APPLICATION = { name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' };

/** The parts of a configuration that are read: `given` is what the file says, by path. */
const prepared = (plugins: object[], more: object = {}, given: Record<string, unknown> = {}): Prepared =>
  ({
    ...{ plugins, application: { ...APPLICATION, more: 1 }, channels: { list: () => [] } },
    loaded: { directory: '/', given: (path: readonly PropertyKey[]) => given[path.join('.')] },
    ...more,
  }) as never;

describe('the plugin of a method', () => {
  it('is found by the method, with what a test needs', () => {
    const plugins = [
      { use: 'odd-plugin', definition: odd },
      { use: 'upstream-plugin', definition: upstream },
    ];
    expect(testSetting(prepared(plugins), 'Upstream', 'Post')).toEqual({
      ...{ definition: upstream, specifier: 'upstream-plugin', folder: undefined, application: APPLICATION },
      ...{ methods: new Set(['Upstream.Post']), options: undefined, channels: {}, hasSecrets: false },
    });
    expect(testSetting(prepared(plugins), 'Odd', 'Count')?.methods).toEqual(
      new Set(['Odd.Count', 'Odd.Repeat', 'Odd.Hang', 'Odd.HangOnce', 'Odd.Crash']),
    );
    expect(testSetting(prepared(plugins), 'Odd', 'Post')).toBeUndefined();
  });

  it('has its options and its channels, without secrets', () => {
    const definition = { ...odd, channels: [{ type: 'sms' }] };
    const plugins = [
      { use: 'upstream-plugin', definition: upstream },
      { use: 'odd-plugin', definition, options: { size: 5, key: new Secret('k') } },
    ];
    const channel = (name: string, type: string) => ({ name, type, settings: { type } });
    const channels = { list: () => [channel('a', 'sms'), channel('b', 'mail'), channel('c', 'sms')] };
    const given = {
      'plugins.1.options': { size: '5', key: 'hunter2' },
      ...{ 'channels.a': { type: 'sms' }, 'channels.c': { type: 'sms', url: 'http://c' } },
    };
    const found = (more: Record<string, unknown> = {}) =>
      testSetting(prepared(plugins, { channels }, { ...given, ...more }), 'Odd', 'Count');
    expect(found()).toMatchObject({
      ...{ options: { size: 5, key: '***' }, hasSecrets: true },
      channels: { a: { type: 'sms' }, c: { type: 'sms', url: 'http://c' } },
    });
    expect(Object.keys(found()?.channels ?? {})).toEqual(['a', 'c']);
    const plain = { 'plugins.1.options': undefined };
    expect(found(plain)?.hasSecrets).toBe(false);
    expect(found({ ...plain, 'channels.c': { password: 'hunter2' } })).toMatchObject({
      ...{ hasSecrets: true, channels: { c: { password: '***' } } },
    });
  });
});

describe('the place of a test', () => {
  const home = folder();
  function place(use: string, entry: string) {
    mkdirSync(dirname(join(home, entry)), { recursive: true });
    file(entry.replace(/^.*\//, ''), 'export default {};\n', dirname(join(home, entry)));
    const loaded = { directory: home, given: () => undefined };
    const { specifier, folder: where } =
      testSetting(prepared([{ use, definition: odd }], { loaded }), 'Odd', 'Count') ?? {};
    return { specifier, folder: where };
  }

  it.each([
    ['./plugins/a', 'plugins/a/index.ts', './index.js', './plugins/a'],
    ['./plugins/b.mts', 'plugins/b.mts', './b.mjs', './plugins'],
    ['./c.cts', 'c.cts', './c.cjs', '.'],
    ['./plugins/d', 'plugins/d/index.js', './index.js', './plugins/d'],
    ['./node_modules/e', 'node_modules/e/index.ts', './node_modules/e/index.js', '.'],
  ])('of %s is beside its module', (use, entry, specifier, where) => {
    expect(place(use, entry)).toEqual({ specifier, folder: where });
  });

  it('of an absolute path is there', () => {
    expect(place(join(home, 'plugins/a'), 'plugins/a/index.ts')).toEqual({
      ...{ specifier: './index.js', folder: join(home, 'plugins/a') },
    });
  });
});
