import { afterAll } from '@jest/globals';
import type { MockRequest, MockResponse } from 'esp-host';
import { type HttpStubAnswer, HttpStubSet, loadHttpStubs } from '../../../../mock-platform/stubs/index.js';
import { file, removeFolders } from '../../../support/files.js';

afterAll(removeFolders);

/** The stubs of a YAML text. */
export const httpStubs = (yaml: string): HttpStubSet => new HttpStubSet(loadHttpStubs(file('stubs.yaml', yaml)).config);

export interface Asked {
  readonly method?: string;
  /** With a query. */
  readonly url?: string;
  readonly headers?: MockRequest['headers'];
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
}

/** A request: `POST /v1/balance` unless given. */
export function httpRequest({
  method = 'POST',
  url = '/v1/balance',
  headers = {},
  body = '',
}: Asked = {}): MockRequest {
  const [path = '', query = ''] = url.split('?');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method, path, query: new URLSearchParams(query), headers, body: text };
}

export const ask = (set: HttpStubSet, asked?: Asked): HttpStubAnswer => set.answer(httpRequest(asked));

/** The status and the body of the answer: `200 {"balance":"12.50"}`, or `none`. */
export const said = (set: HttpStubSet, asked?: Asked): string => textOf(ask(set, asked).response);

const textOf = (response: MockResponse | undefined): string =>
  response === undefined ? 'none' : `${response.status} ${response.body ?? ''}`.trimEnd();

/** Why no stub matched; empty if one did. */
export const why = (set: HttpStubSet, asked?: Asked): string => ask(set, asked).unmatched ?? '';
