import { stringify } from 'yaml';
import { isSecretKey } from '#server';

/** Whether a list contains values that the journal masks. */
export function hasSecrets(json: unknown): boolean {
  if (!Array.isArray(json)) return false;
  const [key, type] = json as unknown[];
  if (typeof key === 'string' && typeof type === 'string' && json.length === 3 && isSecretKey(key)) return true;
  return json.some(hasSecrets);
}

/** Application type Third Party Server, the usual type of a custom ESP server. */
export const DEFAULT_TYPE = 23;

/** Formats data as YAML. Escapes `${`, because files are loaded with environment substitution. */
export const yamlText = (data: unknown): string => stringify(escaped(data), { lineWidth: 0 });

function escaped(data: unknown): unknown {
  if (typeof data === 'string') return data.replaceAll('${', '$$${');
  if (Array.isArray(data)) return data.map(escaped);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, escaped(value)]));
}

/** Escapes the templates in a text of a stub's answer. */
export const escapedTemplates = (text: string): string => text.replaceAll('{{', '{{braces}}');

/** The first line of an export that needs a secret. */
export const MASKED = '# Secret values are masked: fill them in.\n';
