import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/eventually.js';
import { file, folder, removeFolders } from '../support/files.js';
import { ask } from '../support/http.js';
import { killPrograms, Program } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

/** `serve` with one plugin of this text, in a process of its own. */
function serve(
  plugin = 'export default definePlugin({ name: "x", methods: [] });',
  esp = '{ port: 0 }',
  drainMs = 10_000,
  format = 'text',
): Program {
  const home = folder();
  file('index.mjs', `import { definePlugin, EspMethod, z } from 'esp-host';\n${plugin}`, home);
  const listeners = `listeners: { esp: ${esp}, metrics: { port: 0 } }`;
  const config = `application: { name: DMS }\nplugins: [{ use: ${home} }]\n${listeners}\nlimits: { drainMs: ${drainMs} }\nlogging: { format: ${format} }\n`;
  return new Program(['serve', '--config', file('config.yaml', config)]);
}

/** A plugin with the method Test.Do, whose handle() has this body. */
const method = (body: string, more = ''): string => `
class Do { handle(call) { ${body} } }
EspMethod('Test', 'Do', { parameters: z.looseObject({}), response: z.looseObject({}) })(Do);
export default definePlugin({ name: 'x', methods: [Do], ${more} });
`;

const connect = async (program: Program): Promise<RawClient> => {
  const [, port] = await program.printed(/listens for ESP address=127\.0\.0\.1:(\d+)/);
  return RawClient.open(Number(port));
};

describe('serve', () => {
  it('answers requests in flight at SIGTERM, is no longer ready, and exits with 0', async () => {
    const program = serve(
      method('return new Promise((resolve) => { process.once("SIGUSR2", () => resolve({ Done: "1" })); })'),
    );
    const client = await connect(program);
    const [, health] = await program.printed(/health and metrics url=http:\/\/127\.0\.0\.1:(\d+)/);
    expect((await ask(Number(health), '/health/ready')).status).toBe(200);
    client.send(request(1, 'Test', 'Do'));
    await until(
      async () => /in_flight 1\n/.test((await ask(Number(health), '/metrics')).body),
      'one request in flight',
    );
    program.signal('SIGTERM');
    await program.printed(/INFO {2}stopping inFlight=1 connections=1/);
    expect((await ask(Number(health), '/health/ready')).status).toBe(503);
    expect((await ask(Number(health), '/health/live')).status).toBe(200);
    program.signal('SIGUSR2');
    expect((await client.messages(1)).map(outcome)).toEqual(['{"Done":"1"}']);
    const { code, stdout } = await program.ended();
    expect([code, stdout]).toEqual([0, '']);
  });

  it('continues after an unhandled rejection of a plugin, and logs it', async () => {
    const program = serve(method('Promise.reject(new Error("left behind")); return { Done: "1" };'));
    const client = await connect(program);
    expect(outcome(await client.ask(request(1, 'Test', 'Do')))).toBe('{"Done":"1"}');
    await program.printed(
      /ERROR plugin x: unhandled promise rejection: left behind plugin=x\n +Error: left behind\n +at/,
    );
    expect(outcome(await client.ask(request(2, 'Test', 'Do')))).toBe('{"Done":"1"}');
    await client.close();
    expect((await program.kill('SIGTERM')).code).toBe(0);
  });

  it('does not wait for a plugin that never stops, names it, and exits with 0', async () => {
    const program = serve(method('return {}', 'stop() { return new Promise(() => undefined); }'), '{ port: 0 }', 50);
    await program.printed(/listens for ESP/);
    const { code, stderr } = await program.kill('SIGTERM');
    expect(code).toBe(0);
    expect(stderr).toMatch(/ERROR plugin x did not stop within 50 ms \(limits.drainMs\).*\n.*INFO {2}stopped/);
  });

  it('exits with 1 and one line with the reason if a plugin does not start', async () => {
    const program = serve(method('return {}', 'start() { throw new Error("no database"); }'));
    const { code, stderr } = await program.ended();
    expect(code).toBe(1);
    expect(stderr.split('\n').slice(-2)).toEqual(['plugin x failed to start: no database', '']);
  });

  it('exits with 1 and says what to do if its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await serve(undefined, `{ port: ${port} }`).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(`cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose`);
    other.close();
  });

  it('exits with 1 and file:line:column if its configuration is invalid', async () => {
    const { code, stderr } = await serve(undefined, '{ prot: 0 }').ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\S+config\.yaml:3:21: unknown key listeners\.esp\.prot: did you mean port\?\n$/);
  });
});

/** A plugin of several methods, each with its body, behind this text. */
const methods = (bodies: Readonly<Record<string, string>>, before = ''): string => `
${before}
const any = { parameters: z.looseObject({}), response: z.looseObject({}) };
const classes = [];
${Object.entries(bodies)
  .map(([name, body]) => `class ${name} { handle(call) { ${body} } }\nEspMethod('Test', '${name}', any)(${name});`)
  .join('\n')}
export default definePlugin({ name: 'x', methods: [${Object.keys(bodies).join(', ')}] });
`;

const LATER = 'new Promise((resolve) => process.once("SIGUSR2", () => resolve({ Done: "1" })))';
const BEARER = 'Authorization: Bearer abcdef0123456789';

const THROWS = methods(
  {
    Wait: `return ${LATER}`,
    Timer: `setTimeout(() => { throw new Error("${BEARER}"); }); return {};`,
    Emitter:
      'const one = new EventTarget(); one.addEventListener("go", () => { throw new Error("listener"); }); one.dispatchEvent(new Event("go")); return {};',
    Abort:
      'call.signal.addEventListener("abort", () => { throw new TypeError("abort"); }); return new Promise(() => undefined);',
    Odd: 'setTimeout(() => { throw Object.create(null); }); return {};',
    Exit: 'process.exit(0);',
    ExitLater: 'setTimeout(() => process.exit(0)); return {};',
    Ok: 'return { Ok: "1" };',
  },
  'process.setMaxListeners(0);',
);

describe('an uncaught exception of a plugin', () => {
  const lines = (program: Program): Record<string, unknown>[] =>
    program.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('is logged without secrets and counted; requests in flight and new ones are answered', async () => {
    const program = serve(THROWS, '{ port: 0 }', 10_000, 'json');
    const [, port] = await program.printed(/"address":"127\.0\.0\.1:(\d+)"/);
    const [, health] = await program.printed(/"url":"http:\/\/127\.0\.0\.1:(\d+)/);
    const errors = async () =>
      /esp_plugin_errors_total\{plugin="x"\} (\d+)/.exec((await ask(Number(health), '/metrics')).body)?.[1];
    expect(await errors()).toBe('0');
    const client = await RawClient.open(Number(port));
    client.send(...Array.from({ length: 200 }, (_, index) => request(index + 1, 'Test', 'Wait')));
    await client.ask(request(1001, 'Test', 'Timer'));
    await client.ask(request(1002, 'Test', 'Emitter'));
    const other = await RawClient.open(Number(port));
    other.send(request(1, 'Test', 'Abort'));
    await until(async () => /in_flight 201\n/.test((await ask(Number(health), '/metrics')).body), '201 in flight');
    await other.close();
    await until(async () => (await errors()) === '3', 'three errors');
    program.signal('SIGUSR2');
    const replies = (await client.messages(202)).map(outcome);
    expect(replies.filter((reply) => reply === '{"Done":"1"}')).toHaveLength(200);
    expect(outcome(await client.ask(request(1003, 'Test', 'Ok')))).toBe('{"Ok":"1"}');
    await client.close();
    expect((await program.kill('SIGTERM')).code).toBe(0);
    expect(program.stderr).not.toContain('abcdef0123456789');
    const told = lines(program).filter(({ level }) => level === 'error');
    expect(told).toMatchObject([
      { plugin: 'x', message: expect.stringMatching(/^plugin x: uncaught exception: Auth/) },
      { plugin: 'x', stack: expect.stringMatching(/Error: (listener|abort)\n +at .*index\.mjs/) },
    ]);
    expect(told[1]).toMatchObject({ times: 2 });
  });

  it('shuts down the host if its origin is unknown', async () => {
    const program = serve(THROWS);
    const client = await connect(program);
    client.send(request(1, 'Test', 'Wait'));
    await client.ask(request(2, 'Test', 'Odd'));
    await program.printed(/INFO {2}stopping inFlight=1/);
    program.signal('SIGUSR2');
    expect((await client.messages(2)).map(outcome)).toContain('{"Done":"1"}');
    const { code, stderr } = await program.ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/ERROR uncaught exception: .*; the host shuts down\n/);
    expect(stderr).toMatch(/INFO {2}stopped\n$/);
  });
});

describe('process.exit of a plugin', () => {
  it.each(['Exit', 'ExitLater'])('ends the host in order, with 1, so that it is started anew: %s', async (name) => {
    const program = serve(THROWS);
    const client = await connect(program);
    client.send(request(1, 'Test', 'Wait'));
    const reply = outcome(await client.ask(request(2, 'Test', name)));
    expect(reply).toBe(name === 'Exit' ? '900 Test.Exit failed unexpectedly (ReferenceId 2)' : '{}');
    await program.printed(/INFO {2}stopping inFlight=1/);
    program.signal('SIGUSR2');
    expect((await client.messages(2)).map(outcome)).toContain('{"Done":"1"}');
    const { code, stderr } = await program.ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /ERROR plugin x: process\.exit\(0\) was called; the host shuts down plugin=x\n.*\n? +at .*index\.mjs/,
    );
    expect(stderr).toMatch(/INFO {2}stopped\n$/);
  });

  it('while it starts is a failed start', async () => {
    const { code, stderr } = await serve(method('return {}', 'start() { process.exit(0); }')).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/plugin x: process\.exit\(0\) was called/);
    expect(stderr).toMatch(
      /plugin x failed to start: process\.exit\(0\) was called: a plugin cannot end the process\n$/,
    );
  });
});

it('an exception before the host listens makes it exit with 1 and a log line', async () => {
  const starting = 'start() { setTimeout(() => { throw Object.create(null); }); return new Promise(() => undefined); }';
  const { code, stderr } = await serve(method('return {}', starting)).ended();
  expect(code).toBe(1);
  expect(stderr).toMatch(/ERROR uncaught exception: .*\n$/);
});
