import { isSecretKey, MASK } from '#server';
import { type JsonEntry, type KeyValueList, listToJson } from '#wire';

/** Keys with a new value in each request or session. */
const VOLATILE = new Set(['MessageID', 'RequestorInfo']);

/** Maximum length of a value in a difference. */
const SHOWN = 60;

/** The content of a request without secrets and without values that differ in every request. */
export class Likeness {
  /** Equal for requests with the same content. */
  readonly key: string;
  /** `Parameters.Id` -> `str "+16315551002"`; values of a repeated key are joined. */
  readonly #values: ReadonlyMap<string, string>;

  constructor(request: KeyValueList | undefined) {
    const list = request && listToJson(request).filter(([key]) => !VOLATILE.has(keyText(key)));
    const entries = withoutSecrets(list ?? []);
    this.key = JSON.stringify(list && entries);
    this.#values = valuesOf(entries);
  }

  /** Describes the differences: the path of each value, with both values. */
  differences(other: Likeness): string[] {
    return [...new Set([...this.#values.keys(), ...other.#values.keys()])].flatMap((path) => {
      const [value, otherValue] = [this.#values.get(path), other.#values.get(path)];
      return value === otherValue ? [] : [`${path}: ${shown(value)}, not ${shown(otherValue)}`];
    });
  }
}

/** Masks secrets: recordings contain them masked, so their values must not matter. */
function withoutSecrets(entries: readonly JsonEntry[]): JsonEntry[] {
  return entries.map(([key, type, value]) => {
    if (isSecretKey(keyText(key))) return [key, 'secret', MASK];
    return [key, type, Array.isArray(value) ? withoutSecrets(value) : value];
  });
}

function valuesOf(entries: readonly JsonEntry[], prefix = '', found = new Map<string, string>()): Map<string, string> {
  for (const [key, type, value] of entries) {
    const path = `${prefix}${keyText(key)}`;
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
