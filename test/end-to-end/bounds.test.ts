import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { until } from '../support/eventually.js';
import { file, ROOT, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { ask, seriesValue } from '../support/http.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { u32 } from '../wire/hex.js';

/** `serve` at its limits, in a process of its own. */

const MB = 1 << 20;

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});
afterAll(removeFolders);

interface Served {
  readonly esp: number;
  readonly metrics: number;
  readonly pid: number;
  stderr(): string;
}

/** @param shell in front of the program, such as `ulimit -n 64;` */
async function serve(limits: string, shell = ''): Promise<Served> {
  const [esp, metrics] = [await freePort(), await freePort()];
  const config = file(
    'config.yaml',
    `application: { name: DMS }\nlisteners: { esp: { port: ${esp} }, metrics: { port: ${metrics} } }\nlimits: ${limits}\n`,
  );
  const command = `${shell} exec '${process.execPath}' '${join(ROOT, 'bin/esp-host.cjs')}' serve --config '${config}'`;
  const child = spawn('sh', ['-c', command], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  ended.push(async () => {
    const over = once(child, 'exit');
    child.kill('SIGKILL');
    await over;
  });
  await until(() => /listens for ESP/.test(stderr), 'it listens');
  return { esp, metrics, pid: child.pid ?? 0, stderr: () => stderr };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  ended.push(async () => socket.destroy());
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed(socket)]);
  return socket;
}

const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

const refused = async ({ metrics }: Served, reason: string): Promise<number> =>
  seriesValue((await ask(metrics, '/metrics')).body, `esp_connections_refused_total{reason="${reason}"}`) ?? 0;

async function answers(port: number): Promise<void> {
  const client = await RawClient.open(port);
  ended.push(async () => client.socket.destroy());
  expect(outcome(await client.ask(request(1, 'No', 'Such')))).toBe('902 No unknown service');
}

it('at a limit of 64 descriptors, counts and logs refused connections, and answers health', async () => {
  const served = await serve('{ connections: 1000, connectionsPerAddress: 1000 }', 'ulimit -n 64;');
  expect(served.stderr()).toMatch(/the process may open 64 files \(ulimit -n\), which allows for \d+ connections/);
  await answers(served.esp);
  const sockets = await Promise.all(Array.from({ length: 100 }, () => open(served.esp)));
  await until(async () => (await refused(served, 'descriptors')) > 0, 'connections are refused');
  expect((await ask(served.metrics, '/health/ready')).status).toBe(200);
  await until(() => /connection refused: \d+ of the 64 file descriptors/.test(served.stderr()), 'it tells');
  const lost = sockets.filter(({ destroyed }) => destroyed).length;
  await until(async () => (await refused(served, 'descriptors')) >= lost, 'every one is counted');
  for (const socket of sockets) socket.destroy();
  await until(
    () =>
      answers(served.esp).then(
        () => true,
        () => false,
      ),
    'there is room again',
  );
});

it('answers health with any number of open connections to its port', async () => {
  const served = await serve('{}');
  await Promise.all(Array.from({ length: 300 }, () => open(served.metrics)));
  expect((await ask(served.metrics, '/health/live')).status).toBe(200);
  const descriptors = execFileSync('ls', [`/proc/${served.pid}/fd`], { encoding: 'utf8' })
    .trim()
    .split('\n').length;
  expect(descriptors).toBeLessThan(100);
  await answers(served.esp);
});

it('stays within the memory of its limits', async () => {
  const [bufferedBytes, messageBytes, connections, inFlight] = [32 * MB, 8 * MB, 400, 1000];
  const served = await serve(
    `{ bufferedBytes: ${bufferedBytes}, messageBytes: ${messageBytes}, connections: ${connections}, connectionsPerAddress: ${connections}, inFlight: ${inFlight} }`,
  );
  const fragment = Buffer.concat([u32(16_380), Buffer.alloc(16_380)]);
  const marker = Buffer.concat([u32(28), Buffer.from('$PACKET EXTENSION V1.00$', 'latin1'), u32(messageBytes)]);
  const message = Buffer.concat([marker, ...Array.from({ length: 256 }, () => fragment)]);
  for (let round = 0; round < 4; round++) {
    const attackers = await Promise.all(Array.from({ length: 50 }, () => open(served.esp)));
    await Promise.all(
      attackers.map((socket) => Promise.race([closed(socket), new Promise((sent) => socket.write(message, sent))])),
    );
    for (const socket of attackers) socket.destroy();
  }
  await answers(served.esp);
  const most = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${served.pid}/status`, 'utf8'))?.[1]) * 1024;
  const formula = 180 * MB + 3 * bufferedBytes + 4 * messageBytes + 32_768 * connections + 10_240 * inFlight;
  expect(served.stderr()).toMatch(/limits.bufferedBytes is reached/);
  expect(most).toBeLessThan(formula);
});
