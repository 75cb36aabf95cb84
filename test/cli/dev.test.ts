import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { outcomeText, reloadedPlugins } from '../../src/cli/dev.js';
import { MARK_PLUGIN, markMethod, PLATFORM } from '../end-to-end/dev-setting.js';
import { file, folder, removeFolders } from '../support/files.js';
import { RawClient } from '../support/raw-client.js';
import { RunningCommand } from '../support/run-command.js';

afterAll(removeFolders);

const applied = { kind: 'applied', at: 0, plugins: [], configuration: false, durationMs: 84.6 } as const;
const billing = {
  use: './billing',
  methods: ['Billing.GetBalance', 'Billing.Pay'],
  added: ['Billing.Pay'],
  removed: ['Billing.Refund'],
};

describe('the outcome of a reload', () => {
  it('has a line per plugin, with new and removed methods', () => {
    const empty = { use: './empty', methods: [], added: [], removed: [] };
    const outcome = { ...applied, plugins: [billing, empty] };
    expect(outcomeText(outcome)).toBe(
      'reloaded ./billing in 85 ms: Billing.GetBalance, new Billing.Pay, removed Billing.Refund\n' +
        'reloaded ./empty in 85 ms: no methods\n',
    );
    expect(reloadedPlugins(outcome)).toEqual(['./billing', './empty']);
  });

  it('has a line for the configuration, or says that nothing has changed', () => {
    expect(outcomeText({ ...applied, configuration: true })).toBe('reloaded the configuration in 85 ms\n');
    expect(outcomeText(applied)).toBe('restored: the files match what runs\n');
  });

  it('has a line per problem', () => {
    const problem = { file: 'config.yaml', line: 3, column: 5, message: 'limits.x is unknown' };
    const refused = { kind: 'refused', at: 0, problems: [problem, { ...problem, line: 4 }], durationMs: 1 } as const;
    expect(outcomeText(refused)).toBe(
      'refused, the previous version keeps running:\n' +
        '  config.yaml:3:5: limits.x is unknown\n  config.yaml:4:5: limits.x is unknown\n',
    );
    expect(reloadedPlugins(refused)).toEqual([]);
  });
});

// Its exit code is not that of the program: to process.exit, only code in dist/ is the host's.
describe('a platform of the command line', () => {
  const CONFIG = `application: { name: DMS }
plugins: [{ use: ./mark }]
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
`;

  /** A project with a plugin in TypeScript. */
  function project(platform = PLATFORM): string {
    const home = folder();
    mkdirSync(join(home, 'mark'));
    file('config.yaml', CONFIG, home);
    file('platform.yaml', platform, home);
    file('index.ts', MARK_PLUGIN, join(home, 'mark'));
    file('mark.ts', markMethod('1'), join(home, 'mark'));
    return home;
  }

  it('reloads the configuration with dev, and says what it does not', async () => {
    const cwd = project();
    const dev = new RunningCommand(['dev'], { cwd });
    await dev.printed(/Ctrl-C stops it all/);
    await dev.printed(/^types are not checked: no tsconfig\.json in \S+mark or above\n/m);
    file('config.yaml', `${CONFIG}limits: { drainMs: x }\n`, cwd);
    await dev.printed(/^refused, the previous version keeps running:\n {2}\S+:4:20: limits\.drainMs must be /m);
    file('platform.yaml', `${PLATFORM}# more\n`, cwd);
    await dev.printed(/^platform\.yaml has changed: restart to apply it\n/m);
    dev.emit('unhandledRejection', new Error('a mistake'));
    await dev.printed(/^unhandled promise rejection: a mistake\n/m);
    const { stderr } = await dev.signal('SIGINT');
    expect(stderr.match(/types are not checked/g)).toHaveLength(1);
  });

  it('runs with mock until a signal, whatever fails in a plugin', async () => {
    const mock = new RunningCommand(['mock'], { cwd: project() });
    await mock.printed(/Ctrl-C stops it all/);
    mock.emit('uncaughtException', new Error('GET http://admin:hunter2@a/ failed'));
    await mock.printed(/^uncaught exception: GET http:/m);
    const { stdout, stderr } = await mock.signal('SIGTERM');
    const [, port] = /Host +127\.0\.0\.1:(\d+),/.exec(stdout) ?? [];
    await expect(RawClient.open(Number(port))).rejects.toThrow('ECONNREFUSED');
    expect(stderr).not.toContain('hunter2');
  });

  it.each(['mock', 'dev'])('ends with 1 and the reason if %s cannot start', async (command) => {
    const { code, stdout, stderr } = await new RunningCommand([command], { cwd: project('consle: {}\n') }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('platform.yaml:1:1: unknown key consle: did you mean console?\n');
  });
});
