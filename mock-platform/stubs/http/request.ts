import type { MockRequest } from 'esp-host';
import type { Found } from '../common/condition.js';

/** A request to a stubbed upstream, with the values that stubs refer to. */
export class HttpRequest {
  #json: { readonly value: unknown } | undefined;

  constructor(readonly request: MockRequest) {}

  get method(): string {
    return this.request.method;
  }

  get path(): string {
    return this.request.path;
  }

  get body(): Found {
    return { text: this.request.body };
  }

  /** The first value of a query parameter. */
  query(name: string): Found | undefined {
    const text = this.request.query.get(name);
    return text === null ? undefined : { text };
  }

  /** @param name in any case */
  header(name: string): Found | undefined {
    const key = name.toLowerCase();
    const { headers } = this.request;
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
    if (value === undefined) return undefined;
    return { text: Array.isArray(value) ? value.join(', ') : value };
  }

  /** A segment of the path, decoded, by its number from 1. */
  segment(number: string): Found | undefined {
    const text = /^[1-9]\d*$/.test(number) ? this.path.split('/')[Number(number)] : undefined;
    return text === undefined ? undefined : { text: decoded(text) };
  }

  /** The value at a path such as `customer.accounts.0.id` in a JSON body. Keys with dots take precedence. */
  json(path: string): Found | undefined {
    this.#json ??= { value: parsed(this.request.body) };
    const value = jsonAt(this.#json.value, path);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null) return { text: String(value) };
    return { kind: Array.isArray(value) ? 'an array' : 'an object' };
  }
}

/** Visits each value at most once, because the keys on the way to it determine the rest of the path. */
function jsonAt(value: unknown, path: string): unknown {
  const whole = member(value, path);
  if (whole !== undefined) return whole;
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const outer = member(value, path.slice(0, dot));
    const inner = outer === undefined ? undefined : jsonAt(outer, path.slice(dot + 1));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** Undefined for a text that is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
