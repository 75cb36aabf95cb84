import type { MockRequest, MockResponse } from 'esp-host';
import { isExpectedCount } from '../../matching.js';
import { unreported } from '../common/condition.js';
import { type ListedStub, parsedStub, StubList } from '../common/stub-list.js';
import {
  type HttpExpected,
  type HttpReplyDefinition,
  type HttpStubDefinition,
  type HttpStubFile,
  httpExpectedSchema,
  httpStubSchema,
} from './definition.js';
import { httpChecks } from './match.js';
import { HttpRequest } from './request.js';
import { jsonTemplate, templates } from './template.js';

/** The answer to a request of a stubbed upstream. */
export interface HttpStubAnswer {
  /** Undefined if there is no answer. */
  readonly response: MockResponse | undefined;
  readonly delayMs: number;
  /** Undefined if no stub matched. */
  readonly stub: ListedStub<HttpStubDefinition> | undefined;
  /** Why no stub matched, and which was nearest. */
  readonly unmatched: string | undefined;
}

/** A request that a stubbed upstream received. */
export interface HttpStubRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** The name of the stub that answered; undefined if none matched. */
  readonly stub: string | undefined;
  /** Why no stub matched, and which was nearest. */
  readonly unmatched: string | undefined;
}

/** The number of requests, and whether it is as expected. */
export interface HttpVerification {
  readonly count: number;
  readonly ok: boolean;
  /** The requests, oldest first. */
  readonly requests: readonly HttpStubRequest[];
}

interface Kept extends HttpStubRequest {
  /** Without its parsed JSON, which takes many times the memory of the text. */
  readonly request: MockRequest;
}

const MAX_REQUESTS = 1000;
/** Characters of all kept bodies. */
const MAX_CHARACTERS = 16 << 20;

/** The stubs of an upstream. The first match answers a request. */
export class HttpStubSet extends StubList<HttpStubDefinition, HttpRequest, MockResponse | undefined> {
  #unmatched: HttpReplyDefinition | undefined;
  readonly #listeners = new Set<(request: HttpStubRequest, call: MockRequest) => void>();
  #requests: Kept[] = [];
  #characters = 0;

  constructor({ stubs, unmatched }: HttpStubFile) {
    super(stubs, {
      schema: httpStubSchema,
      subject: ({ match }) => `${match?.method ?? '*'} ${pathText(match?.path)}`,
      checks: ({ match = {} }, scenario) => httpChecks(match, scenario),
      reply: responseTemplate,
    });
    this.#unmatched = unmatched;
  }

  /** Takes the stubs of a changed file. */
  load({ stubs, unmatched }: HttpStubFile): void {
    this.replaceFileStubs(stubs);
    this.#unmatched = unmatched;
  }

  /** @param at milliseconds since 1970 @internal */
  answer(request: MockRequest, at = Date.now()): HttpStubAnswer {
    const read = new HttpRequest(request);
    const found = this.find(read);
    const { method, path } = request;
    const answer =
      found.stub === undefined
        ? this.#notMatched(read, found.unmatched)
        : { response: found.reply, delayMs: found.delayMs, stub: found.stub, unmatched: undefined };
    this.#keep({ at, method, path, stub: answer.stub?.name, unmatched: answer.unmatched, request });
    return answer;
  }

  /** The last 1,000 requests, or fewer if their bodies are long; oldest first. */
  requests(): HttpStubRequest[] {
    return this.#requests.map(withoutRequest);
  }

  /** Counts the requests that match. @param json an {@link HttpExpected} @throws StubError */
  verify(json: HttpExpected): HttpVerification {
    const { stub, unmatched, times, atLeast, atMost, ...match } = parsedStub(httpExpectedSchema, json, 'expected');
    const checks = httpChecks(match, '').flat();
    const matches = (request: HttpRequest): boolean => checks.every((check) => check(request, '') === undefined);
    const requests = this.#requests.filter(
      (kept) =>
        (stub === undefined || kept.stub === stub) &&
        (unmatched === undefined || (kept.unmatched !== undefined) === unmatched) &&
        matches(new HttpRequest(kept.request)),
    );
    const ok = isExpectedCount(requests.length, { times, atLeast, atMost });
    return { count: requests.length, ok, requests: requests.map(withoutRequest) };
  }

  /** Calls `listener` with each request. @returns a function that unsubscribes */
  subscribe(listener: (request: HttpStubRequest, call: MockRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  override reset(): void {
    super.reset();
    this.#requests = [];
    this.#characters = 0;
  }

  #notMatched(request: HttpRequest, unmatched: string): HttpStubAnswer {
    const reply = this.#unmatched ?? { json: { error: unmatched.replaceAll('{{', '{{braces}}') } };
    const response = responseTemplate({ status: 404, ...reply })(request);
    return { response, delayMs: reply.delayMs ?? 0, stub: undefined, unmatched };
  }

  #keep(kept: Kept): void {
    this.#requests.push(kept);
    this.#characters += sizeOf(kept);
    while (this.#requests.length > MAX_REQUESTS || (this.#characters > MAX_CHARACTERS && this.#requests.length > 1)) {
      const oldest = this.#requests.shift();
      this.#characters -= oldest === undefined ? 0 : sizeOf(oldest);
    }
    for (const listener of this.#listeners) listener(withoutRequest(kept), kept.request);
  }
}

const sizeOf = ({ request }: Kept): number => request.body.length + request.path.length;

const withoutRequest = ({ request: _request, ...kept }: Kept): HttpStubRequest => kept;

function pathText(path: string | { readonly pattern: string } | undefined): string {
  if (path === undefined) return '*';
  return typeof path === 'string' ? path : `/${path.pattern}/`;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Renders a response, or undefined for none. */
function responseTemplate(reply: HttpReplyDefinition): (request: HttpRequest) => MockResponse | undefined {
  const { status = 200, json, body, none } = reply;
  if (none === true) return () => undefined;
  const headers = Object.entries(reply.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), templates.compile(String(value), unreported)] as const,
  );
  const jsonBody = json === undefined ? undefined : jsonTemplate(json, unreported);
  const textBody = body === undefined ? undefined : templates.compile(body, unreported);
  return (request) => {
    const own = Object.fromEntries(headers.map(([name, value]) => [name, sendable(value(request))]));
    if (jsonBody === undefined) return { status, headers: own, body: textBody?.(request) };
    return { status, headers: { 'content-type': JSON_TYPE, ...own }, body: JSON.stringify(jsonBody(request)) };
  };
}

/** Replaces the characters that a header cannot contain. */
const sendable = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
