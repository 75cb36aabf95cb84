import type { Logger } from 'esp-host';
import {
  type Charset,
  decodeBody,
  EspFault,
  EspRequest,
  EspServer,
  type EspSocket,
  encodeMessage,
  faults,
  faultTo,
  frame,
  MessageId,
  referenceIdOffset,
} from '#wire';
import type { Address } from '../configuration/index.js';
import { FRAME_MS, LIST_LIMITS, MESSAGE_BYTES } from '../limits.js';
import { RecordedAnswers } from './recorded-answers.js';
import { loadRecording } from './recorded-message.js';

/** Options of {@link ReplayServer}. */
export interface ReplayOptions {
  /** The recording. */
  readonly file: string;
  readonly listen: Address;
  /** Charset of type 0 strings and keys. */
  readonly charset: Charset;
  /** The number of the application's type, for faults. */
  readonly type: number;
  readonly logger: Logger;
}

const CONNECTIONS = 100_000;

/** An ESP server that replays recorded answers, and answers any other request with fault 902. */
export class ReplayServer {
  #server: EspServer | undefined;

  private constructor(
    private readonly options: ReplayOptions,
    private readonly recorded: RecordedAnswers,
  ) {}

  /** Loads the recording and listens. @throws RecordingError with file:line, or the error of `listen` */
  static async start(options: ReplayOptions): Promise<ReplayServer> {
    const { file, charset, listen: address, logger } = options;
    const server = new ReplayServer(options, new RecordedAnswers(loadRecording(file, charset)));
    server.#server = await EspServer.start({
      ...{ ...address, connections: CONNECTIONS, messageBytes: MESSAGE_BYTES, frameMs: FRAME_MS },
      connection: (socket) => ({
        body: (bytes, start, end) => server.#answer(bytes.subarray(start, end), socket),
      }),
      log: (level, text, client) => logger[level](text, { client }),
    });
    return server;
  }

  get address(): Address {
    return { host: this.options.listen.host, port: this.#server?.port ?? this.options.listen.port };
  }

  /** `Service.Method` of every recorded request. */
  get methods(): readonly string[] {
    return this.recorded.methods;
  }

  /** Closes the server and its connections. */
  async stop(): Promise<void> {
    await this.#server?.close();
  }

  #answer(body: Buffer, socket: EspSocket): void {
    const message = decodeBody(body, 0, body.length, this.options.charset, LIST_LIMITS);
    if (message.messageId !== MessageId.Request3rdServer) return;
    const request = new EspRequest(message);
    const answer = this.recorded.next(request);
    if (answer === undefined) this.#unknown(request, socket);
    else if (request.referenceId !== undefined) socket.writeMessage(frame(answerTo(request.referenceId, answer)));
  }

  #unknown(request: EspRequest, socket: EspSocket): void {
    const { logger, type, charset } = this.options;
    const fault = this.#fault(request);
    logger.warn(`${fault.message}: ${this.recorded.nearest(request)}`, {
      referenceId: request.referenceId,
      client: socket.peer,
      code: fault.code,
    });
    if (request.referenceId !== undefined) {
      socket.writeMessage(encodeMessage(faultTo(request, type, fault), charset));
    }
  }

  #fault({ service, name }: EspRequest): EspFault {
    if (!this.recorded.services.includes(service)) return faults.unknownService(service);
    if (!this.recorded.methods.includes(name)) return faults.unknownMethod(name);
    return new EspFault(902, `${name} was not recorded with these parameters`);
  }
}

/** The recorded answer with the ReferenceId of the request. */
function answerTo(referenceId: number, answer: Buffer): Buffer {
  const body = Buffer.from(answer);
  const offset = referenceIdOffset(body, 0, body.length);
  if (offset !== undefined) body.writeInt32BE(referenceId, offset);
  return body;
}
