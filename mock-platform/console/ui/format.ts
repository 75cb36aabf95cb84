import { stored } from '../state/store.js';

/** Formats of times, durations, numbers and places. */

/** The time zone of all times. */
export const times = stored<'local' | 'utc'>('times', (text) => (text === 'utc' ? 'utc' : 'local'));

/** Minutes from the time zone to UTC at a time, negative to the east. */
export const zoneOffset = (at: Date = new Date()): number => (times.value === 'utc' ? 0 : at.getTimezoneOffset());

/** The furthest time of a Date, in ms since 1970. */
const FURTHEST = 8.64e15;

/** The day and the time of day, in the time zone. */
function dayAndTime(at: number): readonly [day: string, time: string] {
  const shifted = at - zoneOffset(new Date(at)) * 60_000;
  const iso = new Date(Math.max(-FURTHEST, Math.min(FURTHEST, shifted))).toISOString();
  const split = iso.indexOf('T');
  return [iso.slice(0, split), iso.slice(split + 1, -1)];
}

/** `14:03:07.042`. */
export const clockTime = (at: number): string => dayAndTime(at)[1];

/** `2026-03-01 14:03:07.042`. */
export const fullTime = (at: number): string => dayAndTime(at).join(' ');

/** `0.42 ms`, `17 ms`, `1.20 s`; a dash for no duration. */
export function durationText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : agoText(ms);
}

/** A rough duration: `12 s`, `4 min`, `3 h`, `2 d`. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** `10,000`. */
export const countText = (count: number): string => count.toLocaleString('en');

/** `1 rule`, `3 rules`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

/** A place in a file, such as `stubs/mail.yaml:3:5`. */
export const placeOf = ({ file, line, column }: { file: string; line: number; column: number }): string =>
  `${file}:${line}:${column}`;
