import { basename } from 'node:path';
import { loadConfig, MASK, prepare } from '#server';
import { type Charset, decodeBody, EspRequest, frame, intOf, MessageId, messageToJson } from '#wire';
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
import { DEFAULT_TYPE, hasSecrets, MASKED, yamlText } from './exchange.js';
import { type Exchange, type ExportForm, exchangeOf, exportText } from './export.js';
import { sendLine } from './send-line.js';
import { answerAs, bySpecificity, type Match, matchKey, matchOf } from './stub-file.js';
import { testFile } from './test/test-file.js';
import { testSetting } from './test/test-setting.js';

/** A recorded request, to be sent again. */
export interface RecordedRequest {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly service: string;
  readonly method: string;
  /** Attribute count, message id and attributes, as recorded. */
  readonly body: Buffer;
  readonly hasReferenceId: boolean;
  /** Whether it contains masked values. */
  readonly masked: boolean;
  /** Formats `npx esp-host send ...` with these options, or a comment if a command line cannot express the request. */
  sendLine(options: readonly string[]): string;
}

/**
 * Yields the requests of a recording as its lines arrive. @param broken called for each malformed message
 * @throws RecordingError
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

/** Overrides the application in the recording. */
export interface RecordedApplication {
  readonly name?: string | undefined;
  /** Number of its application type. */
  readonly type?: number | undefined;
}

/**
 * Exports a recording as a stub file: a stub per request, with its answers in sequence. The more specific stubs come
 * first. @throws ExportError if no request was answered, RecordingError
 */
export function stubsFrom(file: string, given: RecordedApplication, charset: Charset): string {
  const exchanges = new RecordedAnswers(loadRecording(file, charset)).all;
  const [first] = exchanges;
  if (first === undefined) throw new ExportError('the recording has no answered request');
  const name = given.name ?? first.request.appName ?? 'Recorded server';
  const type = given.type ?? typeOf(first) ?? DEFAULT_TYPE;
  const recorded = alike(exchanges);
  const stubs = recorded
    .toSorted((one, other) => bySpecificity(one.match, other.match))
    .map((one) => stubOf(one, type, charset));
  const notes = recorded.filter(({ exchanges: same }) => same.length > 1).map(noteOn);
  const text = yamlText({ application: { name, type }, stubs });
  return (text.includes(MASK) ? MASKED : '') + notes.join('') + text;
}

function typeOf({ request: { appType } }: RecordedExchange): number | undefined {
  return appType === undefined ? undefined : intOf(appType);
}

/** Exchanges whose requests match the same stub. */
interface Alike {
  readonly match: Match;
  readonly exchanges: readonly RecordedExchange[];
}

function alike(exchanges: readonly RecordedExchange[]): Alike[] {
  const matched = exchanges.map((exchange) => ({ exchange, match: matchOf(exchange.request) }));
  const groups = Map.groupBy(matched, ({ match }) => matchKey(match));
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ match }) => ({ match, exchanges: group.map(({ exchange }) => exchange) })),
  );
}

function stubOf({ match, exchanges }: Alike, type: number, charset: Charset): unknown {
  const all = exchanges.flatMap(({ request, answers }) =>
    answers.map((body) => answerAs(decodeBody(body, 0, body.length, charset, LIST_LIMITS), request, type)),
  );
  const [only] = all;
  return {
    name: `${match.service}.${match.method}, ${linesOf(exchanges)} of the recording`,
    match,
    ...(all.length === 1 ? { answer: only } : { answers: all }),
  };
}

const noteOn = ({ exchanges }: Alike): string =>
  `# The requests in ${linesOf(exchanges)} match the same stub, which gives their answers in sequence.\n`;

/** Maximum number of lines in a name. */
const LINES_MAX = 10;

function linesOf(exchanges: readonly RecordedExchange[]): string {
  if (exchanges.length === 1) return `line ${exchanges[0]?.line}`;
  const shown = exchanges.slice(0, LINES_MAX).map(({ line }) => line);
  const more = exchanges.length - shown.length;
  return `lines ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** Options of {@link recordedExport}. */
export interface RecordedExportOptions {
  /** The recording. */
  readonly file: string;
  /** Line of the request, from 1. */
  readonly line: number;
  readonly form: ExportForm;
  /** Charset of type 0 strings and keys. */
  readonly charset: Charset;
  /** Path of config.yaml, which a test takes the plugin settings from. */
  readonly config: string;
}

/** Exports an exchange of a recording. @throws ExportError, RecordingError, ConfigError */
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
  const recorded = messages.find((one) => one.line === line);
  if (recorded?.direction !== 'toServer' || recorded.message.messageId !== MessageId.Request3rdServer) {
    throw new ExportError(`line ${line} of ${file} is not a request: choose a line with direction toServer`);
  }
  const journal = new Journal({ charset });
  const request = new EspRequest(recorded.message);
  const { appName = 'Recorded server', appType } = request;
  const id = journal.begin({ client: 'recorded', application: appName, request, frame: frame(recorded.body), key: '' });
  const answer = answerTo(recorded, messages);
  if (answer === undefined) journal.end(id, 'none', 'no answer was recorded');
  else journal.answer(id, frame(answer.body));
  const [entry] = journal.find();
  if (entry === undefined) throw new ExportError(`line ${line} of ${file} is too long to export`);
  const type = (appType && intOf(appType)) ?? DEFAULT_TYPE;
  return exchangeOf(entry, { name: appName, type, options: [] }, { what: `line ${line}`, of: basename(file) });
}

/** Answers to requests with the same ReferenceId are matched in order. */
function answerTo(recorded: RecordedMessage, messages: readonly RecordedMessage[]): RecordedMessage | undefined {
  const own = messages.filter(
    ({ connection, message }) =>
      connection === recorded.connection && message.referenceId === recorded.message.referenceId,
  );
  const requests = own.filter(({ direction }) => direction === 'toServer');
  const answers = own.filter(({ direction }) => direction === 'toClient');
  return recorded.message.referenceId === undefined ? undefined : answers[requests.indexOf(recorded)];
}
