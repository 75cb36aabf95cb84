import { randomBytes } from 'node:crypto';

/**
 * Where a message is, the weaker first: what a later one says outranks the earlier ones, in whichever order they come.
 * `delivered` and `read` prove that it arrived, whatever else was reported.
 */
export const FATE_STATUSES = [
  'requested',
  'not_sent',
  'unknown',
  'accepted',
  'sent',
  'failed',
  'delivered',
  'read',
] as const;
export type FateStatus = (typeof FATE_STATUSES)[number];

/** What only a webhook can report. */
export const REPORTED = ['sent', 'failed', 'delivered', 'read'] as const satisfies readonly FateStatus[];

/** Why WhatsApp did not deliver a message. */
export interface FateError {
  readonly code: number;
  readonly text?: string | undefined;
}

/** An invitation, from its request on. */
export interface Fate {
  readonly channel: string;
  /** E.164, or a business-scoped user id. */
  readonly to: string;
  /** Its StandardResponseId. */
  readonly template: string;
  readonly referenceId?: number | undefined;
  /** WhatsApp's id, as soon as it is known. */
  readonly messageId?: string | undefined;
  /** When each status was reported first, in ms since 1970. */
  readonly times: Readonly<Partial<Record<FateStatus, number>>>;
  /** Why it failed. */
  readonly errors?: readonly FateError[] | undefined;
  /** Why the request got a fault. */
  readonly fault?: string | undefined;
}

/** What is new about an invitation. */
export interface FateNews {
  readonly status: FateStatus;
  /** In ms since 1970. */
  readonly at: number;
  readonly messageId?: string | undefined;
  readonly errors?: readonly FateError[] | undefined;
  readonly fault?: string | undefined;
}

/** The fate with the news, or the same object if they change nothing. The order and the number of the news do not matter. */
export function withNews(fate: Fate, news: FateNews): Fate {
  const { status, at } = news;
  const before = fate.times[status];
  const isFirst = before === undefined || at < before;
  const messageId = fate.messageId ?? news.messageId;
  const fault = fate.fault ?? news.fault;
  const errors = errorsOf(fate, news);
  if (!isFirst && messageId === fate.messageId && fault === fate.fault && errors === fate.errors) return fate;
  const times = isFirst ? { ...fate.times, [status]: at } : fate.times;
  return { ...fate, messageId, times, errors, fault };
}

/** Those of the first report of the failure; of several at the same time, those with the lowest code. */
function errorsOf(fate: Fate, { status, at, errors = [] }: FateNews): Fate['errors'] {
  if (status !== 'failed') return fate.errors;
  const before = fate.times.failed ?? Number.POSITIVE_INFINITY;
  if (at < before) return errors;
  return at === before && codeOf(errors) < codeOf(fate.errors) ? errors : fate.errors;
}

const codeOf = (errors: Fate['errors']): number => errors?.[0]?.code ?? Number.POSITIVE_INFINITY;

/** Where the message is, and since when. */
export function statusOf({ times }: Fate): { readonly status: FateStatus; readonly at: number } {
  const status = FATE_STATUSES.findLast((one) => times[one] !== undefined) ?? 'requested';
  return { status, at: times[status] ?? 0 };
}

/** What a webhook says about a message whose outcome is unknown to its request, or undefined. */
export function resolutionOf({ times, ...fate }: Fate): (typeof REPORTED)[number] | undefined {
  if (times.unknown === undefined || times.accepted !== undefined) return undefined;
  const { status } = statusOf({ ...fate, times });
  return REPORTED.find((one) => one === status);
}

/** An id of ours for a message: letters alone, so that no log takes it for a phone number. */
export const newReference = (): string =>
  Array.from(randomBytes(24), (byte) => String.fromCharCode(97 + (byte & 15))).join('');

export const isReference = (text: string): boolean => /^[a-p]{24}$/.test(text);
