import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { Logger } from 'esp-host';
import { charset, MessageId } from 'esp-host/wire';
import type { Address } from '../configuration/index.js';
import { type Frame, type Relay, type RelayedConnection, startRelay } from '../relay/index.js';
import { recordedLine } from './recorded-message.js';

/** Options of {@link startRecording}. */
export interface RecordingOptions {
  readonly listen: Address;
  readonly to: Address;
  /** A file that is not there yet. */
  readonly out: string;
  /** Of type 0 strings and keys; default utf-8. */
  readonly charset?: string | undefined;
  readonly logger?: Logger | undefined;
}

/** What was recorded. */
export interface RecordingCounts {
  requests: number;
  responses: number;
  faults: number;
  /** With another message id. */
  others: number;
  /** ADDP frames pass, and are not recorded. */
  addp: number;
  connections: number;
}

/** A relay that writes down what passes. */
export interface Recording {
  readonly relay: Relay;
  readonly counts: Readonly<RecordingCounts>;
  /** Rejects when a line cannot be written. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** @throws the error of `listen` or of opening the file, for instance EADDRINUSE or EEXIST */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const set = charset(options.charset);
  const file = new LineFile(options.out);
  const counts: RecordingCounts = { requests: 0, responses: 0, faults: 0, others: 0, addp: 0, connections: 0 };
  try {
    const relay = await startRelay({
      listen: options.listen,
      to: () => options.to,
      charset: set,
      logger: options.logger,
      observer: {
        frame: (connection, direction, frame) => {
          count(counts, connection, frame);
          if (frame.kind === 'message') file.write(recordedLine(connection, direction, frame, set, new Date()));
        },
      },
    });
    return { relay, counts, failed: file.failed, close: () => relay.close().finally(() => file.close()) };
  } catch (error) {
    file.close();
    unlinkSync(options.out);
    throw error;
  }
}

function count(counts: RecordingCounts, { id }: RelayedConnection, { kind, body }: Frame): void {
  counts.connections = Math.max(counts.connections, id);
  if (kind === 'addp') counts.addp++;
  else counts[NAMES.get(body.readInt32BE(1)) ?? 'others']++;
}

const NAMES = new Map<number, 'requests' | 'responses' | 'faults'>([
  [MessageId.Request3rdServer, 'requests'],
  [MessageId.Event3rdServerResponse, 'responses'],
  [MessageId.Event3rdServerFault, 'faults'],
]);

/** Lines that are in the file as soon as they are written, for their owner alone: they are about people. */
class LineFile {
  readonly failed: Promise<never>;
  readonly #file: number;
  readonly #fail: (error: Error) => void;
  #closed = false;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.failed.catch(() => undefined);
    this.#fail = reject;
  }

  write(line: string): void {
    if (this.#closed) return;
    try {
      writeSync(this.#file, `${line}\n`);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }
}
