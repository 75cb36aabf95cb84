import type { JsonEntry, SendRequest } from '../api/types.js';
import { keyText } from '../message/entries.js';
import { kept } from '../state/store.js';

/** A request that was sent. Secrets are masked. */
export interface SentRequest {
  readonly at: number;
  readonly request: SendRequest;
}

export const MOST_SENT = 50;

/** Characters of a request as JSON; longer ones are not kept. */
const MOST_CHARACTERS = 20_000;

/** The last requests that were sent, newest first. */
export const history = kept<readonly SentRequest[]>('sent', []);

/** The history with one more request. A request that was sent before moves to the top. */
export function withSent(before: readonly SentRequest[], sent: SendRequest, at: number): readonly SentRequest[] {
  const request = withoutSecrets(sent);
  const text = JSON.stringify(request);
  if (text.length > MOST_CHARACTERS) return before;
  const others = before.filter((one) => JSON.stringify(one.request) !== text);
  return [{ at, request }, ...others].slice(0, MOST_SENT);
}

/** As the platform recognises secrets: the test compares them. */
const SECRET = /password|secret|token|api[-_]?key|authorization|credential/i;

export const looksSecret = (key: string): boolean => SECRET.test(key);

function withoutSecrets(request: SendRequest): SendRequest {
  const { parameters, userData } = request;
  return {
    ...request,
    parameters: masked(parameters, false),
    ...(userData === undefined ? {} : { userData: masked(userData, false) }),
  };
}

/** Everything below the key of a secret is secret too. */
const masked = (list: readonly JsonEntry[], isSecret: boolean): JsonEntry[] =>
  list.map(([key, type, value]): JsonEntry => {
    const hidden = isSecret || looksSecret(keyText(key));
    if (typeof value === 'object') return [key, type, masked(value, hidden)];
    return [key, type, hidden ? '***' : value];
  });
