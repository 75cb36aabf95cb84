import { cutText } from '../esp/index.js';

/** The most characters of one error's message; a chain of causes has at most `CAUSES` of them. */
const MESSAGE = 4_000;
const CAUSES = 8;

/**
 * An error's text with those of its causes: `connect refused; cause: ...`. It never throws, whatever was thrown: a proxy,
 * an error whose getters throw, a chain of causes that has no end.
 */
export function errorText(error: unknown): string {
  const texts: string[] = [];
  const seen: unknown[] = [];
  for (let next = error; texts.length <= CAUSES; next = causeOf(next)) {
    texts.push(seen.includes(next) ? 'the same error again' : messageOf(next));
    if (seen.includes(next) || causeOf(next) === undefined) return texts.join('; cause: ');
    seen.push(next);
  }
  return `${texts.join('; cause: ')}; and so on`;
}

function messageOf(error: unknown): string {
  try {
    return cutText(String(error instanceof Error ? error.message : error), MESSAGE);
  } catch {
    return `${typeof error === 'function' ? 'a function' : 'an object'} without a readable text was thrown`;
  }
}

function causeOf(error: unknown): unknown {
  try {
    return error instanceof Error ? error.cause : undefined;
  } catch {
    return undefined;
  }
}
