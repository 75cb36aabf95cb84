import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { WatchedFiles } from '../../src/server/watched-files.js';
import { until } from '../support/eventually.js';
import { file, folder, removeFolders } from '../support/files.js';

let files: WatchedFiles | undefined;
afterEach(() => files?.close());
afterAll(removeFolders);

/** Looks all the time; gives how often something had changed. */
function watch(...paths: string[]): () => number {
  let changes = 0;
  files = new WatchedFiles(1, () => changes++);
  files.add(paths, Number.POSITIVE_INFINITY);
  return () => changes;
}

it('tells of a file that is written, taken away and put back', async () => {
  const path = file('a', 'one');
  const changes = watch(path, file('b', 'still'));
  writeFileSync(path, 'two');
  await until(() => changes() > 0);
  const written = changes();
  rmSync(path);
  await until(() => changes() > written);
  const gone = changes();
  writeFileSync(path, 'three');
  await until(() => changes() > gone);
});

it('tells of a file that is not there yet, and of one that looks the same but for its time', async () => {
  const path = join(folder(), 'later');
  const changes = watch(path);
  writeFileSync(path, 'x');
  await until(() => changes() > 0);
  const before = changes();
  utimesSync(path, 1, 1);
  await until(() => changes() > before);
});

it('tells at once of a file that has changed since it was read', () => {
  const changes = watch();
  const path = file('a', 'one');
  files?.add([path], Date.now() - 60_000);
  expect(changes()).toBe(1);
  files?.add([path], Date.now() - 60_000);
  files?.add([file('b', 'one')], Date.now() + 60_000);
  expect(changes()).toBe(1);
});

it('tells of nothing when it is closed', async () => {
  const [path, other] = [file('a', 'one'), file('b', 'one')];
  const changes = watch(path);
  files?.close();
  writeFileSync(path, 'two');
  const others = watch(other);
  writeFileSync(other, 'two');
  await until(() => others() > 0);
  expect(changes()).toBe(0);
});
