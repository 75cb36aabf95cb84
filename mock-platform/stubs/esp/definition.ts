import { z } from 'esp-host';
import { type LoadedFile, loadYaml, parseYaml } from '#server';
import { MessageId } from '#wire';
import type { Condition } from '../common/condition.js';
import { conditionsSchema, delayMs, reportTo, stubSchemaOf } from '../common/schema.js';
import { type Match, SCALARS } from './match.js';
import { templates } from './template.js';
import { listTemplate, type Values } from './values.js';

/** A key-value list that may contain templates. */
const values = () => z.custom<Values>().superRefine((value, context) => void listTemplate(value, reportTo(context)));

/** Text that may contain templates. */
const text = () => z.string().superRefine((value, context) => void templates.compile(value, reportTo(context)));

const conditions = () => conditionsSchema<Condition>(SCALARS);

const match = z.strictObject({
  appName: z.string().optional(),
  appType: z.int().min(1).optional(),
  service: z.string().optional(),
  method: z.string().optional(),
  parameters: conditions().optional(),
  userData: conditions().optional(),
  state: z.string().optional(),
});

const faultCode = z.custom<string | number>(
  (code) => typeof code === 'string' || Number.isInteger(code),
  'must be a number such as 404, or a string',
);

const reply = z.strictObject({
  parameters: values().optional(),
  fault: z.strictObject({ code: faultCode, text: text() }).optional(),
  none: z.literal(true).optional(),
  request: values().optional(),
  messageId: z.literal([MessageId.Event3rdServerResponse, MessageId.Event3rdServerFault]).optional(),
  userData: values().optional(),
  delayMs: delayMs(),
});

/** A reply: one of `parameters`, `fault`, `none` and `request`. Texts and lists may contain templates. */
export interface ReplyDefinition {
  /** The Parameters of a response. */
  readonly parameters?: Values | undefined;
  readonly fault?: { readonly code: string | number; readonly text: string } | undefined;
  /** No reply. */
  readonly none?: true | undefined;
  /** The whole Request list. */
  readonly request?: Values | undefined;
  /** Of a reply with `request`. @default 501, a response */
  readonly messageId?: 501 | 502 | undefined;
  readonly userData?: Values | undefined;
  /** How long to wait before the reply, in ms. @default 0 */
  readonly delayMs?: number | undefined;
}

const answer = reply.extend({ state: z.string().optional() }).superRefine(refuseContradictions);

/** An answer of a stub. */
export interface AnswerDefinition extends ReplyDefinition {
  /** The next state of the stub's scenario. */
  readonly state?: string | undefined;
}

export const stubSchema = stubSchemaOf(match, answer);

/** A stub: the requests that it matches, and `answer`, or `answers` one after the other. */
export interface StubDefinition {
  readonly name?: string | undefined;
  /** Whether it is switched off: it matches nothing. @default false */
  readonly disabled?: boolean | undefined;
  /** @default 'default' */
  readonly scenario?: string | undefined;
  /** @default every request */
  readonly match?: Match | undefined;
  readonly answer?: AnswerDefinition | undefined;
  readonly answers?: readonly AnswerDefinition[] | undefined;
}

export const stubFileSchema = z.strictObject({
  application: z
    .strictObject({ name: z.string().min(1, 'must be the AppName of the application'), type: z.int().min(1) })
    .optional(),
  stubs: z.array(stubSchema),
  unmatched: reply.superRefine(refuseContradictions).optional(),
});

/** The content of a stub file. */
export interface StubFile {
  /** @default Stubs, of type 23 */
  readonly application?: StubbedApplication | undefined;
  readonly stubs: readonly StubDefinition[];
  /** The reply to a request that matches no stub. @default fault 902 */
  readonly unmatched?: ReplyDefinition | undefined;
}

/** The application that a set of stubs stands in for. */
export interface StubbedApplication {
  readonly name: string;
  /** Number of the application type in Configuration Layer, such as 90. */
  readonly type: number;
}

const KINDS = ['parameters', 'fault', 'none', 'request'] as const;

function refuseContradictions(answer: ReplyDefinition, context: z.RefinementCtx): void {
  const kinds = KINDS.filter((kind) => answer[kind] !== undefined);
  if (kinds.length !== 1) reportTo(context)([], 'must have exactly one of parameters, fault, none and request');
  if (answer.messageId !== undefined && answer.request === undefined) {
    reportTo(context)(['messageId'], 'is only allowed with request');
  }
  if (answer.userData !== undefined && answer.parameters === undefined && answer.request === undefined) {
    reportTo(context)(['userData'], 'is only allowed with parameters or request');
  }
}

/** Loads a stub file. @throws ConfigError with file:line:column of each problem */
export const loadStubs = (file: string): LoadedFile<StubFile> => loadYaml(file, stubFileSchema, process.env, EXAMPLE);

/** Checks the text of a stub file; `file` is its name in errors. @throws ConfigError like `loadStubs` */
export const parseStubs = (text: string, file: string): LoadedFile<StubFile> =>
  parseYaml(text, file, stubFileSchema, process.env, EXAMPLE);

const EXAMPLE = 'stubs: [{ match: { service: Billing, method: GetBalance }, answer: { parameters: { Balance: 17 } } }]';
