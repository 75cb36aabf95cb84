/**
 * Whether a command printed what the page shows. In the page, `...` on a line of its own stands for any lines, within a
 * line for any text; a time in parentheses, such as (39 ms), for any time.
 */
export function isShown(shown: string, printed: string): boolean {
  return patternOf(shown).test(withoutTimes(printed));
}

function patternOf(shown: string): RegExp {
  const lines = withoutTimes(shown)
    .split(/(?<=\n)/)
    .map((line) => (line.trim() === '...' ? '(?:.*\\n)*?' : line.split('...').map(escaped).join('.*')));
  return new RegExp(`^${lines.join('')}$`);
}

const withoutTimes = (text: string): string => text.replaceAll(/\(\d+(?:\.\d+)? ms\)/g, '(0 ms)');

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
