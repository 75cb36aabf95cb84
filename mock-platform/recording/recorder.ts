import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { Logger } from 'esp-host';
import { type ClientTls, charset, type ListenerTls, MessageId } from '#wire';
import type { Address } from '../configuration/index.js';
import { type Frame, type Relay, type RelayedConnection, startRelay } from '../relay/index.js';
import { recordedLine } from './recorded-message.js';

/** Options of {@link startRecording}. */
export interface RecordingOptions {
  readonly listen: Address;
  readonly to: Address;
  /** The file to create; it must not exist. */
  readonly out: string;
  /** TLS towards the clients. */
  readonly tls?: ListenerTls | undefined;
  /** TLS towards the server. */
  readonly toTls?: ClientTls | undefined;
  /** Charset of type 0 strings and keys; default utf-8. */
  readonly charset?: string | undefined;
  readonly logger?: Logger | undefined;
}

/** Numbers of recorded messages, and what else passed. */
export interface RecordingCounts {
  requests: number;
  responses: number;
  faults: number;
  /** Messages with another message id. */
  others: number;
  /** ADDP frames, which are relayed but not recorded. */
  addp: number;
  connections: number;
}

/** A relay that records the messages. */
export interface Recording {
  readonly relay: Relay;
  readonly counts: Readonly<RecordingCounts>;
  /** Rejects when a line cannot be written. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Starts a recording relay. @throws the error of `listen` or of opening the file, such as EADDRINUSE or EEXIST */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const set = charset(options.charset);
  const file = new LineFile(options.out);
  const counts: RecordingCounts = { requests: 0, responses: 0, faults: 0, others: 0, addp: 0, connections: 0 };
  try {
    const relay = await startRelay({
      listen: options.listen,
      to: () => options.to,
      tls: options.tls,
      toTls: options.toTls,
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

/** Writes lines synchronously. Only the owner can read the file, because it contains personal data. */
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
