import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { inTime, until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { ask, seriesValue } from '../support/http.js';
import { builtPlugin } from '../support/plugins.js';
import { outcome, RawClient, request } from '../support/raw-client.js';

/** Writes four megabytes of log lines, and answers. */
const TALKATIVE = `
import { definePlugin, EspMethod, PluginLogger, z } from 'esp-host';
let logger;
class Talk {
  handle() {
    for (let line = 0; line < 1000; line++) logger.info('y'.repeat(4000));
    return {};
  }
}
EspMethod('Log', 'Talk', { parameters: z.object({}), response: z.object({}) })(Talk);
export default definePlugin({
  name: 'talkative',
  methods: [Talk],
  start: (container) => { logger = container.get(PluginLogger); },
});
`;

let cwd: string;
let host: ChildProcess | undefined;
beforeAll(() => {
  cwd = folder();
  builtPlugin(TALKATIVE, cwd, 'talkative');
});
afterEach(() => void host?.kill('SIGKILL'));
afterAll(removeFolders);

/** A host with this stderr that is ready, and its ports. */
async function serve(stderr: number | 'pipe'): Promise<{ child: ChildProcess; esp: number; monitor: number }> {
  const [esp, monitor] = [await freePort(), await freePort()];
  const listeners = `listeners: { esp: { port: ${esp} }, metrics: { port: ${monitor} } }`;
  const config = file(
    'config.yaml',
    `application: { name: DMS }\nplugins: [{ use: ./talkative }]\n${listeners}\n`,
    cwd,
  );
  const words = [join(ROOT, 'bin/esp-host.cjs'), 'serve', '--config', config];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', stderr] });
  host = child;
  if (stderr !== 'pipe') closeSync(stderr);
  const isReady = async () => (await ask(monitor, '/health/ready').catch(() => undefined))?.status === 200;
  await until(isReady, 'the host is ready');
  return { child, esp, monitor };
}

const lost = async (monitor: number, reason: string) =>
  seriesValue((await ask(monitor, '/metrics')).body, `esp_log_lines_lost_total{reason="${reason}"}`);

/** Has it write more than any buffer takes. */
async function talk(port: number): Promise<void> {
  const client = await RawClient.open(port);
  expect(outcome(await client.ask(request(1, 'Log', 'Talk')))).toBe('{}');
  client.socket.destroy();
}

async function stop(child: ChildProcess): Promise<unknown> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  return (await inTime(exit, 'the host ends'))[0];
}

it('a full disk does not prevent the host from starting, answering and stopping', async () => {
  const { child, esp, monitor } = await serve(openSync('/dev/full', 'w'));
  await talk(esp);
  expect(await lost(monitor, 'write')).toBeGreaterThanOrEqual(1000);
  expect(await lost(monitor, 'full')).toBe(0);
  expect(await lost(monitor, 'failed')).toBe(0);
  expect(await stop(child)).toBe(0);
});

it('a disconnected log reader costs only lines', async () => {
  const { child, esp, monitor } = await serve('pipe');
  child.stderr?.destroy();
  await talk(esp);
  await talk(esp);
  expect(await lost(monitor, 'write')).toBeGreaterThanOrEqual(1000);
  expect(await stop(child)).toBe(0);
});

it('a log reader that stalls blocks nothing, and reads the number of lost lines when it continues', async () => {
  const path = join(cwd, 'log');
  execFileSync('mkfifo', [path]);
  const log = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const { child, esp, monitor } = await serve(openSync(path, 'w'));
  await talk(esp);
  const count = (await lost(monitor, 'full')) ?? 0;
  expect(count).toBeGreaterThan(500);
  expect(count).toBeLessThan(900);
  let text = '';
  const reader = createReadStream(path, { encoding: 'utf8' });
  reader.on('data', (part) => {
    text += part;
  });
  await until(() => text.includes(' log lines were lost'), 'a line says how many were lost');
  expect(text).toMatch(new RegExp(`^\\S+ ERROR ${count} log lines were lost: their reader is too slow$`, 'm'));
  expect(text.match(/y{4000}/g)).toHaveLength(1000 - count);
  expect(await stop(child)).toBe(0);
  await until(() => text.endsWith('INFO  stopped\n'), 'the last line comes');
  closeSync(log);
});

it('a log reader that returns reads the number of lost lines, and the next lines', async () => {
  const path = join(cwd, 'again');
  execFileSync('mkfifo', [path]);
  const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { child, esp } = await serve(openSync(path, 'w'));
  closeSync(first);
  await talk(esp);
  let text = '';
  const reader = createReadStream(path, { encoding: 'utf8' });
  reader.on('data', (part) => {
    text += part;
  });
  await until(() => / ERROR \d+ log lines were lost: EPIPE\n/.test(text), 'a line says how many were lost');
  expect(await stop(child)).toBe(0);
  await until(() => text.endsWith('INFO  stopped\n'), 'the last line comes');
});
