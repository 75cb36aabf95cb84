import type { Entry, LogLine, UpstreamCall } from '../api/types.js';

interface Happening {
  /** `request`, `log-1`, `call-1`, `reply`. */
  readonly id: string;
  /** In ms since 1970; undefined if it did not happen. */
  readonly at: number | undefined;
  readonly durationMs?: number | null;
}

/** Something that happened in an exchange. */
export type Moment =
  | (Happening & { readonly kind: 'request' | 'reply' })
  | (Happening & { readonly kind: 'log'; readonly line: LogLine })
  | (Happening & { readonly kind: 'upstream'; readonly call: UpstreamCall });

/** The request, the log lines, the upstream calls and the reply in the order in which they began. */
export function momentsOf({ at, durationMs, logs, upstream, reply }: Entry): readonly Moment[] {
  const between: Moment[] = [
    ...logs.map((line, index): Moment => ({ id: `log-${index + 1}`, kind: 'log', at: line.at, line })),
    ...upstream.map(
      (call, index): Moment => ({
        ...{ id: `call-${index + 1}`, kind: 'upstream', at: call.at, durationMs: call.durationMs, call },
      }),
    ),
  ].sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const repliedAt = reply === null || durationMs === null ? undefined : at + durationMs;
  // Log lines have whole milliseconds.
  const isBefore = (moment: Moment): boolean => repliedAt === undefined || (moment.at ?? 0) <= Math.ceil(repliedAt);
  return [
    { id: 'request', kind: 'request', at },
    ...between.filter(isBefore),
    { id: 'reply', kind: 'reply', at: repliedAt, durationMs },
    ...between.filter((moment) => !isBefore(moment)),
  ];
}

/** A part of the time axis, in percent of its length. */
export interface Lane {
  readonly start: number;
  readonly width: number;
}

/** The place of each moment on the axis, from the first to the last. */
export function lanesOf(moments: readonly Moment[]): ReadonlyMap<string, Lane> {
  const spans = moments.flatMap(({ id, kind, at, durationMs }) =>
    at === undefined ? [] : [{ id, at, length: kind === 'upstream' ? Math.max(0, durationMs ?? 0) : 0 }],
  );
  const first = Math.min(...spans.map(({ at }) => at));
  const whole = Math.max(...spans.map(({ at, length }) => at + length)) - first || 1;
  return new Map(
    spans.map(({ id, at, length }) => [id, { start: ((at - first) / whole) * 100, width: (length / whole) * 100 }]),
  );
}

/** The moments that groups of former addresses show, such as `#/journal/17/log`. */
const GROUPS = new Map<string, (moment: Moment) => readonly string[]>(
  Object.entries({
    all: ({ id }: Moment) => [id],
    message: ({ id, kind }: Moment) => (kind === 'request' || kind === 'reply' ? [id] : []),
    frame: ({ kind }: Moment) => (kind === 'request' ? ['request-bytes'] : []),
    log: ({ id, kind }: Moment) => (kind === 'log' ? [id] : []),
    upstream: ({ id, kind }: Moment) => (kind === 'upstream' ? [id] : []),
  }),
);

/** The unfolded moments in a part of an address: `request.call-1`; `request-bytes` shows bytes. */
export function unfoldedIn(part: string | undefined, moments: readonly Moment[]): ReadonlySet<string> {
  const names = (part ?? '').split('.').filter((name) => name !== '');
  return new Set(
    names.flatMap((name) => {
      const group = GROUPS.get(name);
      return group === undefined ? [name] : moments.flatMap((moment) => group(moment));
    }),
  );
}

/** The part of an address for unfolded moments. */
export const unfoldedPart = (unfolded: Iterable<string>): string => [...unfolded].join('.');

/** Unfolds or folds a moment. */
export function toggled(unfolded: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const shown = [id, `${id}-bytes`].some((one) => unfolded.has(one));
  const others = [...unfolded].filter((one) => one !== id && one !== `${id}-bytes`);
  return new Set(shown ? others : [...others, id]);
}

/** Shows the list or the bytes of an unfolded message. */
export const shownAs = (unfolded: ReadonlySet<string>, id: string, as: 'list' | 'bytes'): ReadonlySet<string> =>
  new Set([...toggled(new Set([...unfolded, id]), id), as === 'bytes' ? `${id}-bytes` : id]);
