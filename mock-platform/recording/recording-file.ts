import { readFileSync } from 'node:fs';
import type { Charset } from 'esp-host/wire';
import { RecordingError } from '../errors.js';
import { type RecordedMessage, readRecording } from './recorded-message.js';

/** The messages of a file that `esp-host record` wrote. @throws RecordingError */
export const loadRecording = (file: string, charset: Charset): RecordedMessage[] =>
  readRecording(file, read(file), charset);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RecordingError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
