import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { file, folder, removeFolders } from '../support/files.js';
import { builtPlugin } from '../support/plugins.js';
import { killPrograms, Program, type ProgramOptions } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';

const run = (words: readonly string[], options?: ProgramOptions) => new Program(words, options).ended();

/** Answers after 20 ms with how many requests it has had, or never; says at the end how many there were. */
const SLOW = `
import { definePlugin, EspMethod, PluginLogger, z } from 'esp-host';
const any = { parameters: z.object({}), response: z.object({}) };
let handled = 0;
class Wait {
  async handle() {
    const count = ++handled;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { Count: count };
  }
}
EspMethod('Slow', 'Wait', any)(Wait);
class Never { handle() { return new Promise(() => undefined); } }
EspMethod('Slow', 'Never', any)(Never);
export default definePlugin({
  name: 'slow',
  methods: [Wait, Never],
  stop: (container) => container.get(PluginLogger).info('handled', { count: handled }),
});
`;

const BROKEN = `
import { definePlugin } from 'esp-host';
export default definePlugin({ name: 'broken', methods: [], start() { throw new Error('no luck'); } });
`;

let cwd: string;
beforeAll(() => {
  cwd = folder();
  builtPlugin(SLOW, cwd, 'slow');
  builtPlugin(BROKEN, cwd, 'broken');
});
afterAll(removeFolders);
afterEach(killPrograms);

const CONFIG =
  'application: { name: DMS }\nplugins: [{ use: ./slow }]\nlisteners: { esp: { port: 0 }, metrics: { enabled: false } }\n';

/** A host that listens, and the port that it says. */
async function serve(config = CONFIG, words: readonly string[] = []): Promise<{ host: Program; port: number }> {
  const host = new Program(['serve', '--config', file('config.yaml', config, cwd), ...words]);
  const [, port] = await host.printed(/listens for ESP.* address=127\.0\.0\.1:(\d+)/);
  return { host, port: Number(port) };
}

const refused = (config: string, options: ProgramOptions = {}) => {
  file('config.yaml', config, cwd);
  return run(['serve'], { cwd, ...options });
};

describe('serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, answers, and ends with 0 at %s', async (signal) => {
    const { host, port } = await serve();
    const client = await RawClient.open(port);
    expect(outcome(await client.ask(request(1, 'Slow', 'Wait')))).toBe('{"Count":1}');
    host.kill(signal);
    await client.closed;
    const { code, stdout, stderr } = await host.ended();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.replaceAll(/^\S+ /gm, '').split('\n')).toEqual([
      `INFO  DMS (type 171) listens for ESP address=127.0.0.1:${port} methods="Slow.Wait,Slow.Never"`,
      'INFO  stopping inFlight=0 connections=1',
      'INFO  handled plugin=slow count=1',
      'INFO  stopped',
      '',
    ]);
  });

  it("listens on the address of --listen instead of the config's", async () => {
    const { host, port } = await serve(CONFIG.replace('port: 0', 'host: 203.0.113.1, port: 1'), ['--listen', ':0']);
    expect(outcome(await (await RawClient.open(port)).ask(request(1, 'Slow', 'Wait')))).toBe('{"Count":1}');
    host.kill('SIGTERM');
    expect(await host.ended()).toMatchObject({ code: 0 });
  });

  it('starts and stops as Management Layer does it: in a working directory, with arguments, and SIGTERM', async () => {
    file('config.yaml', CONFIG, cwd);
    const host = new Program(['serve', '--', '-host', 'cfg.example', '-port', '2020', '-app', 'DMS'], { cwd });
    await host.said(/ -host, -port, -app ignored: the host does not use Configuration Server/);
    await host.printed(/listens for ESP/);
    host.kill('SIGTERM');
    expect(await host.ended()).toMatchObject({ code: 0 });
  });

  it('logs JSON lines if configured', async () => {
    const host = new Program(['serve', '--config', file('config.yaml', `${CONFIG}logging: { format: json }\n`, cwd)]);
    await host.printed(/listens for ESP/);
    host.kill('SIGTERM');
    const { stderr } = await host.ended();
    const lines = stderr.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual([
      'DMS (type 171) listens for ESP',
      'stopping',
      'handled',
      'stopped',
    ]);
  });
});

it('serve reloads its configuration at SIGHUP, and if the file changes, and keeps it if that is invalid', async () => {
  const { host } = await serve();
  const changed = `${CONFIG}limits: { drainMs: 77 }\n`;
  file('config.yaml', changed, cwd);
  await host.said(/ the new configuration is in use/);
  file('config.yaml', changed.replace('77', '0'), cwd);
  host.signal('SIGHUP');
  await host.said(/ reload rejected, the earlier configuration stays in use: .*limits\.drainMs must be at least 1/);
  file('config.yaml', changed.replace('77', '78'), cwd);
  host.signal('SIGHUP');
  await host.said(/ the new configuration is in use/);
  expect(await host.kill('SIGTERM')).toMatchObject({ code: 0 });
});

/** Keeps requests in flight on one connection until that ends. */
class Load {
  asked = 0;

  private constructor(readonly client: RawClient) {}

  static async start(port: number, inFlight: number): Promise<Load> {
    const load = new Load(await RawClient.open(port));
    for (let request = 0; request < inFlight; request++) load.#ask();
    void load.#goOn();
    return load;
  }

  async #goOn(): Promise<void> {
    for (let seen = 1; ; seen++) {
      const received = await this.client.messages(seen).catch(() => undefined);
      if (received === undefined) return;
      this.#ask();
    }
  }

  #ask(): void {
    this.client.send(request(++this.asked, 'Slow', 'Wait'));
  }
}

describe('at SIGTERM during load', () => {
  it('every request is answered once until the connection ends', async () => {
    const { host, port } = await serve(`${CONFIG}limits: { drainMs: 2000 }\n`);
    const loads = await Promise.all([13, 13, 12, 12].map((inFlight) => Load.start(port, inFlight)));
    await Promise.all(loads.map(({ client }) => client.messages(100)));
    host.signal('SIGTERM');
    await Promise.all(loads.map(({ client }) => client.closed));
    const { code, stderr } = await host.ended();
    expect(code).toBe(0);

    const replies = loads.flatMap(({ client, asked }) => {
      const ids = client.received.map(({ referenceId }) => referenceId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(Math.max(...ids.map(Number))).toBeLessThanOrEqual(asked);
      return client.received.map(outcome);
    });
    const counts = replies.map((reply) => JSON.parse(reply).Count as number);
    const [, inFlight, connections] = /stopping inFlight=(\d+) connections=(\d+)/.exec(stderr) ?? [];
    expect(Number(inFlight)).toBeGreaterThan(0);
    expect(connections).toBe('4');
    const [, handled] = /handled plugin=slow count=(\d+)/.exec(stderr) ?? [];
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: Number(handled) }, (_, index) => index + 1));
    expect(stderr).not.toMatch(/WARN|ERROR/);
  });

  it('endless requests are answered 920 stopping at drainMs, still with exit code 0', async () => {
    const { host, port } = await serve(`${CONFIG}limits: { drainMs: 200 }\n`);
    const client = await RawClient.open(port);
    client.send(request(1, 'Slow', 'Never'));
    expect(outcome(await client.ask(request(2, 'Slow', 'Wait')))).toBe('{"Count":1}');
    host.kill('SIGTERM');
    await client.closed;
    expect(client.received.map(outcome).slice(1)).toEqual(['920 DMS failed to execute request Slow.Never: stopping']);
    const { code, stderr } = await host.ended();
    expect(code).toBe(0);
    expect(stderr).toMatch(/ stopping inFlight=1 connections=1\n.*Slow\.Never: stopping/);
  });

  it('two signals close together, as from npm at Ctrl-C, count as one', async () => {
    const { host, port } = await serve();
    const client = await RawClient.open(port);
    client.send(request(1, 'Slow', 'Wait'));
    host.kill('SIGINT');
    host.kill('SIGTERM');
    await client.messages(1);
    expect(await host.ended()).toMatchObject({ code: 0, stderr: expect.stringMatching(/ stopped\n$/) });
  });

  it('a second signal ends it immediately', async () => {
    const { host, port } = await serve();
    const client = await RawClient.open(port);
    client.send(request(1, 'Slow', 'Never'));
    await client.ask(request(2, 'Slow', 'Wait'));
    host.kill('SIGTERM');
    await host.printed(/stopping inFlight=1/);
    // Not too close together, or the two are one.
    const again = setInterval(() => host.kill('SIGINT'), 50);
    await client.closed;
    const { code, stderr } = await host.ended();
    clearInterval(again);
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/ stopped$/m);
  });
});

describe('a failed start exits with 1 and advice:', () => {
  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stdout, stderr } = await refused(CONFIG.replace('port: 0', `port: ${port}`));
    other.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n').slice(-2)).toEqual([
      `cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port in listeners.esp.port`,
      '',
    ]);
  });

  it('an address of another machine', async () => {
    const { code, stderr } = await refused(CONFIG.replace('port: 0', 'host: 203.0.113.1'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /cannot listen on 203.0.113.1:7120: this machine has no such address; see listeners.esp.host\n$/,
    );
  });

  it('a broken config', async () =>
    expect(await refused('application: { name: DMS }\nlisteners: { esp: { prot: 1 } }\n')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'config.yaml:2:21: unknown key listeners.esp.prot: did you mean port?\n',
    }));

  it('a plugin that fails to start; started plugins are stopped', async () => {
    const { code, stderr } = await refused(CONFIG.replace('./slow }', './slow }, { use: ./broken }'));
    expect(code).toBe(1);
    expect(stderr.replaceAll(/^\S+ (?=INFO)/gm, '')).toBe(
      'INFO  handled plugin=slow count=0\nplugin broken failed to start: no luck\n',
    );
  });

  it('a TypeScript plugin', async () => {
    const { code, stderr } = await refused(`application: { name: DMS }\nplugins: [{ use: ${folderOfTypeScript()} }]\n`);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^config.yaml:2:18: plugins\[0\].use cannot be used: .* contains only TypeScript, but serve loads/,
    );
  });
});

function folderOfTypeScript(): string {
  const made = folder();
  file('index.ts', 'export default 1;\n', made);
  return made;
}
