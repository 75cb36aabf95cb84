import { type EspOutcome, UnexpectedCallError } from 'esp-host/testing';
import { MASK, maskUrl } from '#server';
import { faults, type KeyValueList, messageFromJson, parametersOf } from '#wire';
import { ExportError } from '../../errors.js';
import type { JournalCall, JournalEntry } from '../../journal/index.js';
import { Likeness } from '../../recording/index.js';
import type { Exchange } from '../export.js';
import { REFERENCE_ID, type Reply, replyOf } from './replies.js';
import type { TestSetting } from './test-setting.js';
import { testSource } from './test-source.js';
import { type TestCall, trial } from './trial.js';

/** The context of an exchange. */
export interface TestWorld {
  /** Undefined if no plugin has the method. */
  readonly setting: TestSetting | undefined;
  /** Earlier exchanges, newest first: the plugin may reuse their results, such as a login. */
  readonly earlier: readonly JournalEntry[];
  /** Whether the source of the exchange records upstream calls. */
  readonly seesUpstream: boolean;
}

/** Maximum number of calls answered from earlier exchanges. */
const MAX_REUSED = 20;

/**
 * Exports a jest test that sends the request with fake upstreams and expects the same answer. The test is run first; if it
 * fails, a comment explains why.
 * @throws ExportError if the exchange was not answered by a method of a plugin
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
  const { replies, problem } = await runTrials(exchange, world, setting, call, own);
  return testSource(exchange, setting, call, replies, problem);
}

/** @throws ExportError */
function settingOf({ entry, request, origin }: Exchange, { setting }: TestWorld): TestSetting {
  const { what } = origin;
  const cannot = (why: string): ExportError => new ExportError(`${what} ${why}`);
  const { outcome, injectedFault, stub, faultText = '', faultCode = '' } = entry;
  if (outcome === 'pending') throw cannot('is still pending: try again after its answer');
  if (outcome === 'none' || outcome === 'lost') {
    throw cannot('has no answer for a test to expect: export it as stub or strategy-case');
  }
  if (entry.reply?.json === undefined) throw new ExportError(`the answer to ${what} is malformed: export it as send`);
  if (stub !== undefined) throw cannot(`was answered by the stub '${stub}', not by a plugin: export it as stub`);
  if (injectedFault !== undefined && injectedFault.kind !== 'delay') {
    throw cannot(`was answered by the injected fault '${injectedFault.id}': export it as stub`);
  }
  if (setting === undefined) throw cannot(`calls ${request.name}, which no plugin has: export it as stub`);
  if (isHostFault(request.name, setting.application.name, faultCode, faultText)) {
    throw cannot(`was answered by the host, not by the method (${faultCode} ${faultText}): export it as stub`);
  }
  if (request.list?.find('Parameters') !== undefined && request.list.find('Parameters')?.type !== 'list') {
    throw cannot('has Parameters that are not a list, which a test cannot send: export it as send');
  }
  return setting;
}

/** Whether a fault depends on the state of the host or on AppName, and not on the method. */
function isHostFault(name: string, application: string, code: string, text: string): boolean {
  const stopping = [true, false].map((idempotent) => faults.stopping(application, name, idempotent));
  const own = [faults.overloaded(application, name), ...stopping];
  if (own.some((fault) => fault.code === code && fault.message === text)) return true;
  return code === '902' && / unknown application$/.test(text);
}

/** The deadline in ms, if it passed before the method answered. */
function passedDeadline({ outcome, faultCode, faultText = '' }: JournalEntry): number | undefined {
  const [, ms] = /: deadline of (\d+) ms passed(?:; whether it was done is unknown)?$/.exec(faultText) ?? [];
  return outcome === 'fault' && faultCode === '920' && ms !== undefined ? Number(ms) : undefined;
}

/** @throws ExportError if the journal has only part of the response */
function checked(call: JournalCall, what: string): JournalCall {
  if (call.responseCut !== true) return call;
  const about = `${call.method} ${call.url} answered ${what} with more than 64 kB or with binary data`;
  throw new ExportError(
    `${about}, which the journal does not store in full: export it as stub, or write the test by hand`,
  );
}

const waits = (calls: readonly JournalCall[]): number =>
  calls.reduce((ms, { failure, durationMs }) => (failure === 'timeout' ? ms + durationMs : ms), 0);

/** Runs the test, adding replies of earlier exchanges as needed. Returns the replies, and why the test fails. */
async function runTrials(
  exchange: Exchange,
  world: TestWorld,
  setting: TestSetting,
  call: TestCall,
  own: readonly Reply[],
): Promise<{ readonly replies: readonly Reply[]; readonly problem: string | undefined }> {
  const earlier = new EarlierReplies(exchange, world, setting);
  let replies = own;
  for (let more = 0; more <= MAX_REUSED; more++) {
    let outcome: EspOutcome | UnexpectedCallError;
    try {
      outcome = await trial(
        setting,
        call,
        replies.map(({ reply }) => reply),
      );
    } catch (error) {
      return { replies, problem: `the trial run failed: ${(error as Error).message}` };
    }
    if (!(outcome instanceof UnexpectedCallError)) return { replies, problem: difference(exchange, outcome) };
    const missing = earlier.replyTo(outcome);
    if (missing === undefined) return { replies, problem: unknownReply(outcome, world.seesUpstream) };
    replies = [missing, ...replies];
  }
  return { replies, problem: `the method makes more than ${MAX_REUSED} calls that are not in the journal` };
}

function unknownReply({ method, url }: UnexpectedCallError, seesUpstream: boolean): string {
  const call = `the method calls ${method} ${maskUrl(url)}`;
  if (seesUpstream) return `${call}, which is not in the journal: add a reply for it`;
  return `${call}, and recordings contain no upstream calls: add a reply for it, or export the exchange from the mock platform`;
}

/** Replies of earlier exchanges that the plugin may have cached. */
class EarlierReplies {
  constructor(
    private readonly exchange: Exchange,
    private readonly world: TestWorld,
    private readonly setting: TestSetting,
  ) {}

  /** The last answer to such a call, preferably from the same request. */
  replyTo({ method, url }: UnexpectedCallError): Reply | undefined {
    const matches = (call: JournalCall): boolean =>
      call.method === method && call.url === maskUrl(url) && call.failure === undefined && !call.responseCut;
    const entries = this.world.earlier.filter(
      (entry) => this.setting.methods.has(`${entry.service}.${entry.method}`) && entry.upstream.some(matches),
    );
    const own = this.exchange.message.request;
    const likeness = (json: JournalEntry['request']['json']): string =>
      new Likeness(json === undefined ? undefined : messageFromJson(json).request).key;
    const same = own === null ? undefined : likeness(this.exchange.message);
    const found = entries.find((entry) => likeness(entry.request.json) === same) ?? entries[0];
    const call = found?.upstream.findLast(matches);
    if (found === undefined || call === undefined) return undefined;
    return { reply: replyOf(call), comment: `From entry ${found.id}: the plugin had it cached.` };
  }
}

/** How the outcome differs from the recorded answer; undefined if it does not. */
function difference({ entry }: Exchange, { fault, message }: EspOutcome): string | undefined {
  if (fault !== undefined) {
    const isSame = fault.code === entry.faultCode && isSameText(fault.text, entry.faultText ?? '');
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
  return found.length === 0 ? undefined : `the method answers with different values (${found.join('; ')})`;
}

/** Compares fault texts without their ReferenceId, which differs in a test. */
const isSameText = (text: string, then: string): boolean => withoutReferenceId(text) === withoutReferenceId(then);

const withoutReferenceId = (text: string): string => text.replace(REFERENCE_ID, MASK);
