import { validateHeaderName } from 'node:http';
import { z } from 'esp-host';
import { type LoadedFile, loadYaml, parseYaml } from '#server';
import type { Times } from '../../matching.js';
import { conditionSchema, conditionsSchema, delayMs, reportTo, stubSchemaOf } from '../common/schema.js';
import { BODY, type HttpMatch, JSON_VALUE, type JsonCondition, PATH, TEXT, type TextCondition } from './match.js';
import { jsonTemplate, templates } from './template.js';

const conditions = () => conditionsSchema<TextCondition>(TEXT);

const matchShape = {
  method: z
    .string()
    .regex(/^[A-Z-]+$/, 'must be an HTTP method in capitals, such as POST')
    .optional(),
  path: conditionSchema<Exclude<HttpMatch['path'], undefined>>(PATH).optional(),
  query: conditions().optional(),
  headers: conditions().optional(),
  json: conditionsSchema<JsonCondition>(JSON_VALUE).optional(),
  body: conditionSchema<TextCondition>(BODY).optional(),
};

const count = z.int().min(0).optional();

/** The requests to count, and the expected count. */
export const httpExpectedSchema = z.strictObject({
  ...matchShape,
  stub: z.string().optional(),
  unmatched: z.boolean().optional(),
  times: count,
  atLeast: count,
  atMost: count,
});

/** Requests of a stubbed upstream, and how often they are expected: by default, at least once. */
export interface HttpExpected extends Omit<HttpMatch, 'state'>, Times {
  /** The name of the stub that answered. */
  readonly stub?: string | undefined;
  /** Only requests that no stub matched, or only those that one did. */
  readonly unmatched?: boolean | undefined;
}

/** Text that may contain templates. */
const text = () => z.string().superRefine((value, context) => void templates.compile(value, reportTo(context)));

/** Headers that the server sets itself. */
const FRAMING = new Set(['connection', 'content-length', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade']);

function refuseWrongNames(headers: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  for (const name of Object.keys(headers)) {
    if (FRAMING.has(name.toLowerCase())) reportTo(context)([name], 'is set by the server');
    try {
      validateHeaderName(name);
    } catch {
      reportTo(context)([name], 'must be the name of a header');
    }
  }
}

const reply = z.strictObject({
  status: z.int().min(200, 'must be 200 to 599').max(599, 'must be 200 to 599').optional(),
  headers: z
    .record(z.string(), z.union([text(), z.number()]))
    .superRefine(refuseWrongNames)
    .optional(),
  json: z
    .custom<unknown>((value) => value !== undefined)
    .superRefine((value, context) => void jsonTemplate(value, reportTo(context)))
    .optional(),
  body: text().optional(),
  none: z.literal(true).optional(),
  delayMs: delayMs(),
});

/** A response of an upstream. Texts and JSON may contain templates. */
export interface HttpReplyDefinition {
  /** @default 200 */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string | number>> | undefined;
  /** The body, as JSON. */
  readonly json?: unknown;
  /** The body, as text. */
  readonly body?: string | undefined;
  /** No response. */
  readonly none?: true | undefined;
  /** How long to wait before the response, in ms. @default 0 */
  readonly delayMs?: number | undefined;
}

/** An answer of a stub of an upstream. */
export interface HttpAnswerDefinition extends HttpReplyDefinition {
  /** The next state of the stub's scenario. */
  readonly state?: string | undefined;
}

const answer = reply.extend({ state: z.string().optional() }).superRefine(refuseContradictions);

export const httpStubSchema = stubSchemaOf(z.strictObject({ ...matchShape, state: z.string().optional() }), answer);

/** A stub of an upstream: the requests that it matches, and `answer`, or `answers` one after the other. */
export interface HttpStubDefinition {
  readonly name?: string | undefined;
  /** Whether it is switched off: it matches nothing. @default false */
  readonly disabled?: boolean | undefined;
  /** @default 'default' */
  readonly scenario?: string | undefined;
  /** @default every request */
  readonly match?: HttpMatch | undefined;
  readonly answer?: HttpAnswerDefinition | undefined;
  readonly answers?: readonly HttpAnswerDefinition[] | undefined;
}

export const httpStubFileSchema = z.strictObject({
  stubs: z.array(httpStubSchema),
  unmatched: reply.superRefine(refuseContradictions).optional(),
});

/** The content of a stub file of an upstream. */
export interface HttpStubFile {
  readonly stubs: readonly HttpStubDefinition[];
  /** The response to a request that matches no stub. @default 404 */
  readonly unmatched?: HttpReplyDefinition | undefined;
}

/** Statuses of responses that have no body. */
const BODILESS: ReadonlySet<number | undefined> = new Set([204, 304]);

const CONTENT = ['status', 'headers', 'json', 'body'] as const;

function refuseContradictions(answer: HttpReplyDefinition, context: z.RefinementCtx): void {
  const report = reportTo(context);
  const given = CONTENT.filter((key) => answer[key] !== undefined);
  if (answer.none && given.length > 0) report(['none'], `cannot be combined with ${given.join(' and ')}`);
  const bodies = (['json', 'body'] as const).filter((key) => answer[key] !== undefined);
  const [body] = bodies;
  if (bodies.length > 1) report(['body'], 'cannot be combined with json');
  else if (body !== undefined && BODILESS.has(answer.status)) {
    report([body], `is not allowed: a response with status ${answer.status} has no body`);
  }
}

/** Loads a stub file of an upstream. @throws ConfigError with file:line:column of each problem */
export const loadHttpStubs = (file: string): LoadedFile<HttpStubFile> =>
  loadYaml(file, httpStubFileSchema, process.env, EXAMPLE);

/** Checks the text of such a file; `file` is its name in errors. @throws ConfigError like `loadHttpStubs` */
export const parseHttpStubs = (text: string, file: string): LoadedFile<HttpStubFile> =>
  parseYaml(text, file, httpStubFileSchema, process.env, EXAMPLE);

const EXAMPLE = 'stubs: [{ match: { method: GET, path: /accounts/17 }, answer: { json: { balance: 17 } } }]';
