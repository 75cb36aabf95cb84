import { OUTCOMES, TERM_NAMES } from '../../filter/index.js';
import type { Summary } from '../api/types.js';
import { keyText } from '../message/entries.js';

/** What may be written instead of a part of the filter. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly options: readonly string[];
}

/** The most options, and the newest entries that they are taken from. */
const MOST = { options: 8, entries: 1000 } as const;

type Values = (entry: Summary) => readonly (string | undefined)[];

const VALUES: Readonly<Record<string, Values>> = {
  service: ({ service }) => [service],
  method: ({ method }) => [method],
  application: ({ application }) => [application],
  code: ({ faultCode }) => [faultCode],
  stub: ({ stub }) => [stub],
  injected: ({ injectedFault }) => [injectedFault],
};

/** Terms, parameters and values that begin like the word before the caret. */
export function completionOf(text: string, caret: number, entries: readonly Summary[]): Completion | undefined {
  const word = text.slice(0, caret).split(/\s/).at(-1) ?? '';
  const typed = word.replace(/^-/, '');
  if (typed === '') return undefined;
  const from = caret - typed.length;
  const [, name, value = ''] = /^([A-Za-z]+):"?(.*)$/.exec(typed) ?? [];
  const all = name === undefined ? namesIn(entries) : valuesOf(name.toLowerCase(), entries);
  const wanted = (name === undefined ? typed : value).toLowerCase();
  const options = [...new Set(all)]
    .filter((one) => one.toLowerCase().startsWith(wanted) && one.toLowerCase() !== wanted)
    .slice(0, MOST.options)
    .map((one) => (name === undefined ? one : `${name}:${/\s/.test(one) ? `"${one}"` : one}`));
  return options.length === 0 ? undefined : { from, to: caret, options };
}

const namesIn = (entries: readonly Summary[]): string[] => [
  ...TERM_NAMES.map((name) => `${name}:`),
  ...entries
    .slice(0, MOST.entries)
    .flatMap(({ parameters, results }) => [...parameters, ...results].map(([key]) => keyText(key)))
    .filter((key) => /^[A-Za-z_][\w.-]*$/.test(key))
    .map((key) => `${key}=`),
];

function valuesOf(name: string, entries: readonly Summary[]): readonly string[] {
  if (name === 'outcome') return OUTCOMES;
  const read = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (read === undefined) return [];
  return entries
    .slice(0, MOST.entries)
    .flatMap(read)
    .filter((one) => one !== undefined);
}

/** Replaces the typed word with an option, and adds the space before the next term. */
export function completed(text: string, { from, to }: Completion, option: string): { text: string; caret: number } {
  const space = /[:=]$/.test(option) || text[to] === ' ' ? '' : ' ';
  const before = text.slice(0, from) + option + space;
  return { text: before + text.slice(to), caret: before.length };
}
