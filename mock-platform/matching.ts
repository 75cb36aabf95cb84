import { type KeyValueEntry, type KeyValueList, parametersOf, textOf } from '#wire';
import { PatternError } from './errors.js';

/** Tells whether a text matches. */
export type TextPattern = (text: string) => boolean;

/** The number of characters that a pattern is tested on, so that backtracking cannot block the process. */
export const MATCHED_CHARACTERS = 65_536;

/** `Billing` matches exactly; `/^\+1/` and `/billing/i` are regular expressions. @throws PatternError */
export function textPattern(expected: string): TextPattern {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(expected) ?? [];
  if (source === undefined) return (text) => text === expected;
  try {
    const expression = new RegExp(source, flags?.replaceAll(/[gy]/g, ''));
    return (text) => expression.test(text.slice(0, MATCHED_CHARACTERS));
  } catch (error) {
    throw new PatternError(`${expected}: ${(error as Error).message}`, { cause: error });
  }
}

/** Expected parameters: the first value of each key must equal the text or number, or match the `/pattern/`. */
export type MeantParameters = Readonly<Record<string, string | number>>;

/** Returns a function that tells whether a request has the expected parameters. @throws PatternError */
export function parameterMatcher(expected: MeantParameters): (request: KeyValueList | undefined) => boolean {
  const patterns = Object.entries(expected).map(([key, value]): [string, TextPattern] => [
    key,
    textPattern(`${value}`),
  ]);
  return (request) => {
    const parameters = parametersOf(request);
    return patterns.every(([key, matches]) => {
      const text = valueText(parameters.find(key));
      return text !== undefined && matches(text);
    });
  };
}

const valueText = (entry: KeyValueEntry | undefined): string | undefined =>
  entry?.type === 'int' ? String(entry.value) : entry && textOf(entry);

/** An expected count: by default, at least 1. */
export interface Times {
  readonly times?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

export function isExpectedCount(count: number, { times, atLeast, atMost }: Times): boolean {
  const least = times ?? atLeast ?? (atMost === undefined ? 1 : 0);
  const most = times ?? atMost ?? Number.POSITIVE_INFINITY;
  return count >= Math.max(least, atLeast ?? 0) && count <= Math.min(most, atMost ?? most);
}
