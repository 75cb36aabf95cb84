/** Formats of times, durations, numbers and places. */

const two = (number: number): string => String(number).padStart(2, '0');

/** `14:03:07.042`, local time. */
export function clockTime(at: number): string {
  const date = new Date(at);
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `2026-03-01 14:03:07.042`, local time. */
export function fullTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(at)}`;
}

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
