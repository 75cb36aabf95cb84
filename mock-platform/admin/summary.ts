import { z } from 'esp-host';
import type { JsonEntry } from '#wire';
import { type JournalEntry, parametersOf } from '../journal/index.js';
import { duration, entries, time } from './schemas.js';

export const outcome = z.enum(['response', 'fault', 'none', 'lost', 'pending']);

/** An exchange, in short. */
export const summary = z
  .strictObject({
    id: z.int(),
    at: time(),
    durationMs: duration().nullable().describe('Milliseconds from request to reply; null without a reply.'),
    client: z.string(),
    via: z.string().optional(),
    application: z.string(),
    appName: z.string().optional(),
    appType: z.string().optional(),
    referenceId: z.int().optional(),
    service: z.string(),
    method: z.string(),
    parameters: entries.describe("The request's Parameters, shortened."),
    outcome,
    faultCode: z.string().optional(),
    faultText: z.string().optional(),
    why: z.string().optional().describe('Why there is no reply.'),
    results: entries.describe("The reply's Parameters, shortened."),
    upstreamCalls: z.int(),
    injectedFault: z.string().optional().describe('The kind of the injected fault.'),
    injectedFaultId: z.string().optional(),
    stub: z.string().optional(),
  })
  .meta({ id: 'Summary' });

export type Summary = z.input<typeof summary>;

/** The maximum length of a shortened list, in characters. */
const MAX_CHARACTERS = 2000;

export function summaryOf(entry: JournalEntry): Summary {
  const { id, at, durationMs, client, application, service, method, outcome, request, reply, upstream } = entry;
  // A fault of the request, or else of the last call that had one
  const injectedFault = entry.injectedFault ?? upstream.findLast((call) => call.injectedFault)?.injectedFault;
  return {
    id,
    at,
    durationMs: durationMs ?? null,
    client,
    application,
    service,
    method,
    outcome,
    parameters: shortened(parametersOf(request.json)),
    results: shortened(parametersOf(reply?.json)),
    upstreamCalls: upstream.length,
    ...(typeof request.json?.referenceId === 'number' ? { referenceId: request.json.referenceId } : {}),
    ...defined({
      via: entry.via,
      appName: entry.appName,
      appType: entry.appType,
      faultCode: entry.faultCode,
      faultText: entry.faultText,
      why: entry.why,
      stub: entry.stub,
      injectedFault: injectedFault?.kind,
      injectedFaultId: injectedFault?.id,
    }),
  };
}

const defined = <T extends Record<string, string | undefined>>(members: T): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Keeps as many entries as fit, and truncates long strings. */
function shortened(list: readonly JsonEntry[]): JsonEntry[] {
  let left = MAX_CHARACTERS;
  const shorten = (all: readonly JsonEntry[]): JsonEntry[] =>
    all.flatMap(([key, type, value]): JsonEntry[] => {
      left -= JSON.stringify(key).length;
      if (left <= 0) return [];
      if (Array.isArray(value)) return [[key, type, shorten(value)]];
      const truncated =
        typeof value === 'string' && value.length > left ? value.slice(0, left & ~1).toWellFormed() : value;
      left -= String(truncated).length;
      return [[key, type, truncated]];
    });
  return shorten(list);
}
