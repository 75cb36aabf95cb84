/**
 * The floor: a bare node:net server that only cuts the stream into frames and answers each with a constant that
 * carries the request's ReferenceId. Nothing that speaks ESP from JavaScript can be quicker.
 */
import { createServer } from 'node:net';
import { charset, encodeMessage, KeyValueList, MessageId } from 'esp-host/wire';

/** Where the ReferenceId stands in a frame that begins with it: length, count, message id, attribute id, type. */
const REFERENCE_ID = 4 + 1 + 4 + 4 + 1;

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

const server = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const replies: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      const answer = Buffer.from(reply);
      bytes.copy(answer, REFERENCE_ID, at + REFERENCE_ID, at + REFERENCE_ID + 4);
      replies.push(answer);
      at = end;
    }
    rest = bytes.subarray(at);
    if (replies.length > 0) socket.write(replies.length === 1 ? (replies[0] as Buffer) : Buffer.concat(replies));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stderr.write(`listens address=127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('SIGTERM', () => process.exit(0));
