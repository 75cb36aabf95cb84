import { type Charset, decodeBody, intOf } from 'esp-host/wire';
import { ExportError } from '../errors.js';
import { LIST_LIMITS } from '../limits.js';
import { loadRecording, RecordedAnswers, type RecordedExchange } from '../recording/index.js';
import { answerAs, matchOf } from './stub-file.js';
import { USUAL_TYPE } from './usual-type.js';
import { yamlText } from './yaml-text.js';

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
