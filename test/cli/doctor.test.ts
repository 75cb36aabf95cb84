import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { file, folder, removeFolders } from '../support/files.js';
import { builtPlugin } from '../support/plugins.js';
import { type Ended, killPrograms, Program } from '../support/processes.js';
import { runCommand } from '../support/run-command.js';

const plugin = (name: string, check: string): string => `
import { definePlugin } from 'esp-host';
export default definePlugin({ name: '${name}', methods: [], ${check} });
`;

const WARNING = plugin(
  'careful',
  `async *check() { yield { about: 'the moon', state: 'warning', text: 'is full', advice: 'wait' }; }`,
);
const BROKEN = plugin('broken', `async *check() { throw new Error('no luck'); }`);
const STARTLESS = plugin('startless', `start() { throw new Error('no power'); }`);

let cwd: string;
beforeAll(() => {
  cwd = folder();
  builtPlugin(WARNING, cwd, 'careful');
  builtPlugin(BROKEN, cwd, 'broken');
  builtPlugin(STARTLESS, cwd, 'startless');
});
afterEach(killPrograms);
afterAll(removeFolders);

const config = (plugins: string, port = 0): string =>
  `application: { name: DMS }\nplugins: ${plugins}\nlisteners: { esp: { port: ${port} }, metrics: { enabled: false } }\n`;

function doctor(text: string, ...words: string[]): Promise<Ended> {
  file('config.yaml', text, cwd);
  return runCommand(['doctor', ...words], { cwd });
}

describe('esp-host doctor', () => {
  it('prints a line per finding, and exits with 0 if there is no trouble', async () => {
    const { code, stdout, stderr } = await doctor(config('[{ use: ./careful }]'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'good     config.yaml: all keys, values and files are valid',
      'good     listeners.esp.port: 127.0.0.1:0 is free',
      'good     listeners.esp.charset: type 0 strings are utf-8: Interaction Server and its clients must use the same charset',
      'good     plugins: started, with the methods: none',
      'WARNING  the moon: is full',
      '         wait',
      '',
    ]);
  });

  it.each([
    ['broken', 'TROUBLE  plugin broken: failed to check: no luck\n         this is a defect of the plugin'],
    ['startless', 'TROUBLE  plugins: plugin startless failed to start: no power\n'],
  ])('exits with 1 if there is trouble: plugin %s', async (name, text) => {
    const { code, stdout } = await doctor(config(`[{ use: ./${name} }]`));
    expect(code).toBe(1);
    expect(stdout).toContain(text);
  });

  it('prints JSON', async () => {
    file('config.yaml', config('[{ use: ./careful }, { use: ./broken }]'), cwd);
    const { code, stdout } = await runCommand(['doctor', '--json'], { cwd });
    expect(code).toBe(1);
    expect(
      (JSON.parse(stdout) as { about: string; state: string }[]).map(({ about, state }) => [about, state]),
    ).toEqual([
      ['config.yaml', 'good'],
      ['listeners.esp.port', 'good'],
      ['listeners.esp.charset', 'good'],
      ['plugins', 'good'],
      ['the moon', 'warning'],
      ['plugin broken', 'trouble'],
    ]);
  });

  it('exits with 1 if the config is invalid', async () => {
    const { code, stdout, stderr } = await doctor('application: { nme: DMS }\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('config.yaml:1:16: unknown key application.nme: did you mean name?');
  });

  it('recognises a running host', async () => {
    file('serve.yaml', config('[]'), cwd);
    const host = new Program(['serve', '--config', 'serve.yaml'], { cwd });
    const [, port] = await host.printed(/address=127\.0\.0\.1:(\d+)/);
    const { code, stdout } = await doctor(config('[]', Number(port)));
    expect(stdout).toMatch(
      new RegExp(`good +listeners.esp.port: an esp-host listens on 127.0.0.1:${port}: process \\d+`),
    );
    expect(code).toBe(0);
  });

  it('accepts TLS options only with --interaction-server', async () => {
    const ca = file('ca.pem', '-----BEGIN CERTIFICATE-----\n', cwd);
    const asked = await doctor(config('[]'), 'config.yaml', '--interaction-server', '127.0.0.1:1', '--tls-ca', ca);
    expect(asked.stdout).toContain('start it, or correct --interaction-server and the --tls options');
    const { code, stderr } = await doctor(config('[]'), 'config.yaml', '--tls');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'the --tls options require --interaction-server\n',
    });
  });

  it('accepts a timeout of Interaction Server only with --interaction-server', async () => {
    const { code, stderr } = await doctor(config('[]'), 'config.yaml', '--third-party-server-timeout', '5000');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: '--third-party-server-timeout requires --interaction-server\n',
    });
  });

  it('sends requests to Interaction Server on demand', async () => {
    const timeout = ['--third-party-server-timeout', '5000'];
    const { code, stdout } = await doctor(
      config('[]'),
      'config.yaml',
      '--interaction-server',
      '127.0.0.1:1',
      ...timeout,
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^WARNING {2}config\.yaml:\d+:\d+: limits\.deadlineMs is 10000 ms: .* after 5000 ms/m);
    expect(stdout).toContain('TROUBLE  Interaction Server 127.0.0.1:1: cannot connect to 127.0.0.1:1');
  });
});
