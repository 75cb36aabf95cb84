import { z } from 'esp-host';
import { notFound, UnknownEntryError } from '../../errors.js';
import { EXPORT_FORMS } from '../../export/index.js';
import type { FaultStatus } from '../../faults/index.js';
import { MOST_CHARACTERS, parseFilter } from '../../filter/index.js';
import {
  type Expected,
  type Journal,
  type JournalEntry,
  type JournalMessage,
  matcher,
  searchable,
} from '../../journal/index.js';
import { entryOf, exported, exportedTest } from '../../runtime/index.js';
import { cause, causeView } from '../cause.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { duration, message, time } from '../schemas.js';
import { outcome, summary, summaryOf } from '../summary.js';

const positiveInteger = (name: string) =>
  z.coerce
    .number({ error: `must be ${name}` })
    .int(`must be ${name}`)
    .min(1);

const params = z.strictObject({ id: positiveInteger('the number of an entry') });

const query = z.strictObject({
  service: z.string().optional(),
  method: z.string().optional(),
  application: z.string().optional(),
  appName: z.string().optional(),
  client: z.string().optional(),
  outcome: outcome.optional(),
  faultCode: z.string().optional(),
  text: z.string().optional().describe('Text anywhere in the entry, case-insensitive.'),
  since: z.coerce.number().optional().describe('Only entries from this time on, in milliseconds since 1970.'),
  filter: z.string().max(MOST_CHARACTERS).optional().describe('A filter as in the journal of the console.'),
  offset: z.coerce
    .number()
    .int()
    .min(-1440)
    .max(1440)
    .optional()
    .describe('For times in the filter: minutes from local time to UTC, negative to the east.'),
  ids: z
    .string()
    .regex(/^\d{1,15}(,\d{1,15}){0,999}$/, 'must be up to 1000 numbers of entries, separated by commas')
    .transform((text) => text.split(',').map(Number))
    .optional()
    .describe('Only these entries: numbers, separated by commas.'),
  before: positiveInteger('the number of an entry').optional().describe('Only entries before this one.'),
  limit: positiveInteger('a number of entries').max(10_000).default(100),
});

export const frame = z
  .strictObject({
    message: message.nullable().describe('null if the lists of the message are malformed.'),
    hex: z.string(),
    ranges: z.array(
      z.strictObject({
        start: z.int(),
        end: z.int(),
        label: z.string(),
        depth: z.int(),
        value: z.union([z.string(), z.number()]).optional(),
      }),
    ),
  })
  .meta({ id: 'Frame', description: 'A message with its bytes and their meaning.' });

export const entry = summary
  .extend({
    cause,
    request: frame,
    reply: frame.nullable(),
    logs: z.array(
      z.strictObject({
        at: time(),
        level: z.string(),
        message: z.string(),
        fields: z.record(z.string(), z.unknown()),
      }),
    ),
    upstream: z.array(
      z.strictObject({
        at: time(),
        method: z.string(),
        url: z.string(),
        status: z.int().optional(),
        error: z.string().optional(),
        failure: z.string().optional().describe('timeout, abandoned, error, or a code such as ECONNREFUSED.'),
        durationMs: duration(),
        requestBody: z.string().optional(),
        responseHeaders: z.record(z.string(), z.string()).optional(),
        responseBody: z.string().optional(),
        responseCut: z.literal(true).optional().describe('responseBody is truncated.'),
        injectedFault: z.string().optional().describe('The injected fault that was applied: its id and its title.'),
        stub: z.string().optional().describe('The stub that answered.'),
        explanation: z.string().optional().describe('Why no stub matched, and how the closest one differs.'),
        notice: z.string().optional().describe('What made the mock answer unusually.'),
      }),
    ),
    explanation: z.string().optional().describe('Why no stub matched, and how the closest one differs.'),
  })
  .meta({ id: 'JournalEntry' });

export const exportForm = z.enum(EXPORT_FORMS);

export const page = z.strictObject({
  total: z.int().describe('The number of all matching entries, regardless of before and limit.'),
  entries: z.array(summary),
});

export const found = z.strictObject({
  total: z.int().describe('The number of all matching entries, regardless of before and limit.'),
  ids: z.array(z.int()),
});

/** The entries that match a query, regardless of before and limit. */
function search(
  journal: Journal,
  { filter, offset, ids, before: _, limit: __, ...expected }: z.output<typeof query>,
  signal: AbortSignal | undefined,
): Promise<JournalEntry[]> {
  const meets = matcher(expected as Expected);
  const { isEmpty, matches } = parseFilter(filter ?? '', {
    now: Date.now(),
    offset: offset ?? new Date().getTimezoneOffset(),
  });
  const wanted = (entry: JournalEntry): boolean => meets(entry) && (isEmpty || matches(searchable(entry)));
  if (ids === undefined) return journal.search(wanted, signal);
  const known = [...new Set(ids)].sort((a, b) => b - a).map((id) => journal.get(id));
  return journal.search(
    wanted,
    signal,
    known.filter((entry) => entry !== undefined),
  );
}

/** A part of what matches. */
const paged = (all: readonly JournalEntry[], { before, limit }: z.output<typeof query>): JournalEntry[] =>
  all.filter(({ id }) => before === undefined || id < before).slice(0, limit);

export function journalRoutes({ platform }: RouteContext): Route[] {
  const { journal } = platform;
  return [
    route({
      method: 'GET',
      path: '/api/journal',
      summary: 'The exchanges of the platform, newest first.',
      query,
      answer: page,
      handle: async ({ query, signal }) => {
        const all = await search(journal, query, signal);
        return { total: all.length, entries: paged(all, query).map(summaryOf) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/journal/ids',
      summary: 'The ids of the exchanges that match, newest first.',
      query,
      answer: found,
      handle: async ({ query, signal }) => {
        const all = await search(journal, query, signal);
        return { total: all.length, ids: paged(all, query).map(({ id }) => id) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/journal/:id',
      summary: 'An exchange in full.',
      params,
      answer: entry,
      handle: async ({ params: { id } }) =>
        entryView(await withHint(() => entryOf(platform, id)), platform.faults.list()),
    }),
    route({
      method: 'GET',
      path: '/api/journal/:id/export',
      summary: 'Exports an exchange as a command, a stub file, a strategy with its test case, or a jest test.',
      params,
      query: z.strictObject({ as: exportForm }),
      answer: z.string(),
      handle: ({ params: { id }, query: { as } }) =>
        withHint(() => (as === 'test' ? exportedTest(platform, id) : exported(platform, id, as))),
    }),
    route({
      method: 'DELETE',
      path: '/api/journal',
      summary: 'Clears the journal.',
      handle: () => journal.clear(),
    }),
  ];
}

async function withHint<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UnknownEntryError ? notFound(`${error.message}; /api/journal lists the entries`) : error;
  }
}

function entryView(found: JournalEntry, faults: readonly FaultStatus[]): z.input<typeof entry> {
  const { request, reply, logs, upstream, explanation } = found;
  return {
    ...summaryOf(found),
    cause: causeView(found, faults),
    request: messageView(request),
    reply: reply === undefined ? null : messageView(reply),
    logs: logs.map((line) => ({ ...line })),
    upstream: upstream.map(({ injectedFault, ...call }) => ({
      ...call,
      ...(injectedFault && { injectedFault: `${injectedFault.id} ${injectedFault.title}` }),
    })),
    ...(explanation === undefined ? {} : { explanation }),
  };
}

const messageView = ({ json, hex, ranges }: JournalMessage): z.input<typeof frame> => ({
  message: json ?? null,
  hex,
  ranges: ranges().map((range) => ({ ...range })),
});
