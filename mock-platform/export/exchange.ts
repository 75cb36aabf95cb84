import { isSecretKey } from 'esp-host/server';
import { stringify } from 'yaml';

/** Whether a list has a value that the journal masks. */
export function hasSecrets(json: unknown): boolean {
  if (!Array.isArray(json)) return false;
  const [key, type] = json as unknown[];
  if (typeof key === 'string' && typeof type === 'string' && json.length === 3 && isSecretKey(key)) return true;
  return json.some(hasSecrets);
}

/** Third Party Server: what an ESP server of one's own is configured as. */
export const USUAL_TYPE = 23;

/** Data as a YAML file that is read with the environment put in: what looks as if it asked for that stands for itself. */
export const yamlText = (data: unknown): string => stringify(escaped(data), { lineWidth: 0 });

function escaped(data: unknown): unknown {
  if (typeof data === 'string') return data.replaceAll('${', '$$${');
  if (Array.isArray(data)) return data.map(escaped);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, escaped(value)]));
}
