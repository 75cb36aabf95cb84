import { basename } from 'node:path';
import { loadConfig, prepare } from 'esp-host/server';
import { type Charset, EspRequest, frame, intOf, MessageId } from 'esp-host/wire';
import { ExportError } from '../errors.js';
import { Journal } from '../journal/index.js';
import type { RecordedMessage } from '../recording/index.js';
import { loadRecording } from '../recording/index.js';
import { type Exchange, type ExportForm, exchangeOf, exportText } from './export.js';
import { testFile } from './test/test-file.js';
import { testSetting } from './test/test-setting.js';
import { USUAL_TYPE } from './usual-type.js';

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
