import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { LogSink, linesLost } from '../../src/telemetry/log-sink.js';
import { until } from '../support/eventually.js';
import { folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

const LINE = `${'y'.repeat(3_999)}\n`;

/** A sink that writes to a pipe, and what reads all that is in the pipe now. */
function piped(): { sink: LogSink; read: () => string; close: () => void } {
  const path = join(folder(), 'log');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1 << 20);
  const read = (): string => {
    let text = '';
    try {
      for (;;) text += buffer.toString('latin1', 0, readSync(reader, buffer));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
    }
    return text;
  };
  return { sink: new LogSink(writer), read, close: () => [reader, writer].forEach(closeSync) };
}

it('three megabytes in one turn of the event loop reach a reader that keeps up', async () => {
  const { sink, read, close } = piped();
  const before = linesLost.full;
  let text = '';
  for (let line = 0; line < 800; line++) {
    sink.write(LINE);
    if (line > 20 && line % 10 === 0) text += read();
  }
  await until(() => {
    text += read();
    return text.length >= LINE.length * 800;
  }, 'all lines come');
  close();
  expect(linesLost.full).toBe(before);
  expect(text === LINE.repeat(800)).toBe(true);
});

it('a reader that stalls gets what waits, and is told of what was lost when it reads on', async () => {
  const { sink, read, close } = piped();
  const before = linesLost.full;
  for (let line = 0; line < 800; line++) sink.write(LINE);
  const lost = linesLost.full - before;
  expect(lost).toBeGreaterThan(500);
  expect(lost).toBeLessThan(550);
  let text = read();
  await until(() => {
    text += read();
    return text.includes(' were lost');
  }, 'a line says how many were lost');
  close();
  expect(text === `${LINE.repeat(800 - lost)}${lost} log lines were lost: their reader is too slow\n`).toBe(true);
});
