import { z } from 'esp-host';
import { jsonOrUndefined } from '../api/http.js';
import { hadNoEffect } from '../api/outcomes.js';
import { type Effect, isSpecific, meaningOf } from './error-codes.js';

/** An answer of Cloud API to a message. */
export interface GraphAnswer {
  readonly status: number;
  readonly body: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is not needed to judge the answer must not make it unreadable. */
const incidental = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const errorSchema = z.object({
  error: z.object({
    code: z.int(),
    message: incidental(z.string()),
    error_data: incidental(z.object({ details: incidental(z.string()) })),
  }),
});

const sentSchema = z.object({
  messages: z
    .tuple([z.object({ id: z.string().min(1).max(512), message_status: incidental(z.string().max(64)) })])
    .rest(z.unknown()),
});

/** The message was accepted. */
export interface Sent {
  readonly id: string;
  /** `accepted`, `held_for_quality_assessment`, `paused`; undefined if the API does not say. */
  readonly state: string | undefined;
}

/** The message was not accepted, or it is unknown whether it was. */
export interface Refusal {
  readonly effect: Effect;
  /** The code of Meta, if the answer has one. */
  readonly code: number | undefined;
  /** For the fault: holds nothing that Meta wrote. */
  readonly text: string;
  /** For the log, in the words of Meta. */
  readonly details: string;
  /** When a later attempt may succeed, if the answer says so. */
  readonly retryAfterS: number | undefined;
}

/** What an answer to a message means. */
export function readAnswer(answer: GraphAnswer, now: number): Sent | Refusal {
  const json = jsonOrUndefined(answer.body);
  const error = errorSchema.safeParse(json).data?.error;
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  if (isSuccess && error === undefined) {
    const message = sentSchema.safeParse(json).data?.messages[0];
    if (message !== undefined) return { id: message.id, state: message.message_status };
    const text = 'the answer names no message';
    return { effect: 'unknown', code: undefined, text, details: '', retryAfterS: undefined };
  }
  const details = [error?.message, error?.error_data?.details].filter(Boolean).join(': ');
  return { ...refusalOf(answer.status, error?.code), code: error?.code, details, retryAfterS: waitOf(answer, now) };
}

/**
 * By the code where the table has it; else by the status, as a proxy may have sent it. After a failure of the server, a
 * code that is not specific does not promise that the message was not sent.
 */
function refusalOf(status: number, code: number | undefined): Pick<Refusal, 'effect' | 'text'> {
  const meaning = code === undefined || (status >= 500 && !isSpecific(code)) ? undefined : meaningOf(code);
  if (meaning !== undefined) return { effect: meaning.effect, text: `error ${code}: ${meaning.text}` };
  const text = code === undefined ? `status ${status}` : `status ${status}: error ${code}`;
  if (status === 401 || status === 403) return { effect: 'access', text };
  if (status === 429) return { effect: 'later', text };
  // An error in a successful answer is a refusal too.
  const wasRefused = hadNoEffect(status) || (status >= 200 && status <= 299);
  return { effect: wasRefused ? 'permanent' : 'unknown', text };
}

const usageSchema = z.record(
  z.string(),
  z.array(z.object({ estimated_time_to_regain_access: z.number().optional() }).catch({})),
);

/** The longest wait that is repeated, in seconds: a day. */
const LONGEST_S = 86_400;

/** `Retry-After`, in seconds or as a date, else the estimate (in minutes) of `X-Business-Use-Case-Usage`. */
function waitOf({ headers }: GraphAnswer, now: number): number | undefined {
  const header = (name: string): string => String(headers[name] ?? '').slice(0, 4096);
  const after = header('retry-after').trim();
  const seconds = /^\d{1,9}$/.test(after) ? Number(after) : Math.ceil((Date.parse(after) - now) / 1000);
  if (seconds >= 0) return Math.min(seconds, LONGEST_S);
  const usage = usageSchema.safeParse(jsonOrUndefined(header('x-business-use-case-usage'))).data ?? {};
  const minutes = Object.values(usage).flatMap((all) => all.map((one) => one.estimated_time_to_regain_access ?? 0));
  const longest = Math.max(0, ...minutes);
  return longest > 0 ? Math.min(Math.ceil(longest * 60), LONGEST_S) : undefined;
}
