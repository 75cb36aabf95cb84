import { MASK, maskUrl } from 'esp-host/server';
import { type EspOutcome, UnexpectedCallError } from 'esp-host/testing';
import { faults, type KeyValueList, messageFromJson, parametersOf } from 'esp-host/wire';
import { ExportError } from '../../errors.js';
import type { JournalCall, JournalEntry } from '../../journal/index.js';
import { Likeness } from '../../recording/index.js';
import type { Exchange } from '../export.js';
import { REFERENCE_ID, type Reply, replyOf } from './replies.js';
import type { TestSetting } from './test-setting.js';
import { testSource } from './test-source.js';
import { type TestCall, trial } from './trial.js';

/** What is known beside the exchange. */
export interface TestWorld {
  /** Undefined where no plugin has the method. */
  readonly setting: TestSetting | undefined;
  /** Exchanges before this one, the last first: what the plugin kept of them, such as a login, is no call any more. */
  readonly earlier: readonly JournalEntry[];
  /** Whether calls of upstreams are seen where the exchange is from. */
  readonly seesUpstream: boolean;
}

/** Most calls that a plugin saves itself because of earlier exchanges. */
const MOST_KEPT = 20;

/**
 * A jest test that asks a method the same, with its upstreams made up, and expects the same answer. It is tried first:
 * where it would not pass, a comment says why.
 * @throws ExportError where no method of a plugin answered
 */
export async function testFile(exchange: Exchange, world: TestWorld): Promise<string> {
  const { entry, request, origin } = exchange;
  const setting = settingOf(exchange, world);
  const deadlineMs = passedDeadline(entry);
  const calls = entry.upstream.map((call) => checked(call, origin.what));
  const call: TestCall = {
    name: request.name,
    parameters: parametersOf(request.list),
    userData: request.userData.length === 0 ? undefined : request.userData,
    text: request.text,
    deadlineMs,
    waitsMs: deadlineMs === undefined ? waits(calls) : 0,
  };
  const own = calls.map((one): Reply => ({ reply: replyOf(one) }));
  const { replies, problem } = await tried(exchange, world, setting, call, own);
  return testSource(exchange, setting, call, replies, problem);
}

/** @throws ExportError */
function settingOf({ entry, request, origin }: Exchange, { setting }: TestWorld): TestSetting {
  const { what } = origin;
  const cannot = (why: string): ExportError => new ExportError(`${what} ${why}`);
  const { outcome, injectedFault, stub, faultText = '', faultCode = '' } = entry;
  if (outcome === 'pending') throw cannot('is not answered yet: ask again when it is');
  if (outcome === 'none' || outcome === 'lost') {
    throw cannot('got no answer that a test could expect: take stub or strategy-case');
  }
  if (entry.reply?.json === undefined) throw new ExportError(`the answer of ${what} breaks the format: take send`);
  if (stub !== undefined) throw cannot(`was answered by the stub '${stub}', by no method of a plugin: take stub`);
  if (injectedFault !== undefined && injectedFault.kind !== 'delay') {
    throw cannot(`was answered by the fault '${injectedFault.id}' that was switched on: take stub`);
  }
  if (setting === undefined) throw cannot(`is no exchange with a method of a plugin (${request.name}): take stub`);
  if (isOfTheHost(request.name, setting.application.name, faultCode, faultText)) {
    throw cannot(`was answered by the host, not by the method (${faultCode} ${faultText}): take stub`);
  }
  if (request.list?.find('Parameters') !== undefined && request.list.find('Parameters')?.type !== 'list') {
    throw cannot('has Parameters that are no list, which a test cannot send: take send');
  }
  return setting;
}

/** Faults that depend on what else the host does, or on how it was addressed. */
function isOfTheHost(name: string, application: string, code: string, text: string): boolean {
  const stopping = [true, false].map((idempotent) => faults.stopping(application, name, idempotent));
  const own = [faults.overloaded(application, name), ...stopping];
  if (own.some((fault) => fault.code === code && fault.message === text)) return true;
  return code === '902' && / unknown application$/.test(text);
}

/** The deadline that passed before the method had answered, in ms. */
function passedDeadline({ outcome, faultCode, faultText = '' }: JournalEntry): number | undefined {
  const [, ms] = /: deadline of (\d+) ms passed(?:; whether it was done is unknown)?$/.exec(faultText) ?? [];
  return outcome === 'fault' && faultCode === '920' && ms !== undefined ? Number(ms) : undefined;
}

/** @throws ExportError for an answer that is not whole */
function checked(call: JournalCall, what: string): JournalCall {
  if (call.responseCut !== true) return call;
  const about = `${call.method} ${call.url} answered ${what} with more than 64 kB or with bytes that are no text`;
  throw new ExportError(`${about}, which the journal has not whole: take stub, or write the test by hand`);
}

const waits = (calls: readonly JournalCall[]): number =>
  calls.reduce((ms, { failure, durationMs }) => (failure === 'timeout' ? ms + durationMs : ms), 0);

/** The replies with which the method answers the same, and where it does not, why. */
async function tried(
  exchange: Exchange,
  world: TestWorld,
  setting: TestSetting,
  call: TestCall,
  own: readonly Reply[],
): Promise<{ readonly replies: readonly Reply[]; readonly problem: string | undefined }> {
  const kept = new Kept(exchange, world, setting);
  let replies = own;
  for (let more = 0; more <= MOST_KEPT; more++) {
    let came: EspOutcome | UnexpectedCallError;
    try {
      came = await trial(
        setting,
        call,
        replies.map(({ reply }) => reply),
      );
    } catch (error) {
      return { replies, problem: `it could not be tried: ${(error as Error).message}` };
    }
    if (!(came instanceof UnexpectedCallError)) return { replies, problem: difference(exchange, came) };
    const missing = kept.replyTo(came);
    if (missing === undefined) return { replies, problem: unknownReply(came, world.seesUpstream) };
    replies = [missing, ...replies];
  }
  return { replies, problem: `the method calls more than ${MOST_KEPT} upstreams that it did not call then` };
}

function unknownReply({ method, url }: UnexpectedCallError, seesUpstream: boolean): string {
  const call = `the method calls ${method} ${maskUrl(url)}`;
  if (seesUpstream) return `${call}, which it did not call then: say what that answers`;
  return `${call}, and a recording has no calls of upstreams: say what that answers, or ask the mock platform the same and export that`;
}

/** What a plugin may have kept of earlier exchanges: what it need not ask again. */
class Kept {
  constructor(
    private readonly exchange: Exchange,
    private readonly world: TestWorld,
    private readonly setting: TestSetting,
  ) {}

  /** The last answer that such a call got; that of the same request, if there was one. */
  replyTo({ method, url }: UnexpectedCallError): Reply | undefined {
    const fits = (call: JournalCall): boolean =>
      call.method === method && call.url === maskUrl(url) && call.failure === undefined && !call.responseCut;
    const entries = this.world.earlier.filter(
      (entry) => this.setting.methods.has(`${entry.service}.${entry.method}`) && entry.upstream.some(fits),
    );
    const own = this.exchange.message.request;
    const likeness = (json: JournalEntry['request']['json']): string =>
      new Likeness(json === undefined ? undefined : messageFromJson(json).request).key;
    const same = own === null ? undefined : likeness(this.exchange.message);
    const found = entries.find((entry) => likeness(entry.request.json) === same) ?? entries[0];
    const call = found?.upstream.findLast(fits);
    if (found === undefined || call === undefined) return undefined;
    return { reply: replyOf(call), comment: `Of entry ${found.id}: the plugin had it still.` };
  }
}

/** How the outcome differs from the answer that was seen; undefined where it does not. */
function difference({ entry }: Exchange, { fault, message }: EspOutcome): string | undefined {
  if (fault !== undefined) {
    const isSame = fault.code === entry.faultCode && isText(fault.text, entry.faultText ?? '');
    return isSame ? undefined : `the method answers fault ${fault.code} '${fault.text}'`;
  }
  if (entry.outcome === 'fault') return 'the method answers a response';
  const then = entry.reply?.json === undefined ? undefined : messageFromJson(entry.reply.json);
  const changes = (now: KeyValueList | undefined, before: KeyValueList | undefined): string[] =>
    new Likeness(now).differences(new Likeness(before));
  const found = [
    ...changes(parametersOf(message?.request), parametersOf(then?.request)),
    ...changes(message?.userData, then?.userData).map((text) => `UserData.${text}`),
  ];
  return found.length === 0 ? undefined : `the method answers with other values (${found.join('; ')})`;
}

/** A text of the host's own names the ReferenceId, which is another one in a test. */
const isText = (text: string, then: string): boolean => withoutReferenceId(text) === withoutReferenceId(then);

const withoutReferenceId = (text: string): string => text.replace(REFERENCE_ID, MASK);
