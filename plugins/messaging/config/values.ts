import { z } from 'esp-host';

/** At most 24 days, the limit of a timer. */
export const milliseconds = (least: number, fallback: number) => z.int().min(least).max(0x7fffffff).default(fallback);

export const count = (most: number, fallback: number) => z.int().min(1).max(most).default(fallback);

export const NO_CREDENTIALS = 'must hold no user name or password: write them as username and password';

export function hasNoCredentials(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}
