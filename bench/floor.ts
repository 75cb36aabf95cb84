/**
 * The floor: a bare node:net (with BENCH_TLS, node:tls) server that only splits the stream into messages, and answers each
 * with a constant and the request's ReferenceId. No ESP server in JavaScript can be faster.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { charset, encodeMessage, KeyValueList, MessageId } from '#wire';

/** Offset of the ReferenceId in a body that starts with it: after count, message id, attribute id and type. */
const REFERENCE_ID = 1 + 4 + 4 + 1;

/** The frame before a body of several frames, and the offset of the body's length in it. */
const EXTENSION = 28;
const EXTENSION_TOTAL = 4 + 24;

const reply = encodeMessage(
  {
    messageId: MessageId.Event3rdServerResponse,
    referenceId: 0,
    request: KeyValueList.from({
      Version: '1.0',
      AppType: 171,
      Service: 'Bench',
      Method: 'Answer',
      Parameters: { Id: '+16315551002' },
    }),
    userData: undefined,
  },
  charset(),
);

/** Splits the stream of a connection, and returns the replies. */
class Cutter {
  #rest: Buffer = Buffer.alloc(0);
  /** Missing bytes of a body of several frames, and its reply. */
  #missing = 0;
  #later: Buffer | undefined;

  cut(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const replies: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32BE(at);
      if (at + 4 + length > bytes.length) break;
      if (this.#missing > 0) this.#fragment(bytes, at + 4, length, replies);
      else if (length === EXTENSION) this.#missing = bytes.readUInt32BE(at + EXTENSION_TOTAL);
      else replies.push(answerTo(bytes, at + 4));
      at += 4 + length;
    }
    this.#rest = bytes.subarray(at);
    return replies;
  }

  #fragment(bytes: Buffer, at: number, length: number, replies: Buffer[]): void {
    this.#later ??= answerTo(bytes, at);
    this.#missing -= length;
    if (this.#missing > 0) return;
    replies.push(this.#later);
    this.#later = undefined;
  }
}

function accept(socket: Socket): void {
  const cutter = new Cutter();
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const replies = cutter.cut(chunk);
    if (replies.length > 0) socket.write(replies.length === 1 ? (replies[0] as Buffer) : Buffer.concat(replies));
  });
}

function answerTo(bytes: Buffer, body: number): Buffer {
  const answer = Buffer.from(reply);
  bytes.copy(answer, 4 + REFERENCE_ID, body + REFERENCE_ID, body + REFERENCE_ID + 4);
  return answer;
}

const pem = process.env.BENCH_TLS;
const server =
  pem === undefined
    ? createServer(accept)
    : createTlsServer({ cert: readFileSync(pem), key: readFileSync(pem) }, accept);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stderr.write(`listens address=127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('SIGTERM', () => process.exit(0));
