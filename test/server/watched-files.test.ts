import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, jest } from '@jest/globals';
import { WatchedFiles } from '../../src/server/watched-files.js';
import { until } from '../support/eventually.js';
import { file, folder, removeFolders } from '../support/files.js';

let files: WatchedFiles | undefined;
afterEach(() => files?.close());
afterAll(removeFolders);

/** Looks all the time; gives how often something had changed. */
function watch(...paths: string[]): () => number {
  let changes = 0;
  files = new WatchedFiles();
  files.add(paths);
  files.watch(1, () => changes++);
  return () => changes;
}

it('reports a file that is written, removed and restored', async () => {
  const path = file('a', 'one');
  const changes = watch(path, file('b', 'still'));
  writeFileSync(path, 'another');
  await until(() => changes() > 0);
  const written = changes();
  rmSync(path);
  await until(() => changes() > written);
  const gone = changes();
  writeFileSync(path, 'three');
  await until(() => changes() > gone);
});

it('reports a file that does not exist yet, and one that only has another time', async () => {
  const path = join(folder(), 'later');
  const changes = watch(path);
  writeFileSync(path, 'x');
  await until(() => changes() > 0);
  const before = changes();
  utimesSync(path, 1, 1);
  await until(() => changes() > before);
});

it('reports a file that has changed since it was read, whatever its date', async () => {
  const [known, named] = [file('known', 'one'), file('named', 'one')];
  let changes = 0;
  files = new WatchedFiles();
  files.add([known]);
  await files.read(
    () => {
      writeFileSync(known, 'changed');
      utimesSync(known, 1, 1);
    },
    () => [known],
  );
  files.watch(1, () => changes++);
  await until(() => changes > 0);
  files.add([named]);
  writeFileSync(named, 'changed');
  utimesSync(named, 1, 1);
  const before = changes;
  await until(() => changes > before);
});

it('does not report a file that changed before it was read', async () => {
  const [path, other] = [file('a', 'one'), file('b', 'one')];
  let changes = 0;
  files = new WatchedFiles();
  files.add([path, other]);
  writeFileSync(path, 'changed');
  await files.read(
    () => undefined,
    () => [path],
  );
  files.watch(1, () => changes++);
  writeFileSync(other, 'changed');
  await until(() => changes > 0);
  // Long enough for another look at both.
  const [before] = [changes];
  writeFileSync(other, 'once more');
  await until(() => changes > before);
  expect(changes).toBe(2);
});

it('reads again if it learns of a file only by reading, and throws what the last attempt threw', async () => {
  const [known, named] = [file('known', 'one'), file('named', 'one')];
  files = new WatchedFiles();
  files.add([known]);
  let reads = 0;
  const read = () => ++reads;
  expect(await files.read(read, () => [known])).toBe(1);
  expect(await files.read(read, () => [known, named])).toBe(3);
  expect(await files.read(read, () => [known, named])).toBe(4);
  const fail = () => {
    throw new Error(`attempt ${++reads}`);
  };
  await expect(files.read(fail, () => [file('third', '')].slice(reads - 5))).rejects.toThrow('attempt 6');
});

it('reports nothing once it is closed', async () => {
  const [path, other] = [file('a', 'one'), file('b', 'one')];
  const changes = watch(path);
  files?.close();
  writeFileSync(path, 'another');
  const others = watch(other);
  writeFileSync(other, 'another');
  await until(() => others() > 0);
  expect(changes()).toBe(0);
});

it('leaves no timer once it is closed', () => {
  jest.useFakeTimers();
  watch(file('a', 'one'));
  expect(jest.getTimerCount()).toBe(1);
  files?.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it('reports nothing more if it is closed as it reports a change', async () => {
  const [path, other] = [file('a', 'one'), file('b', 'one')];
  const closing = new WatchedFiles();
  let changes = 0;
  closing.add([path]);
  closing.watch(1, () => {
    changes++;
    closing.close();
  });
  writeFileSync(path, 'two');
  await until(() => changes > 0);
  writeFileSync(path, 'three');
  const others = watch(other);
  writeFileSync(other, 'two');
  await until(() => others() > 0);
  expect(changes).toBe(1);
});
