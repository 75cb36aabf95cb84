import { type KeyValueEntry, type KeyValueList, parametersOf, textOf } from 'esp-host/wire';
import { PatternError } from './errors.js';

/** Whether a text is the one that was meant. */
export type TextPattern = (text: string) => boolean;

/** How much of a text a pattern sees: one that tries the same characters over and over must not hold up the process. */
export const MATCHED_CHARACTERS = 65_536;

/** `Billing` is that very text; `/^\+1/` and `/billing/i` are regular expressions. @throws PatternError */
export function textPattern(meant: string): TextPattern {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(meant) ?? [];
  if (source === undefined) return (text) => text === meant;
  try {
    const expression = new RegExp(source, flags?.replaceAll(/[gy]/g, ''));
    return (text) => expression.test(text.slice(0, MATCHED_CHARACTERS));
  } catch (error) {
    throw new PatternError(`${meant}: ${(error as Error).message}`, { cause: error });
  }
}

/** What parameters must be like: each key's first value, as a text, as a `/pattern/`, or as the number of an int. */
export type MeantParameters = Readonly<Record<string, string | number>>;

/** Tells whether a request's parameters are as meant. @throws PatternError */
export function parameterMatcher(meant: MeantParameters): (request: KeyValueList | undefined) => boolean {
  const patterns = Object.entries(meant).map(([key, value]): [string, TextPattern] => [key, textPattern(`${value}`)]);
  return (request) => {
    const parameters = parametersOf(request);
    return patterns.every(([key, fits]) => {
      const text = valueText(parameters.find(key));
      return text !== undefined && fits(text);
    });
  };
}

const valueText = (entry: KeyValueEntry | undefined): string | undefined =>
  entry?.type === 'int' ? String(entry.value) : entry && textOf(entry);
