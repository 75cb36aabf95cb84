import { cutText } from '#wire';
import type { InjectedFault, JournalCall, JournalEntry } from './entry.js';
import { INTERACTION_SERVER } from './watch.js';

/** What decided the outcome of an exchange. */
export const CAUSE_KINDS = [
  /** Nothing has yet. */
  'pending',
  'injected',
  'stub',
  'no-stub',
  /** The mock of an upstream, with something that makes it answer differently. */
  'notice',
  'upstream',
  'parameter',
  'deadline',
  'exception',
  /** No such service, method or application. */
  'unknown',
  'overload',
  'stopping',
  /** The request itself: it has no Service, Method or ReferenceId. */
  'request',
  'interaction-server',
  /** The connection closed. */
  'connection',
  /** The method, or the application without more being known. */
  'method',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** Why an exchange came out as it did. */
export interface Cause {
  readonly kind: CauseKind;
  /** A sentence without a full stop. */
  readonly text: string;
  /** More about it, such as how the nearest stub differs. */
  readonly details?: string;
  /** The injected fault. */
  readonly fault?: Pick<InjectedFault, 'id' | 'since'>;
  /** The place in the code of a plugin: `plugins/billing/get-balance.ts:12:5`. */
  readonly place?: string;
  /** The index of the upstream call that decided. */
  readonly call?: number;
}

/** Explains the outcome of an exchange by what the journal has about it. */
export function causeOf(entry: JournalEntry): Cause {
  const { injectedFault } = entry;
  if (injectedFault === undefined) return causeWithoutFault(entry);
  const cause = injected(injectedFault, '');
  if (injectedFault.kind !== 'delay' || entry.outcome === 'pending') return cause;
  const { text, details } = causeWithoutFault(entry);
  return { ...cause, text: `${cause.text} held the reply`, details: [text, details].filter(Boolean).join('\n') };
}

const injected = ({ id, since, title }: InjectedFault, where: string): Cause => ({
  kind: 'injected',
  text: `Injected fault ${id}: ${title}${where}`,
  fault: { id, since },
});

function causeWithoutFault(entry: JournalEntry): Cause {
  const { outcome, application, why = '', stub, explanation } = entry;
  if (outcome === 'pending') return { kind: 'pending', text: `${application} has not answered yet` };
  if (stub !== undefined) return { kind: 'stub', text: `The stub '${stub}' of ${application} answered` };
  if (explanation !== undefined)
    return { kind: 'no-stub', text: `No stub of ${application} matched`, details: explanation };
  if (outcome === 'lost') return { kind: 'connection', text: sentence(why) };
  if (outcome === 'none') return { kind: 'request', text: sentence(why) };
  if (application === INTERACTION_SERVER) {
    return { kind: 'interaction-server', text: `Interaction Server answered: ${entry.faultText ?? ''}` };
  }
  return outcome === 'fault' ? causeOfFault(entry) : causeOfResponse(entry);
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function causeOfFault(entry: JournalEntry): Cause {
  const { origin, faultText = '', application, upstream } = entry;
  switch (origin?.reason) {
    case 'parameter':
      return { kind: 'parameter', text: `Parameter ${after(faultText, ' incorrect ')}` };
    case 'unknown':
      return { kind: 'unknown', text: `Unknown to ${application}: ${faultText}` };
    case 'overloaded':
      return { kind: 'overload', text: `${application} was overloaded: too many requests were pending` };
    case 'stopping':
      return { kind: 'stopping', text: `${application} was stopping` };
    case 'request':
      return { kind: 'request', text: 'The request has no Service or no Method' };
    default: {
      const index = upstream.findLastIndex(isFailed);
      return causeOfFailure(entry, upstream[index] && { ...upstream[index], index });
    }
  }
}

type NumberedCall = JournalCall & { readonly index: number };

/** The cause of a fault that a failed upstream call may have led to. */
function causeOfFailure({ origin, faultText = '', application }: JournalEntry, call: NumberedCall | undefined): Cause {
  const { reason, error, place } = origin ?? {};
  const by = call === undefined ? undefined : causeOfCall(call);
  if (reason === 'deadline') {
    const deadline = `The ${/deadline of \d+ ms/.exec(faultText)?.[0] ?? 'deadline'} passed`;
    if (by === undefined) return { kind: 'deadline', text: `${deadline} in the method; no upstream call is known` };
    return { ...by, ...(by.kind === 'upstream' ? { kind: 'deadline' } : {}), text: `${deadline}: ${by.text}` };
  }
  if (reason === 'unexpected') {
    const thrown = { text: `The method threw ${error ?? 'something'}`, ...(place === undefined ? {} : { place }) };
    if (by === undefined || by.kind === 'upstream') {
      return { kind: 'exception', ...thrown, ...(by === undefined ? {} : { details: by.text, call: by.call ?? 0 }) };
    }
    return { ...by, ...thrown, text: by.text, details: [by.details, thrown.text].filter(Boolean).join('\n') };
  }
  if (by !== undefined) return by;
  if (error !== undefined) return { kind: 'upstream', text: sentence(error) };
  return { kind: 'method', text: `${application} answered with this fault` };
}

function causeOfResponse({ upstream, application }: JournalEntry): Cause {
  const told = upstream.findLastIndex(({ injectedFault, notice }) => (injectedFault ?? notice) !== undefined);
  const index = told < 0 ? upstream.length - 1 : told;
  const call = upstream[index];
  if (call === undefined) return { kind: 'method', text: `${application} answered; no upstream call is known` };
  return causeOfCall({ ...call, index });
}

/** What decided the answer to an upstream call. */
function causeOfCall(call: NumberedCall): Cause {
  const { injectedFault, stub, explanation, notice, index } = call;
  const name = callName(call);
  if (injectedFault !== undefined) return { ...injected(injectedFault, `, for ${name}`), call: index };
  if (explanation !== undefined) {
    return { kind: 'no-stub', text: `No stub matched ${name}`, details: explanation, call: index };
  }
  const how = `${name} ${answerText(call)}`;
  if (notice !== undefined) return { kind: 'notice', text: notice, details: how, call: index };
  if (stub !== undefined) return { kind: 'stub', text: `The stub '${stub}' answered: ${how}`, call: index };
  return { kind: 'upstream', text: how, call: index };
}

const URL_CHARACTERS = 200;

const callName = ({ method, url }: JournalCall): string => `${method} ${cutText(url, URL_CHARACTERS)}`;

/** In words that fit behind the name of the call. */
function answerText({ status, failure, error, durationMs }: JournalCall): string {
  if (failure === 'abandoned') return `had not answered after ${Math.round(durationMs)} ms`;
  if (failure === 'timeout') return `timed out after ${Math.round(durationMs)} ms`;
  if (status !== undefined) return failure === undefined ? `answered ${status}` : `answered ${status}, then ${failure}`;
  return `failed: ${failure ?? error ?? 'no answer'}`;
}

/** An upstream call can fail without a status (a reset) or after one (half a body). */
const isFailed = ({ status = 0, failure, error }: JournalCall): boolean =>
  failure !== undefined || error !== undefined || status >= 400;

/** The text after a mark, or the whole text without the mark. */
function after(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(at + mark.length);
}
