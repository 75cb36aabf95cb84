import { z } from 'esp-host';
import { FaultRuleError, PatternError } from '../errors.js';
import { textPattern } from '../matching.js';

/** A text that must be met exactly, or a `/pattern/`. */
const pattern = z.string({ error: 'must be a text, or a /pattern/' }).superRefine((text, context) => {
  try {
    textPattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    context.addIssue({ code: 'custom', message: `is no pattern: ${error.message}` });
  }
});

const number = z.int({ error: 'must be a number' });

/** Which requests are meant; without any of these, all are. */
const match = z.strictObject({
  service: pattern.optional(),
  method: pattern.optional(),
  appName: pattern.optional(),
  parameters: z.record(z.string(), z.union([pattern, number])).optional(),
});

const common = {
  /** Given where it is left out. */
  id: z.string().min(1, 'must not be empty').optional(),
  /** How often it strikes; without it, until it is removed. */
  times: z.int({ error: 'must be a whole number' }).min(1, 'must be at least 1').optional(),
};

const ofRequests = { ...common, match: match.optional() };

/** Which calls of upstreams are meant; without any of these, all are. */
const ofUpstream = {
  ...common,
  /** A key below `upstreams` of platform.yaml. */
  upstream: z.string().optional(),
  method: pattern.optional(),
  path: z.string().startsWith('/', 'must be a path, such as /v1/balance').optional(),
  body: pattern.optional(),
};

const milliseconds = z.int({ error: 'must be a number of milliseconds' }).min(1, 'must be at least 1').max(0x7fffffff);
const status = z.int({ error: 'must be an HTTP status, such as 503' }).min(400, 'must be 400 to 599').max(599);
const code = z.union([z.string().min(1), number], { error: 'must be a FaultCode, such as 920' }).transform(String);

const KINDS = [
  /** The answer comes later. */
  z.strictObject({ kind: z.literal('delay'), ...ofRequests, ms: milliseconds }),
  /** The request is swallowed. */
  z.strictObject({ kind: z.literal('noAnswer'), ...ofRequests }),
  /** A TCP reset in place of an answer. */
  z.strictObject({ kind: z.literal('connectionReset'), ...ofRequests }),
  /** A FIN in place of an answer. */
  z.strictObject({ kind: z.literal('disconnect'), ...ofRequests }),
  /** Half of the answer's bytes, then a FIN. */
  z.strictObject({ kind: z.literal('halfFrame'), ...ofRequests }),
  /** The answer comes under a ReferenceId that was not asked. */
  z.strictObject({ kind: z.literal('wrongReferenceId'), ...ofRequests }),
  /** This fault in place of the host's answer; the host does not see the request. */
  z.strictObject({
    kind: z.literal('espFault'),
    ...ofRequests,
    code,
    text: z.string({ error: 'must be the FaultString' }),
  }),
  /** No ADDP frame reaches a client. */
  z.strictObject({ kind: z.literal('addpSilence'), ...common }),
  /** An upstream answers with this HTTP status. */
  z.strictObject({ kind: z.literal('upstreamStatus'), ...ofUpstream, status }),
  /** An upstream resets the connection. */
  z.strictObject({ kind: z.literal('upstreamReset'), ...ofUpstream }),
  /** An upstream processes the request, and resets the connection in place of its answer. */
  z.strictObject({ kind: z.literal('upstreamAnswerLost'), ...ofUpstream }),
  /** An upstream answers later. */
  z.strictObject({ kind: z.literal('upstreamDelay'), ...ofUpstream, ms: milliseconds }),
  /** An upstream sends half of its answer's body, and resets the connection. */
  z.strictObject({ kind: z.literal('upstreamHalfAnswer'), ...ofUpstream }),
] as const;

const names = KINDS.map(({ shape }) => shape.kind.value);

/** A fault to switch on, as JSON says it. */
export const faultRule = z.discriminatedUnion('kind', KINDS, { error: `must be one of ${names.join(', ')}` });

/** A fault to inject, as platform.yaml and the admin API define it. */
export type FaultDefinition = z.output<typeof faultRule>;
/** A fault that is switched on. */
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
    return `${unknown} is not known here: known are ${known.join(', ')}`;
  }
  if (path.length === 0) return `a fault is an object such as {"kind":"delay","ms":500}`;
  return `${path.join('.')} ${issue.message}`;
}

const knownKeys = (kind: unknown): string[] =>
  Object.keys(KINDS.find(({ shape }) => shape.kind.value === kind)?.shape ?? {});
