/** An entry of a list: its key, its type and its value. */
export type ListEntry = readonly [key: string | { readonly hex: string }, type: string, value: unknown];

/** What a filter sees of an exchange. */
export interface Exchange {
  readonly id: number;
  readonly at: number;
  /** null without a reply. */
  readonly durationMs: number | null;
  readonly client: string;
  readonly via?: string | undefined;
  readonly application: string;
  readonly appName?: string | undefined;
  readonly service: string;
  readonly method: string;
  readonly parameters: readonly ListEntry[];
  readonly results: readonly ListEntry[];
  readonly outcome: string;
  readonly faultCode?: string | undefined;
  readonly faultText?: string | undefined;
  readonly why?: string | undefined;
  readonly stub?: string | undefined;
  /** The kinds and ids of injected faults. */
  readonly injectedFault?: string | undefined;
  /** Only the platform knows the rest. */
  readonly rest?: Rest | undefined;
}

/** What the list of exchanges has not. */
export interface Rest {
  readonly log: string;
  readonly upstream: string;
  /** All that is in neither, such as UserData. */
  readonly other: string;
}

const texts = new WeakMap<Exchange, string>();

/** Everything in an exchange that is text, in lower case. */
export function textOf(exchange: Exchange): string {
  const known = texts.get(exchange);
  if (known !== undefined) return known;
  const { service, method, client, via, application, appName, parameters, results, rest } = exchange;
  const { faultCode, faultText, why, stub } = exchange;
  const lists = [listText(parameters), listText(results)];
  const named = [`${service}.${method}`, client, via, application, appName, ...lists, faultCode, faultText, why, stub];
  const text = [...named, rest?.log, rest?.upstream, rest?.other]
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();
  texts.set(exchange, text);
  return text;
}

/** A list on one line: `Id=+16315551002 Address={City=Cork}`. */
export function listText(list: readonly ListEntry[]): string {
  let text = '';
  for (const entry of list) text += `${text === '' ? '' : ' '}${keyOf(entry)}=${valueText(entry)}`;
  return text;
}

const keyOf = ([key]: ListEntry): string => (typeof key === 'string' ? key : `0x${key.hex}`);

function valueText([, type, value]: ListEntry): string {
  if (Array.isArray(value)) return `{${listText(value as readonly ListEntry[])}}`;
  return type === 'bin' || type === 'strx' ? `0x${value}` : String(value);
}

/** Whether a value at `path`, such as `tags.x`, contains `wanted`, both in lower case. */
export function hasValue(list: readonly ListEntry[], path: string, wanted: string): boolean {
  return list.some((entry) => {
    const key = keyOf(entry).toLowerCase();
    if (key === path) return valueText(entry).toLowerCase().includes(wanted);
    const [, , value] = entry;
    return path.startsWith(`${key}.`) && Array.isArray(value) && hasValue(value, path.slice(key.length + 1), wanted);
  });
}
