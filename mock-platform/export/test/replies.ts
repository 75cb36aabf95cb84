import type { FakeReply } from 'esp-host/testing';
import { MASK } from '#server';
import type { JournalCall } from '../../journal/index.js';

/** The ReferenceId at the end of the text of fault 900, which differs in every request. */
export const REFERENCE_ID = /\(ReferenceId \d+\)$/;

/** A reply of an upstream, with an optional comment. */
export interface Reply {
  readonly reply: FakeReply;
  readonly comment?: string;
}

/** Converts the answer of an upstream for `fakeHttp`. */
export function replyOf({ method, url, status, failure, responseHeaders, responseBody }: JournalCall): FakeReply {
  const request = { ...(method === 'GET' ? {} : { method }), url: url.replaceAll(MASK, '*') };
  if (failure === 'timeout' || failure === 'abandoned') return { ...request, hangs: true };
  if (failure !== undefined || status === undefined) return { ...request, error: failure ?? 'ECONNRESET' };
  const headers = Object.entries(responseHeaders ?? {});
  const json = jsonOf(responseHeaders?.['content-type'], responseBody);
  const own = headers.filter(([name, value]) => !(json !== undefined && name === TYPE && value === JSON_TYPE));
  return {
    ...request,
    ...(status === 200 ? {} : { status }),
    ...(own.length === 0 ? {} : { headers: Object.fromEntries(own) }),
    ...(json ?? (responseBody === undefined ? {} : { body: responseBody })),
  };
}

const TYPE = 'content-type';
const JSON_TYPE = 'application/json';

/** The body as `json`, if `fakeHttp` sends the same text. */
function jsonOf(type: string | undefined, body: string | undefined): { readonly json: unknown } | undefined {
  if (type === undefined || body === undefined || !/\bjson\b/.test(type)) return undefined;
  try {
    const json: unknown = JSON.parse(body);
    return JSON.stringify(json) === body ? { json } : undefined;
  } catch {
    return undefined;
  }
}
