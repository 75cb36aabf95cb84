/** An invalid stub; the message says where. */
export class StubTextError extends Error {
  override readonly name = 'StubTextError';
}

/** Parses YAML; errors name line and column. */
type Parse = (text: string) => unknown;

/**
 * The stubs in a text, JSON or YAML: one, a list of them, or a file with `stubs:`. As in a file, `$${` stands for `${`.
 * @throws StubTextError
 */
export function readStubs(text: string, parse: Parse): readonly unknown[] {
  if (text.trim() === '') throw new StubTextError('Enter a stub, such as the example');
  const value = unescaped(parsed(text, parse));
  if (Array.isArray(value)) return value.map((stub, index) => checked(stub, `Stub ${index + 1}`));
  const { stubs, unmatched } = checked(value, 'This');
  if (stubs !== undefined && unmatched !== undefined) {
    throw new StubTextError('Only stubs can be added: remove unmatched, or put it in the stub file');
  }
  return Array.isArray(stubs) ? stubs.map((stub, index) => checked(stub, `Stub ${index + 1}`)) : [value];
}

function parsed(text: string, parse: Parse): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new StubTextError(error instanceof Error ? error.message : String(error));
  }
}

function unescaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$${', '${');
  if (Array.isArray(value)) return value.map(unescaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unescaped(member)]));
}

function checked(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new StubTextError(`${name} is not a stub: it needs match and answer`);
}

/** The initial texts of the field for a new stub. */
export const EXAMPLES = {
  application: `{
  "name": "an invoice that is paid",
  "match": {
    "service": "Billing",
    "method": "GetInvoice",
    "parameters": { "Number": "17" }
  },
  "answer": {
    "parameters": { "State": "paid" }
  }
}`,
  upstream: `{
  "name": "an invoice that is paid",
  "match": {
    "method": "GET",
    "path": "/v1/invoices/17"
  },
  "answer": {
    "json": { "state": "paid" }
  }
}`,
};
