import { Secret } from 'esp-host';
import { isSecretKey, MASK, maskUrl } from 'esp-host/server';

/** What a configuration says, for a text that others may read. */
export interface WithoutSecrets {
  readonly value: unknown;
  readonly hasSecrets: boolean;
}

/**
 * Values as a configuration writes them, with `***` in place of secrets: what a schema made a secret of, what stands
 * under a key that looks like one, credentials in URLs. Files that are read for their text (certificates) are left out.
 * @param checked the same values as their schema made them: what came from the environment is a number there where one
 * is wanted
 */
export function withoutSecrets(given: unknown, checked: unknown): WithoutSecrets {
  let hasSecrets = false;
  const text = (value: string, made: unknown, isSecret: boolean): unknown => {
    if (typeof made === 'number' || typeof made === 'boolean') return made;
    if (typeof made === 'string' && made !== value && made.includes(PEM)) return undefined;
    const shown = value.includes(PEM) || (isSecret && !/^https?:/i.test(value)) ? MASK : maskUrl(value);
    if (shown !== value) hasSecrets = true;
    return shown;
  };
  const walk = (value: unknown, made: unknown, isSecret: boolean): unknown => {
    if (made instanceof Secret) {
      hasSecrets = true;
      return MASK;
    }
    if (typeof value === 'string') return text(value, made, isSecret);
    if (typeof value !== 'object' || value === null) return value;
    const parts = (made ?? {}) as Record<string, unknown>;
    if (Array.isArray(value)) return value.map((one, index) => walk(one, parts[index], isSecret));
    const members = Object.entries(value).map(([key, one]) => [
      key,
      walk(one, parts[key], isSecret || isSecretKey(key)),
    ]);
    return Object.fromEntries(members);
  };
  const value = walk(given, checked, false);
  return { value, hasSecrets };
}

const PEM = '-----BEGIN ';
