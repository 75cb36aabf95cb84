import { basename } from 'node:path';
import { loadConfig, prepare } from 'esp-host/server';
import { type Charset, decodeBody, EspRequest, frame, intOf, MessageId, messageToJson } from 'esp-host/wire';
import { ExportError } from '../errors.js';
import { Journal } from '../journal/index.js';
import { LIST_LIMITS } from '../limits.js';
import {
  loadRecording,
  RecordedAnswers,
  type RecordedExchange,
  type RecordedMessage,
  recordedMessage,
} from '../recording/index.js';
import { hasSecrets, USUAL_TYPE, yamlText } from './exchange.js';
import { type Exchange, type ExportForm, exchangeOf, exportText } from './export.js';
import { sendLine } from './send-line.js';
import { answerAs, matchOf } from './stub-file.js';
import { testFile } from './test/test-file.js';
import { testSetting } from './test/test-setting.js';

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

/** The application that the stubs are of, where the recording shall not say. */
export interface RecordedApplication {
  readonly name?: string | undefined;
  /** The number of its type. */
  readonly type?: number | undefined;
}

/**
 * A file of stubs that answer as the server of a recording did: a stub for each request, with its answers in a sequence
 * where there were several. @throws ExportError where no request was answered, RecordingError
 */
export function stubsFrom(file: string, given: RecordedApplication, charset: Charset): string {
  const exchanges = new RecordedAnswers(loadRecording(file, charset)).all;
  const [first] = exchanges;
  if (first === undefined) throw new ExportError('the recording has no request that was answered');
  const name = given.name ?? first.request.appName ?? 'Recorded server';
  const type = given.type ?? typeOf(first) ?? USUAL_TYPE;
  const stubs = exchanges.map((exchange) => stubOf(exchange, type, charset));
  return yamlText({ application: { name, type }, stubs });
}

function typeOf({ request: { appType } }: RecordedExchange): number | undefined {
  return appType === undefined ? undefined : intOf(appType);
}

function stubOf({ request, line, answers }: RecordedExchange, type: number, charset: Charset): unknown {
  const all = answers.map((body) => answerAs(decodeBody(body, 0, body.length, charset, LIST_LIMITS), request, type));
  const [only] = all;
  return {
    name: `${request.name}, as in line ${line} of the recording`,
    match: matchOf(request),
    ...(all.length === 1 ? { answer: only } : { answers: all }),
  };
}

/** Which request of a recording to export, and how. */
export interface RecordedExportOptions {
  /** The recording. */
  readonly file: string;
  /** Where the request stands in it, from 1. */
  readonly line: number;
  readonly form: ExportForm;
  /** Of type 0 strings and keys. */
  readonly charset: Charset;
  /** config.yaml, for what a test says of the plugin. */
  readonly config: string;
}

/** The text that repeats an exchange of a recording. @throws ExportError, RecordingError, ConfigError */
export async function recordedExport({ file, line, form, charset, config }: RecordedExportOptions): Promise<string> {
  const exchange = exchangeIn(loadRecording(file, charset), file, line, charset);
  if (form !== 'test') return exportText(exchange, form);
  const { service, method } = exchange.request;
  const prepared = await prepare(loadConfig(config), { typescript: true });
  return testFile(exchange, {
    setting: testSetting(prepared, service, method),
    earlier: [],
    seesUpstream: false,
  });
}

function exchangeIn(messages: readonly RecordedMessage[], file: string, line: number, charset: Charset): Exchange {
  const asked = messages.find((one) => one.line === line);
  if (asked?.direction !== 'toServer' || asked.message.messageId !== MessageId.Request3rdServer) {
    throw new ExportError(`line ${line} of ${file} is no request: name a line whose direction is toServer`);
  }
  const journal = new Journal({ charset });
  const request = new EspRequest(asked.message);
  const { appName = 'Recorded server', appType } = request;
  const id = journal.begin({ client: 'recorded', application: appName, request, frame: frame(asked.body), key: '' });
  const answer = answerTo(asked, messages);
  if (answer === undefined) journal.end(id, 'none', 'none was recorded');
  else journal.answer(id, frame(answer.body));
  const [entry] = journal.find();
  if (entry === undefined) throw new ExportError(`line ${line} of ${file} is longer than what can be exported`);
  const type = (appType && intOf(appType)) ?? USUAL_TYPE;
  return exchangeOf(entry, { name: appName, type, options: [] }, { what: `line ${line}`, of: basename(file) });
}

/** Of several requests under one ReferenceId the first is answered first. */
function answerTo(asked: RecordedMessage, messages: readonly RecordedMessage[]): RecordedMessage | undefined {
  const own = messages.filter(
    ({ connection, message }) => connection === asked.connection && message.referenceId === asked.message.referenceId,
  );
  const requests = own.filter(({ direction }) => direction === 'toServer');
  const answers = own.filter(({ direction }) => direction === 'toClient');
  return asked.message.referenceId === undefined ? undefined : answers[requests.indexOf(asked)];
}
