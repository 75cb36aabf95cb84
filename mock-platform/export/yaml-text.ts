import { stringify } from 'yaml';

/** Data as a YAML file that is read with the environment put in: what looks as if it asked for that stands for itself. */
export const yamlText = (data: unknown): string => stringify(escaped(data), { lineWidth: 0 });

function escaped(data: unknown): unknown {
  if (typeof data === 'string') return data.replaceAll('${', '$$${');
  if (Array.isArray(data)) return data.map(escaped);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, escaped(value)]));
}
