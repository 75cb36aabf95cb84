import { Secret } from 'esp-host';
import { isSecretKey, MASK, maskUrl } from '#server';

/** Configuration values with masked secrets. */
export interface WithoutSecrets {
  readonly value: unknown;
  readonly hasSecrets: boolean;
}

/**
 * Masks secrets in configuration values with `***`: values that the schema declares secret, values of keys that look
 * secret, and credentials in URLs. Omits certificates that are loaded from files.
 * @param checked the same values after validation, where strings from the environment may have become numbers
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
