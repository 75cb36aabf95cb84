import { afterAll, afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { loadConfig, prepare, Reloader, type ReloaderOptions, Server, WatchedFiles } from '../../src/server/index.js';
import { file, removeFolders } from '../support/files.js';
import { seriesValue } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';

afterAll(removeFolders);

/** Files that change when the test says so. */
class SayingFiles extends WatchedFiles {
  change = (): void => undefined;
  pollMs: number | undefined;
  override watch(pollMs: number, changed: () => void): void {
    this.pollMs = pollMs;
    this.change = changed;
  }
}

const path = file(
  'config.yaml',
  'application: { name: DMS }\nlisteners: { esp: { port: 0 }, metrics: { enabled: false } }\n',
);
let server: Server;
let files: SayingFiles;
let reads: number;

beforeEach(async () => {
  const prepared = await prepare(loadConfig(path), { typescript: true });
  server = await Server.start({ prepared, logger: new LogLines().logger });
  files = new SayingFiles();
  files.add([path]);
  reads = 0;
});
afterEach(async () => {
  jest.useRealTimers();
  await server.stop();
});

function watched(more: Partial<ReloaderOptions> = {}): Reloader {
  jest.useFakeTimers();
  const load = () => {
    reads++;
    return loadConfig(path);
  };
  const reloader = new Reloader({ server, files, load, typescript: true, ...more });
  reloader.watch();
  return reloader;
}

it('reads once the files have been unchanged for 200 ms', async () => {
  const reloader = watched();
  files.change();
  jest.advanceTimersByTime(150);
  files.change();
  jest.advanceTimersByTime(199);
  expect(reads).toBe(0);
  jest.advanceTimersByTime(1);
  expect(reads).toBe(1);
  await reloader.reload();
});

it('checks the files every second unless configured', () => {
  watched();
  expect(files.pollMs).toBe(1000);
  watched({ pollMs: 50 });
  expect(files.pollMs).toBe(50);
});

it('reads no files once it has stopped', () => {
  const reloader = watched();
  files.change();
  reloader.stop();
  jest.advanceTimersByTime(1000);
  expect(reads).toBe(0);
});

it('includes a change that was noticed before a request', async () => {
  const reloader = watched();
  files.change();
  await reloader.reload();
  jest.advanceTimersByTime(1000);
  expect(reads).toBe(1);
});

it('reports how long ago a change was noticed, or the reload requested', async () => {
  const times: number[] = [];
  const reloader = watched({
    settleMs: 50,
    switchTo: async (_prepared, sinceMs) => {
      jest.advanceTimersByTime(7);
      times.push(sinceMs());
    },
  });
  files.change();
  jest.advanceTimersByTime(20);
  files.change();
  jest.advanceTimersByTime(20);
  await reloader.reload();
  await reloader.reload();
  expect(times).toEqual([47, 7]);
});

it('counts reloads from zero, and a new host as successful', async () => {
  watched();
  const text = await server.metrics.text();
  expect(seriesValue(text, 'esp_config_last_reload_successful')).toBe(1);
  expect(seriesValue(text, 'esp_config_reloads_total{outcome="applied"}')).toBe(0);
  expect(seriesValue(text, 'esp_config_reloads_total{outcome="refused"}')).toBe(0);
});
