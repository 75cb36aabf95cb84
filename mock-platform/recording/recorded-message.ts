import { readFileSync } from 'node:fs';
import { isSecretKey } from '#server';
import {
  type Charset,
  decodeBody,
  type EspMessage,
  encodeMessage,
  maskFrame,
  messageFromJson,
  messageToJson,
  unframe,
} from '#wire';
import { RecordingError } from '../errors.js';
import { LIST_LIMITS } from '../limits.js';
import type { Direction, Frame, RelayedConnection } from '../relay/index.js';

/** Reads the messages of a file written by `esp-host record`. @throws RecordingError */
export const loadRecording = (file: string, charset: Charset): RecordedMessage[] =>
  readRecording(file, read(file), charset);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RecordingError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** A recorded message. */
export interface RecordedMessage {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly connection: number;
  readonly direction: Direction;
  readonly message: EspMessage;
  /** Attribute count, message id and attributes. */
  readonly body: Buffer;
}

/**
 * Formats a message as a line of JSON: time, connection, direction, the JSON form of the message, and its bytes.
 * Secrets are masked in both. A malformed message has its error in place of the JSON form.
 */
export function recordedLine(
  { id }: RelayedConnection,
  direction: Direction,
  frame: Frame,
  charset: Charset,
  at: Date,
): string {
  const bytes = maskFrame(frame.bytes, charset, isSecretKey);
  const about = { at: at.toISOString(), connection: id, direction };
  const hex = bytes.toString('hex');
  try {
    return JSON.stringify({ ...about, ...messageToJson(messageIn(bytes, charset).message), hex });
  } catch (error) {
    return JSON.stringify({ ...about, error: (error as Error).message, hex });
  }
}

/** Parses a recording. Lines without `hex`, such as handwritten ones, are encoded from JSON. @throws RecordingError */
export const readRecording = (file: string, text: string, charset: Charset): RecordedMessage[] =>
  text.split('\n').flatMap((line, index) => recordedMessage(file, index + 1, line, charset) ?? []);

/** Parses one line of a recording. Undefined if it is empty or its message malformed. @throws RecordingError */
export function recordedMessage(
  file: string,
  line: number,
  text: string,
  charset: Charset,
): RecordedMessage | undefined {
  if (text.trim() === '') return undefined;
  const problem = (message: string, key?: string) => {
    const column = columnOf(text, key);
    return new RecordingError(`${file}:${line}:${column}: ${message}`, { file, line, column, message });
  };
  const found = parseLine(text, charset, problem);
  return found === undefined ? undefined : { ...found, line };
}

/** The column of a key, or else of the line. */
const columnOf = (text: string, key?: string): number =>
  Math.max(text.search(/\S/), key === undefined ? 0 : text.indexOf(`"${key}"`)) + 1;

/** An error at a key of the line, or at the line. */
type LineProblem = (message: string, key?: string) => RecordingError;

function parseLine(line: string, charset: Charset, problem: LineProblem): Omit<RecordedMessage, 'line'> | undefined {
  const json = parsed(line, problem);
  const { connection, direction, hex, error } = json;
  if (typeof error === 'string') return undefined;
  if (!Number.isInteger(connection)) throw problem('connection must be a number', 'connection');
  if (direction !== 'toServer' && direction !== 'toClient') {
    throw problem('direction must be toServer or toClient', 'direction');
  }
  if (hex !== undefined && !(typeof hex === 'string' && /^([0-9a-f]{2})+$/i.test(hex))) {
    throw problem('hex must be the bytes of the message, two digits per byte', 'hex');
  }
  try {
    const bytes = hex === undefined ? encodeMessage(messageFromJson(json), charset) : Buffer.from(hex, 'hex');
    return { connection: connection as number, direction, ...messageIn(bytes, charset) };
  } catch (error) {
    throw problem((error as Error).message, 'hex');
  }
}

const LINE = 'each line must be a JSON object, such as {"connection":1,"direction":"toServer","hex":"..."}';

/** The errors of JSON.parse quote the text, which may be secret. */
function parsed(line: string, problem: LineProblem): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw problem(`is not JSON: ${LINE}`);
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw problem(LINE);
}

function messageIn(frame: Buffer, charset: Charset): { message: EspMessage; body: Buffer } {
  const body = unframe(frame);
  return { body, message: decodeBody(body, 0, body.length, charset, LIST_LIMITS) };
}
