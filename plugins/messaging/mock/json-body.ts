import { ApiError } from './api-error.js';

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value);

export const notValid = (field: string, expected: string, value: unknown): ApiError =>
  new ApiError('parameterNotValid', `${field}: ${expected} is expected, not ${kindOf(value)}`);

/** A body that is a JSON object; an empty one is one without members. Throws ApiError. */
export function jsonObject(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notValid('body', 'a JSON object', value);
  }
  return value as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError('invalidRequest', `body: not JSON: ${(error as Error).message}`);
  }
}
