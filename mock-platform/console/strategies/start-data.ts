/** The data that a run starts with, as it is typed. */
export type DataValues = Readonly<Record<string, string>>;

type Data = Readonly<Record<string, unknown>>;

/** The strategy's own data; where the platform does not tell it, the names that its steps ask for. */
export function startValues(data: Data | undefined, names: readonly string[]): DataValues {
  if (data === undefined) return Object.fromEntries(names.map((name) => [name, '']));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, textOf(value)]));
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** What a run is to set: values other than the strategy's own; whole numbers where its own is one. */
export function setOf(values: DataValues, data: Data | undefined): Record<string, unknown> {
  const changed = Object.entries(values).filter(([name, text]) =>
    data === undefined ? text !== '' : textOf(data[name]) !== text,
  );
  return Object.fromEntries(changed.map(([name, text]) => [name, dataValue(text, data?.[name])]));
}

function dataValue(text: string, own: unknown): unknown {
  if (typeof own === 'number' && /^-?\d{1,10}$/.test(text)) return Number(text);
  if (typeof own !== 'object') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
