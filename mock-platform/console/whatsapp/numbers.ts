/** From this version on, the contacts endpoint reports every number as valid. */
const ALWAYS_VALID = [2, 43] as const;

/** The versions that Genesys ran: before the change, and after it. */
export const VERSIONS = ['2.41.3', '2.45.1'] as const;

export function isAlwaysValid(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > ALWAYS_VALID[0] || (major === ALWAYS_VALID[0] && minor >= ALWAYS_VALID[1]);
}

export const isVersion = (text: string): boolean => /^\d+\.\d+\.\d+$/.test(text);

/** Whether a call failed: an HTTP error, or no answer at all (`reset`, `hang`). */
export const isFailed = (status: number | string | undefined): boolean =>
  typeof status === 'number' ? status >= 400 : status !== undefined;

/** A number as it is typed (`+1 (631) 555-1002`) in E.164; undefined if it is not a number. */
export function e164(text: string): string | undefined {
  const plain = text.replaceAll(/[\s().\-/]/g, '');
  return /^\+[1-9]\d{4,14}$/.test(plain) ? plain : undefined;
}
