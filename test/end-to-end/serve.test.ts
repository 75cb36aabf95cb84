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
): Program {
  const home = folder();
  file('index.mjs', `import { definePlugin, EspMethod, z } from 'esp-host';\n${plugin}`, home);
  const listeners = `listeners: { esp: ${esp}, metrics: { port: 0 } }`;
  const config = `application: { name: DMS }\nplugins: [{ use: ${home} }]\n${listeners}\nlimits: { drainMs: ${drainMs} }\n`;
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
  it('answers what is in flight at SIGTERM, is ready no longer, and ends with 0', async () => {
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

  it('goes on where a plugin leaves a rejected promise behind, and says so', async () => {
    const program = serve(method('Promise.reject(new Error("left behind")); return { Done: "1" };'));
    const client = await connect(program);
    expect(outcome(await client.ask(request(1, 'Test', 'Do')))).toBe('{"Done":"1"}');
    await program.printed(
      /ERROR a promise was rejected and nobody handles it: left behind\n +Error: left behind\n +at/,
    );
    expect(outcome(await client.ask(request(2, 'Test', 'Do')))).toBe('{"Done":"1"}');
    await client.close();
    expect((await program.kill('SIGTERM')).code).toBe(0);
  });

  it('does not wait for a plugin that never stops, names it, and ends with 0', async () => {
    const program = serve(method('return {}', 'stop() { return new Promise(() => undefined); }'), '{ port: 0 }', 50);
    await program.printed(/listens for ESP/);
    const { code, stderr } = await program.kill('SIGTERM');
    expect(code).toBe(0);
    expect(stderr).toMatch(/ERROR plugin x did not stop within 50 ms \(limits.drainMs\).*\n.*INFO {2}stopped/);
  });

  it('ends with 1 and one line that says why where a plugin does not start', async () => {
    const program = serve(method('return {}', 'start() { throw new Error("no database"); }'));
    const { code, stderr } = await program.ended();
    expect(code).toBe(1);
    expect(stderr.split('\n').slice(-2)).toEqual(['plugin x failed to start: no database', '']);
  });

  it('ends with 1 and says what to do where its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await serve(undefined, `{ port: ${port} }`).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(`cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose`);
    other.close();
  });

  it('ends with 1 and file:line:column where its configuration is wrong', async () => {
    const { code, stderr } = await serve(undefined, '{ prot: 0 }').ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\S+config\.yaml:3:21: listeners\.esp\.prot is not known here; did you mean port\?\n$/);
  });
});
