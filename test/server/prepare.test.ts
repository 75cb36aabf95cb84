import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { PluginStartError } from '../../src/host/index.js';
import { ListenError } from '../../src/server/errors.js';
import { prepare } from '../../src/server/prepare.js';
import { problemsOf } from '../../src/server/problems.js';
import { file, folder, removeFolders } from '../support/files.js';
import { builtPlugin } from '../support/plugins.js';

afterAll(removeFolders);

const config = () => {
  const path = file(
    'config.yaml',
    'application: { name: A }\nplugins: []\nlisteners:\n  http:\n    port: 5\n    token: 0123456789abcdef\n',
  );
  return { path, loaded: loadConfig(path) };
};

it('a port that is not available is a problem of its listener in the config', () => {
  const { path, loaded } = config();
  const error = new ListenError(new Error('no'), { host: 'h', port: 5 }, 'listeners.http');
  expect(problemsOf(error, loaded)).toEqual([
    expect.objectContaining({
      file: path,
      line: 5,
      message: expect.stringMatching(/^listeners\.http cannot be used: cannot listen on h:5: no/),
    }),
  ]);
});

it('any other error is a problem of the config as a whole, without secrets', () => {
  const { path, loaded } = config();
  const error = new Error('refused: https://me:hunter22@db.example/');
  const [problem, ...more] = problemsOf(error, loaded);
  expect(problem).toMatchObject({ file: path, line: 1, column: 1 });
  expect(problem?.message).toContain('refused');
  expect(problem?.message).not.toContain('hunter22');
  expect(more).toEqual([]);
  expect(problemsOf(error, undefined)).toEqual([{ ...problem, file: '' }]);
});

it('an error that a plugin throws as it loads is a problem of its code', async () => {
  const home = folder();
  const entry = file('index.js', '\nthrow new Error("no luck");\n', home);
  const loaded = loadConfig(file('config.yaml', 'application: { name: A }\nplugins: [{ use: . }]\n', home));
  const error = await prepare(loaded, { typescript: true }).catch((thrown: unknown) => thrown);
  expect(problemsOf(error, loaded)).toEqual([{ file: entry, line: 2, column: 7, message: 'failed to load: no luck' }]);
});

it('an error that a plugin throws as it starts is a problem of its entry in the config, unless its code is known', () => {
  const text = 'application: { name: A }\nplugins:\n  - use: ./one\n  - use: ./two\n';
  const loaded = loadConfig(file('config.yaml', text));
  const cause = new Error('no database');
  cause.stack = 'Error: no database';
  const failed = (use: string) =>
    problemsOf(new PluginStartError('ESP_HOST_PLUGIN_FAILED', use, 'plugin two: no database', { cause }), loaded);
  const message = expect.stringMatching(/^plugins\[1\]\.use cannot be used: plugin two: no database$/);
  expect(failed('./two')).toEqual([expect.objectContaining({ line: 4, column: 10, message })]);
  expect(failed('./elsewhere')).toEqual([expect.objectContaining({ line: 1, column: 1 })]);
  cause.stack = 'Error: no database\n    at start (/home/me/two.ts:3:4)';
  expect(failed('./two')).toMatchObject([{ file: '/home/me/two.ts', line: 3, column: 4 }]);
});

it('a method whose deadline is longer than that of the host is a warning', async () => {
  const home = folder();
  const source = `
    import { definePlugin, EspMethod, z } from 'esp-host';
    const method = (name, deadlineMs) => {
      class Handler { handle() { return {}; } }
      EspMethod('Own', name, { parameters: z.object({}), response: z.object({}), deadlineMs })(Handler);
      return Handler;
    };
    export default definePlugin({ name: 'own', methods: [method('Slow', 501), method('Quick', 500), method('Any')] });
  `;
  builtPlugin(source, home, 'own');
  const text = 'application: { name: A }\nplugins:\n  - use: ./own\nlimits: { deadlineMs: 500 }\n';
  const { warnings } = await prepare(loadConfig(file('config.yaml', text, home)), { typescript: false });
  expect(warnings).toEqual([
    {
      ...{ code: expect.any(String), file: expect.stringMatching(/config\.yaml$/), line: 3, column: 10 },
      message: 'plugins[0].use has Own.Slow with a deadline of 501 ms: limits.deadlineMs, 500 ms, applies',
    },
  ]);
});

describe('a channel', () => {
  const SMS = `
    import { defineChannel, definePlugin, z } from 'esp-host';
    const type = z.literal('sms');
    const former = {
      matches: (given) => 'sender' in given,
      schema: z.strictObject({ type, sender: z.string() }).transform(({ sender, ...rest }) => ({ ...rest, from: sender })),
      warning: ({ sender }) => ({ path: ['sender'], message: \`is old: write from: \${sender}\` }),
    };
    function* warnings({ from }) {
      if (from === 'old') yield { path: ['from'], message: 'is old' };
    }
    const channel = defineChannel(z.strictObject({ type, from: z.string() }), { former, warnings });
    export default definePlugin({ name: 'sms', methods: [], channels: [channel] });
  `;

  async function prepared(channels: string) {
    const home = folder();
    builtPlugin(SMS, home, 'sms');
    const text = `application: { name: A }\nplugins: [{ use: ./sms }]\nchannels:\n${channels}`;
    return prepare(loadConfig(file('config.yaml', text, home)), { typescript: false });
  }

  it('in the former form has the settings of the present one, and a warning', async () => {
    const { channels, warnings } = await prepared('  a: { type: sms, sender: x }\n  b: { type: sms, from: x }\n');
    expect(channels.list().map(({ settings }) => settings)).toEqual(Array(2).fill({ type: 'sms', from: 'x' }));
    expect(warnings).toEqual([
      expect.objectContaining({ line: 4, column: 27, message: 'channels.a.sender is old: write from: x' }),
    ]);
  });

  it('has the warnings of its type, in each form', async () => {
    const { warnings } = await prepared('  a: { type: sms, from: old }\n  b: { type: sms, sender: old }\n');
    expect(warnings.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '4 channels.a.from is old',
      '5 channels.b.sender is old: write from: old',
      '5 channels.b.from is old',
    ]);
  });

  it('is wrong by the schema of its form', async () => {
    await expect(prepared('  a: { type: sms, sender: x, from: y }\n')).rejects.toThrow('unknown key channels.a.from');
    await expect(prepared('  a: { type: sms }\n')).rejects.toThrow('channels.a.from is missing');
  });

  it('reports file, line and column of errors that its plugin finds, also if they stop the start', async () => {
    const { channels, loaded } = await prepared('  a: { type: sms, from: x }\n  b: { type: sms, from: y }\n');
    const mistake = (message: string) => ({ path: ['from'], message });
    const error = channels.find('b')?.problem(mistake('is wrong'), mistake('is bad'));
    const at = `${loaded.file}:5:25: channels.b.from`;
    expect(error?.message).toBe(`${at} is wrong\n${at} is bad`);
    if (error !== undefined) error.stack = 'Error: wrong\n    at start (/home/me/sms.ts:3:4)';
    const failed = new PluginStartError('ESP_HOST_PLUGIN_FAILED', './sms', 'no', { cause: error });
    expect(problemsOf(failed, loaded).map(({ line, message }) => `${line} ${message}`)).toEqual([
      '5 channels.b.from is wrong',
      '5 channels.b.from is bad',
    ]);
  });
});

describe('a plugin with', () => {
  const prepared = async (body: string, listeners = '') => {
    const home = folder();
    builtPlugin(`import { definePlugin, Webhook } from 'esp-host';\n${body}`, home, 'one');
    const text = `application: { name: A }\nplugins: [{ use: ./one }]\n${listeners}state: { file: ./state.db }\n`;
    return prepare(loadConfig(file('config.yaml', text, home)), { typescript: false });
  };
  const LISTENER = 'listeners:\n  webhooks: { port: 0 }\n';

  it('a class that lacks its decorator is refused with the name of the class', async () => {
    const method = `class Greet {}\nexport default definePlugin({ name: 'one', methods: [Greet] });`;
    await expect(prepared(method)).rejects.toThrow('plugins[0].use has class Greet without @EspMethod');
    const webhook = `class Orders {}\nexport default definePlugin({ name: 'one', methods: [], webhooks: [Orders] });`;
    await expect(prepared(webhook)).rejects.toThrow('plugins[0].use has class Orders without @Webhook');
  });

  it('no webhooks is refused for a listener of webhooks', async () => {
    const none = `export default definePlugin({ name: 'one', methods: [] });`;
    const nothing = 'config.yaml:4:13: listeners.webhooks has nothing to do: none of the plugins receives webhooks';
    await expect(prepared(none, LISTENER)).rejects.toThrow(nothing);
    await expect(prepared(none)).resolves.toBeDefined();
  });

  it('two paths of webhooks names both to a forward of another', async () => {
    const two = ['One', 'Two']
      .map((name) => `class ${name} {}\nWebhook('/${name.toLowerCase()}')(${name});`)
      .join('\n');
    const plugin = `${two}\nexport default definePlugin({ name: 'one', methods: [], webhooks: [One, Two] });`;
    const forward = 'forward: { crm: { path: /three, url: "http://127.0.0.1:1/" } }';
    const listener = LISTENER.replace('port: 0', `port: 0, ${forward}`);
    await expect(prepared(plugin, listener)).rejects.toThrow('must be the path of a receiver: /one or /two');
  });
});
