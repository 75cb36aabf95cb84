import { z } from 'esp-host';
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

/** Selects upstream calls; all of them by default. */
const ofUpstream = {
  ...common,
  /** A key of `upstreams` in platform.yaml. */
  upstream: z.string().optional(),
  method: pattern.optional(),
  path: z.string().startsWith('/', 'must be a path, such as /v1/balance').optional(),
  body: pattern.optional(),
};

const milliseconds = z.int({ error: 'must be a number of milliseconds' }).min(1, 'must be at least 1').max(0x7fffffff);
const status = z.int({ error: 'must be an HTTP status, such as 503' }).min(400, 'must be 400 to 599').max(599);
const code = z.union([z.string().min(1), number], { error: 'must be a FaultCode, such as 920' }).transform(String);

const KINDS = [
  z.strictObject({ kind: z.literal('delay'), ...ofRequests, ms: milliseconds }),
  z.strictObject({ kind: z.literal('noAnswer'), ...ofRequests }),
  z.strictObject({ kind: z.literal('connectionReset'), ...ofRequests }),
  z.strictObject({ kind: z.literal('disconnect'), ...ofRequests }),
  z.strictObject({ kind: z.literal('halfFrame'), ...ofRequests }),
  z.strictObject({ kind: z.literal('wrongReferenceId'), ...ofRequests }),
  z.strictObject({
    kind: z.literal('espFault'),
    ...ofRequests,
    code,
    text: z.string({ error: 'must be the FaultString' }),
  }),
  z.strictObject({ kind: z.literal('addpSilence'), ...common }),
  z.strictObject({ kind: z.literal('upstreamStatus'), ...ofUpstream, status }),
  z.strictObject({ kind: z.literal('upstreamReset'), ...ofUpstream }),
  z.strictObject({ kind: z.literal('upstreamAnswerLost'), ...ofUpstream }),
  z.strictObject({ kind: z.literal('upstreamDelay'), ...ofUpstream, ms: milliseconds }),
  z.strictObject({ kind: z.literal('upstreamHalfAnswer'), ...ofUpstream }),
] as const;

const names = KINDS.map(({ shape }) => shape.kind.value);

/** The schema of a fault. */
export const faultRule = z.discriminatedUnion('kind', KINDS, { error: `must be one of ${names.join(', ')}` });

/** The part that all faults share. */
export interface AnyFault {
  /** @default generated */
  readonly id?: string | undefined;
  /** How often to apply the fault. @default unlimited */
  readonly times?: number | undefined;
}

/** A fault of ESP requests. Texts are exact, or a `/pattern/`. */
export interface FaultOfRequests extends AnyFault {
  /** Selects requests. @default all */
  readonly match?:
    | {
        readonly service?: string | undefined;
        readonly method?: string | undefined;
        readonly appName?: string | undefined;
        readonly parameters?: Readonly<Record<string, string | number>> | undefined;
      }
    | undefined;
}

/** A fault of upstream calls. Method and body are exact, or a `/pattern/`. */
export interface FaultOfUpstream extends AnyFault {
  /** A key of `upstreams` in platform.yaml. @default all */
  readonly upstream?: string | undefined;
  /** @default all */
  readonly method?: string | undefined;
  /** The path of the URL, such as `/v1/balance`. @default all */
  readonly path?: string | undefined;
  /** @default all */
  readonly body?: string | undefined;
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
  | (FaultOfUpstream & { readonly kind: 'upstreamHalfAnswer' });
/** An active fault. */
export type FaultRule = FaultDefinition & { readonly id: string };
export type RequestFault = Extract<FaultRule, { match?: unknown }>;
export type UpstreamFault = Extract<FaultRule, { kind: `upstream${string}` }>;

/** @throws FaultRuleError */
export function parseFaultRule(json: unknown): FaultDefinition {
  const result = faultRule.safeParse(json);
  if (result.success) return result.data;
  throw new FaultRuleError(result.error.issues.map((issue) => problem(issue, json)).join('; '));
}

function problem(issue: z.core.$ZodIssue, json: unknown): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = path.length === 0 ? knownKeys((json as { kind?: unknown }).kind) : Object.keys(match.shape);
    const unknown = issue.keys.map((key) => [...path, key].join('.')).join(', ');
    return `unknown key ${unknown}: known keys are ${known.join(', ')}`;
  }
  if (path.length === 0) return `a fault must be an object such as {"kind":"delay","ms":500}`;
  return `${path.join('.')} ${issue.message}`;
}

const knownKeys = (kind: unknown): string[] =>
  Object.keys(KINDS.find(({ shape }) => shape.kind.value === kind)?.shape ?? {});
