import { isSecretKey, MASK } from 'esp-host/server';
import { type JsonEntry, type KeyValueList, listToJson } from 'esp-host/wire';

/** What a client makes up anew for each request, or for each session. */
const VOLATILE = new Set(['MessageID', 'RequestorInfo']);

/** Longest value that a difference shows. */
const SHOWN = 60;

/** What a request asks for, apart from what differs with every request, and from secrets. */
export class Likeness {
  /** Equal for requests that ask for the same. */
  readonly key: string;
  /** `Parameters.Id` -> `str "+16315551002"`; what repeats stands there in a row. */
  readonly #values: ReadonlyMap<string, string>;

  constructor(request: KeyValueList | undefined) {
    const list = request && listToJson(request).filter(([key]) => !VOLATILE.has(keyText(key)));
    const entries = withoutSecrets(list ?? []);
    this.key = JSON.stringify(list && entries);
    this.#values = valuesOf(entries);
  }

  /** What is not the same, for people: the path of each value, here and there. */
  differences(there: Likeness): string[] {
    return [...new Set([...this.#values.keys(), ...there.#values.keys()])].flatMap((path) => {
      const [own, other] = [this.#values.get(path), there.#values.get(path)];
      return own === other ? [] : [`${path}: ${shown(own)}, not ${shown(other)}`];
    });
  }
}

/** A secret is masked in a recording, so it counts as the same whatever it is. */
function withoutSecrets(entries: readonly JsonEntry[]): JsonEntry[] {
  return entries.map(([key, type, value]) => {
    if (isSecretKey(keyText(key))) return [key, 'secret', MASK];
    return [key, type, Array.isArray(value) ? withoutSecrets(value) : value];
  });
}

function valuesOf(entries: readonly JsonEntry[], around = '', found = new Map<string, string>()): Map<string, string> {
  for (const [key, type, value] of entries) {
    const path = `${around}${keyText(key)}`;
    if (Array.isArray(value) && value.length > 0) {
      valuesOf(value, `${path}.`, found);
    } else {
      const before = found.get(path);
      found.set(path, `${before === undefined ? '' : `${before}, `}${type} ${JSON.stringify(value)}`);
    }
  }
  return found;
}

const keyText = (key: JsonEntry[0]): string => (typeof key === 'string' ? key : key.hex);

function shown(value: string | undefined): string {
  if (value === undefined) return 'missing';
  return value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value;
}
