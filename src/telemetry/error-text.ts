import { cutText } from '../esp/index.js';

/** Maximum characters of a message, and maximum number of causes. */
const MESSAGE_MAX = 4_000;
const CAUSES_MAX = 8;

/**
 * The message of an error and those of its causes: `connect refused; cause: ...`. Never throws, even for a proxy, an error
 * whose getters throw, or an endless chain of causes.
 */
export function errorText(error: unknown): string {
  const texts: string[] = [];
  const seen: unknown[] = [];
  for (let next = error; texts.length <= CAUSES_MAX; next = causeOf(next)) {
    texts.push(seen.includes(next) ? 'the same error again' : messageOf(next));
    if (seen.includes(next) || causeOf(next) === undefined) return texts.join('; cause: ');
    seen.push(next);
  }
  return `${texts.join('; cause: ')}; and so on`;
}

/** The stack of an error. Never throws. */
export function errorStack(error: unknown): string | undefined {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    // A proxy, or a getter that throws.
    return undefined;
  }
}

function messageOf(error: unknown): string {
  try {
    return cutText(String(error instanceof Error ? error.message : error), MESSAGE_MAX);
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
