import { isSecretKey } from 'esp-host/server';

/** Whether a list has a value that the journal masks. */
export function hasSecrets(json: unknown): boolean {
  if (!Array.isArray(json)) return false;
  const [key, type] = json as unknown[];
  if (typeof key === 'string' && typeof type === 'string' && json.length === 3 && isSecretKey(key)) return true;
  return json.some(hasSecrets);
}
