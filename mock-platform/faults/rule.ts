import { type MockFault, z } from 'esp-host';
import { FaultRuleError, PatternError } from '../errors.js';
import { textPattern } from '../matching.js';

/** An exact text, or a `/pattern/`. */
const pattern = z.string({ error: 'must be a text, or a /pattern/' }).superRefine((text, context) => {
  try {
    textPattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    context.addIssue({ code: 'custom', message: `is not a valid pattern: ${error.message}` });
  }
});

const number = z.int({ error: 'must be a number' });

/** Selects requests; all of them by default. */
const match = z.strictObject({
  service: pattern.optional(),
  method: pattern.optional(),
  appName: pattern.optional(),
  parameters: z.record(z.string(), z.union([pattern, number])).optional(),
});

const common = {
  /** Generated if omitted. */
  id: z.string().min(1, 'must not be empty').optional(),
  /** How often to apply the fault; unlimited if omitted. */
  times: z.int({ error: 'must be a whole number' }).min(1, 'must be at least 1').optional(),
};

const ofRequests = { ...common, match: match.optional() };

/** Selects the calls to an upstream; all of them by default. */
const ofCalls = {
  ...common,
  method: pattern.optional(),
  path: z.string().startsWith('/', 'must be a path, such as /v1/balance').optional(),
  body: pattern.optional(),
  /** Selects calls by the request that caused them. */
  match: match.optional(),
};

/** Selects upstream calls; all of them by default. */
const ofUpstream = {
  /** A key of `upstreams` in platform.yaml. */
  upstream: z.string().optional(),
  ...ofCalls,
};

const milliseconds = z.int({ error: 'must be a number of milliseconds' }).min(1, 'must be at least 1').max(0x7fffffff);
const status = z.int({ error: 'must be an HTTP status, such as 503' }).min(400, 'must be 400 to 599').max(599);
const code = z
  .union([z.string().min(1, 'must be a FaultCode, such as 920'), number], { error: 'must be a FaultCode, such as 920' })
  .transform(String);

const KINDS = [
  z.strictObject({ kind: z.literal('delay'), ...ofRequests, ms: milliseconds }).describe('Delays the reply.'),
  z
    .strictObject({ kind: z.literal('noAnswer'), ...ofRequests })
    .describe('Drops the request, which never gets a reply.'),
  z
    .strictObject({ kind: z.literal('connectionReset'), ...ofRequests })
    .describe('Resets the TCP connection instead of replying.'),
  z
    .strictObject({ kind: z.literal('disconnect'), ...ofRequests })
    .describe('Closes the connection instead of replying.'),
  z
    .strictObject({ kind: z.literal('halfFrame'), ...ofRequests })
    .describe('Sends half of the reply, then closes the connection.'),
  z
    .strictObject({ kind: z.literal('wrongReferenceId'), ...ofRequests })
    .describe('Replies with a ReferenceId that matches no request.'),
  z
    .strictObject({
      kind: z.literal('espFault'),
      ...ofRequests,
      code,
      text: z.string({ error: 'must be the FaultString' }),
    })
    .describe('Replies with this fault. The host does not receive the request.'),
  z.strictObject({ kind: z.literal('addpSilence'), ...common }).describe('Drops all ADDP frames to clients.'),
  z
    .strictObject({ kind: z.literal('upstreamStatus'), ...ofUpstream, status })
    .describe('An upstream responds with this HTTP status.'),
  z.strictObject({ kind: z.literal('upstreamReset'), ...ofUpstream }).describe('An upstream resets the connection.'),
  z
    .strictObject({ kind: z.literal('upstreamAnswerLost'), ...ofUpstream })
    .describe('An upstream processes the request, then resets the connection instead of responding.'),
  z
    .strictObject({ kind: z.literal('upstreamDelay'), ...ofUpstream, ms: milliseconds })
    .describe('An upstream delays its response.'),
  z
    .strictObject({ kind: z.literal('upstreamHalfAnswer'), ...ofUpstream })
    .describe('An upstream sends half of the response body, then resets the connection.'),
] as const;

/** The faults that the mock of an upstream brings. */
export interface BroughtFaults {
  /** The name of the upstream. */
  readonly name: string;
  readonly faults: Readonly<Record<string, MockFault>>;
}

/** A kind of fault that a mock brings: `billing.blocked`. It applies to the calls of that upstream. */
export interface BroughtKind {
  readonly kind: string;
  readonly upstream: string;
  readonly fault: MockFault;
}

export const broughtKinds = (brought: readonly BroughtFaults[]): BroughtKind[] =>
  brought.flatMap(({ name, faults }) =>
    Object.entries(faults).map(([key, fault]) => ({ kind: `${name}.${key}`, upstream: name, fault })),
  );

/** The part that all faults share. */
export interface AnyFault {
  /** @default generated */
  readonly id?: string | undefined;
  /** How often to apply the fault. @default unlimited */
  readonly times?: number | undefined;
}

/** Selects ESP requests. Texts are exact, or a `/pattern/`. */
export interface FaultMatch {
  /** @default all */
  readonly service?: string | undefined;
  /** @default all */
  readonly method?: string | undefined;
  /** @default all */
  readonly appName?: string | undefined;
  /** Expected parameters. @default none */
  readonly parameters?: Readonly<Record<string, string | number>> | undefined;
}

/** A fault of ESP requests. */
export interface FaultOfRequests extends AnyFault {
  /** Selects requests. @default all */
  readonly match?: FaultMatch | undefined;
}

/** A fault of calls to an upstream. Method and body are exact, or a `/pattern/`. */
export interface FaultOfCalls extends AnyFault {
  /** @default all */
  readonly method?: string | undefined;
  /** The path of the URL, such as `/v1/balance`. @default all */
  readonly path?: string | undefined;
  /** @default all */
  readonly body?: string | undefined;
  /** Selects calls by the request for which the host makes them. @default all */
  readonly match?: FaultMatch | undefined;
}

/** A fault of upstream calls. */
export interface FaultOfUpstream extends FaultOfCalls {
  /** A key of `upstreams` in platform.yaml. @default all */
  readonly upstream?: string | undefined;
}

/** A fault of a kind that the mock of an upstream brings, such as `billing.blocked`, with the settings of that kind. */
export interface FaultOfMock extends FaultOfCalls {
  readonly kind: `${string}.${string}`;
}

/** A fault to inject, in the form of the admin API. */
export type FaultDefinition =
  /** Delays the reply. */
  | (FaultOfRequests & { readonly kind: 'delay'; readonly ms: number })
  /** Drops the request. */
  | (FaultOfRequests & { readonly kind: 'noAnswer' })
  /** Resets the TCP connection instead of replying. */
  | (FaultOfRequests & { readonly kind: 'connectionReset' })
  /** Closes the connection (FIN) instead of replying. */
  | (FaultOfRequests & { readonly kind: 'disconnect' })
  /** Sends half of the reply, then closes the connection (FIN). */
  | (FaultOfRequests & { readonly kind: 'halfFrame' })
  /** Replies with a ReferenceId that matches no request. */
  | (FaultOfRequests & { readonly kind: 'wrongReferenceId' })
  /** Replies with this fault. The host does not receive the request. */
  | (FaultOfRequests & { readonly kind: 'espFault'; readonly code: string; readonly text: string })
  /** Drops all ADDP frames to clients. */
  | (AnyFault & { readonly kind: 'addpSilence' })
  /** An upstream responds with this HTTP status. */
  | (FaultOfUpstream & { readonly kind: 'upstreamStatus'; readonly status: number })
  /** An upstream resets the connection. */
  | (FaultOfUpstream & { readonly kind: 'upstreamReset' })
  /** An upstream processes the request, then resets the connection instead of responding. */
  | (FaultOfUpstream & { readonly kind: 'upstreamAnswerLost' })
  /** An upstream delays its response. */
  | (FaultOfUpstream & { readonly kind: 'upstreamDelay'; readonly ms: number })
  /** An upstream sends half of the response body, then resets the connection. */
  | (FaultOfUpstream & { readonly kind: 'upstreamHalfAnswer' })
  | FaultOfMock;
/** An active fault. */
export type FaultRule = FaultDefinition & { readonly id: string };
export type GenericUpstreamFault = Extract<FaultRule, { kind: `upstream${string}` }>;
export type UpstreamFault = GenericUpstreamFault | (FaultOfMock & { readonly id: string });
export type RequestFault = Exclude<Extract<FaultRule, { match?: unknown }>, UpstreamFault>;

/** The members of a fault that select, not what it does. */
const SELECTING: ReadonlySet<string> = new Set(['id', 'kind', 'times', ...Object.keys(ofUpstream)]);

const TITLE_CHARACTERS = 200;

/** The kind of a fault and its settings: `upstreamStatus 503`, `delay 3000 ms`. */
export function faultTitle(rule: FaultDefinition): string {
  const settings = Object.entries(rule).filter(([key, value]) => !SELECTING.has(key) && value !== undefined);
  const texts = settings.map(([key, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return key === 'ms' ? `${text} ms` : text;
  });
  return [rule.kind, ...texts].join(' ').slice(0, TITLE_CHARACTERS).toWellFormed();
}

/** The schema of each kind of fault. */
export const kindSchemas = (brought: readonly BroughtKind[]) => [
  ...KINDS,
  ...brought.map(({ kind, fault: { settings, description } }) =>
    z.strictObject({ kind: z.literal(kind), ...settings.shape, ...ofCalls }).describe(description),
  ),
];

/** @throws FaultRuleError */
export function parseFaultRule(json: unknown, brought: readonly BroughtKind[] = []): FaultDefinition {
  const kinds = kindSchemas(brought);
  const names = kinds.map(({ shape }) => shape.kind.value);
  const [first, ...others] = kinds;
  const error = `must be one of ${names.join(', ')}`;
  const result = z.discriminatedUnion('kind', [first ?? KINDS[0], ...others], { error }).safeParse(json);
  // The schema of a kind that a mock brings has the same members, and those of its settings.
  if (result.success) return result.data as FaultDefinition;
  throw new FaultRuleError(result.error.issues.map((issue) => problem(issue, json, kinds)).join('; '));
}

function problem(issue: z.core.$ZodIssue, json: unknown, kinds: ReturnType<typeof kindSchemas>): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const { kind } = json as { kind?: unknown };
    const shape = kinds.find((one) => one.shape.kind.value === kind)?.shape ?? {};
    const known = path.length === 0 ? Object.keys(shape) : Object.keys(match.shape);
    const unknown = issue.keys.map((key) => [...path, key].join('.')).join(', ');
    return `unknown key ${unknown}: known keys are ${known.join(', ')}`;
  }
  if (path.length === 0) return `a fault must be an object such as {"kind":"delay","ms":500}`;
  return `${path.join('.')} ${issue.message}`;
}
