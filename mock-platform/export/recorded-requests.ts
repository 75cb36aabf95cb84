import { type Charset, EspRequest, MessageId, messageToJson } from 'esp-host/wire';
import { ExportError } from '../errors.js';
import { type RecordedMessage, recordedMessage } from '../recording/index.js';
import { hasSecrets } from './has-secrets.js';
import { sendLine } from './send-line.js';

/** A request of a recording, to be sent again. */
export interface RecordedRequest {
  /** In the file, from 1. */
  readonly line: number;
  readonly service: string;
  readonly method: string;
  /** Attribute count, message id, attributes: as it was recorded. */
  readonly body: Buffer;
  readonly hasReferenceId: boolean;
  /** Whether it has values that recordings mask. */
  readonly masked: boolean;
  /** `npx esp-host send ...`, with these options; a comment where no command line can say it. */
  sendLine(options: readonly string[]): string;
}

/**
 * The requests among the lines of a recording, as the lines come. @param broken is told of each message whose lists
 * broke the format. @throws RecordingError
 */
export async function* recordedRequests(
  file: string,
  lines: AsyncIterable<string>,
  charset: Charset,
  broken: (line: number) => void,
): AsyncGenerator<RecordedRequest> {
  let number = 0;
  for await (const text of lines) {
    const recorded = recordedMessage(file, ++number, text, charset);
    if (recorded === undefined && text.trim() !== '') broken(number);
    if (recorded?.direction === 'toServer' && recorded.message.messageId === MessageId.Request3rdServer) {
      yield requestOf(recorded);
    }
  }
}

function requestOf({ line, message, body }: RecordedMessage): RecordedRequest {
  const request = new EspRequest(message);
  const { request: list, userData } = messageToJson(message);
  return {
    line,
    service: request.service,
    method: request.method,
    body,
    hasReferenceId: request.referenceId !== undefined,
    masked: hasSecrets([list, userData]),
    sendLine: (options) => {
      try {
        return sendLine(request, options, `line ${line}`).trimEnd();
      } catch (error) {
        if (error instanceof ExportError) return `# ${error.message}`;
        throw error;
      }
    },
  };
}
