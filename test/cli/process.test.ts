import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ExitError } from '../../src/cli/errors.js';
import { type Failure, foldersOf, type PluginFolder, untilSignal, watchFailures } from '../../src/cli/process.js';
import { cutText, errorText } from '../../src/telemetry/index.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';

afterAll(removeFolders);

/** The listeners that the process was given, by event. */
let listeners: Map<string, (argument: unknown) => void>;
let exited: unknown[];
let exit: typeof process.exit;
beforeEach(() => {
  listeners = new Map();
  exited = [];
  exit = process.exit;
  jest.spyOn(process, 'on').mockImplementation((event, listener) => {
    listeners.set(String(event), listener as (argument: unknown) => void);
    return process;
  });
  process.exit = ((code: unknown) => exited.push(code)) as never;
});
afterEach(() => {
  process.exit = exit;
  jest.restoreAllMocks();
});

const PLUGINS: PluginFolder[] = [
  { name: 'orders', folder: '/srv/plugins/orders' },
  { name: 'inner', folder: '/srv/plugins/orders/inner' },
];

function watch(plugins: readonly PluginFolder[] = PLUGINS): Failure[] {
  const failures: Failure[] = [];
  watchFailures(
    { errorText, cutText },
    () => plugins,
    (failure) => failures.push(failure),
  );
  return failures;
}

/** An error whose stack has these frames. */
const thrownAt = (...frames: string[]): Error =>
  Object.assign(new Error('bad'), { stack: ['Error: bad', ...frames.map((frame) => `    at ${frame}`)].join('\n') });

describe('a failure outside of a request', () => {
  it('is reported with its kind, text and stack', () => {
    const failures = watch();
    const error = thrownAt('run (file:///srv/plugins/orders/a.js:1:2)');
    listeners.get('uncaughtException')?.(error);
    listeners.get('unhandledRejection')?.(error);
    const { stack } = error;
    expect(failures).toEqual([
      { kind: 'exception', plugin: 'orders', text: 'uncaught exception: bad', stack },
      { kind: 'rejection', plugin: 'orders', text: 'unhandled promise rejection: bad', stack },
    ]);
  });

  it.each<[string, string | undefined, string[]]>([
    ['its file', 'orders', ['file:///srv/plugins/orders/a.js:1:2']],
    ['its path, in CommonJS', 'orders', ['Object.<anonymous> (/srv/plugins/orders/a.cjs:1:2)']],
    ['the innermost folder', 'inner', ['file:///srv/plugins/orders/inner/a.js:1:2']],
    [
      'the first frame in a plugin',
      'orders',
      ['node:internal/timers:5:1', '/srv/plugins/orders/a.js:1', '/srv/plugins/orders/inner/a.js:1'],
    ],
    ['nothing, in a folder with a similar name', undefined, ['/srv/plugins/orders-2/a.js:1:2']],
    ['nothing, elsewhere', undefined, ['node:internal/timers:5:1']],
  ])('is of the plugin of %s', (_what, plugin, frames) => {
    const failures = watch();
    listeners.get('uncaughtException')?.(thrownAt(...frames));
    expect(failures).toMatchObject([{ plugin }]);
  });

  it('finds no plugin in the message of an error', () => {
    const failures = watch();
    const error = Object.assign(new Error('x'), {
      stack: 'Error: cannot read /srv/plugins/orders/a.js\n    at node:fs:1',
    });
    listeners.get('uncaughtException')?.(error);
    expect(failures).toMatchObject([{ plugin: undefined }]);
  });

  it('has a stack of at most 8000 characters, and frames are searched at its end', () => {
    const failures = watch();
    const error = Object.assign(new Error('x'), {
      stack: `Error: ${'x'.repeat(9000)}\n    at /srv/plugins/orders/a.js:1:2`,
    });
    listeners.get('uncaughtException')?.(error);
    expect(failures).toMatchObject([{ plugin: 'orders', stack: cutText(error.stack, 8000) }]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a string', 'bad'],
    ['an error with another stack', Object.assign(new Error('bad'), { stack: 5 })],
    [
      'an error whose stack throws',
      Object.defineProperty(new Error('bad'), 'stack', {
        get() {
          throw new Error('no');
        },
      }),
    ],
  ])('may be %s, without a stack', (_what, error) => {
    const failures = watch();
    listeners.get('unhandledRejection')?.(error);
    expect(failures).toEqual([
      {
        kind: 'rejection',
        plugin: undefined,
        text: `unhandled promise rejection: ${errorText(error)}`,
        stack: undefined,
      },
    ]);
  });

  it('is not reported again if it is that of a call of process.exit', () => {
    const failures = watch();
    listeners.get('uncaughtException')?.(new ExitError('process.exit() was called'));
    expect(failures).toEqual([]);
  });
});

describe('process.exit', () => {
  const here = { name: 'tests', folder: join(ROOT, 'test/cli') };

  it('of a plugin is reported, and throws', () => {
    const failures = watch([here]);
    const { stackTraceLimit } = Error;
    expect(() => process.exit(3)).toThrow(new ExitError('process.exit(3) was called'));
    expect(() => process.exit()).toThrow('process.exit() was called: a plugin cannot end the process');
    expect(failures).toEqual([
      {
        ...{ kind: 'exit', plugin: 'tests', text: 'process.exit(3) was called' },
        stack: expect.stringContaining(`${here.folder}/process.test.ts`),
      },
      expect.objectContaining({ text: 'process.exit() was called' }),
    ]);
    expect(failures[0]?.stack).not.toContain('src/cli/process.ts');
    expect(exited).toEqual([]);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it('of other code is reported without a plugin', () => {
    const failures = watch();
    expect(() => process.exit(0)).toThrow(ExitError);
    expect(failures).toMatchObject([{ plugin: undefined, text: 'process.exit(0) was called' }]);
  });

  it('of the host ends the process', () => {
    const failures = watch();
    // Its code is in dist/, which the stack shows as a URL.
    const url = pathToFileURL(join(ROOT, 'dist/src/cli/serve.js')).href;
    const capture = jest.spyOn(Error, 'captureStackTrace').mockImplementation((holder) => {
      (holder as { stack: string }).stack = `Error\n    at stop (${url}:1:2)\n    at /srv/plugins/orders/a.js:1:2`;
    });
    process.exit(7);
    expect([failures, exited]).toEqual([[], [7]]);
    capture.mockImplementation((holder) => {
      (holder as { stack: string }).stack = `Error\n    at /srv/plugins/orders/a.js:1:2\n    at stop (${url}:1:2)`;
    });
    expect(() => process.exit(7)).toThrow(ExitError);
    expect(failures).toMatchObject([{ plugin: 'orders' }]);
  });
});

describe('the folder of a plugin', () => {
  it('is that of its entry, or the one above dist', () => {
    const home = folder();
    mkdirSync(join(home, 'built/dist'), { recursive: true });
    mkdirSync(join(home, 'plain'));
    const entries: Record<string, string> = {
      built: file('index.js', '', join(home, 'built/dist')),
      plain: file('index.js', '', join(home, 'plain')),
      gone: join(home, 'gone/index.js'),
    };
    const plugins = Object.keys(entries).map((use) => ({ use, definition: { name: `plugin ${use}` } }));
    const asked: unknown[] = [];
    const found = foldersOf({ plugins, loaded: { directory: '/srv' } }, (...given) => {
      asked.push(given);
      return entries[given[0]] as string;
    });
    const real = realpathSync(home);
    expect(found).toEqual([
      { name: 'plugin built', folder: join(real, 'built') },
      { name: 'plugin plain', folder: join(real, 'plain') },
    ]);
    expect(asked[0]).toEqual(['built', '/srv', false]);
  });
});

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'])('%s is awaited', async (name) => {
    const signal = untilSignal();
    listeners.get(name)?.(name);
    expect(await signal).toBe(name);
    expect(exited).toEqual([]);
  });

  it('ends the process if it comes again after 300 ms', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const signal = untilSignal();
    const press = (at: number) => {
      now.mockReturnValue(at);
      listeners.get('SIGINT')?.('SIGINT');
    };
    press(1000);
    press(1300);
    await signal;
    expect(exited).toEqual([]);
    press(1301);
    expect(exited).toEqual([130]);
  });
});
