import { z } from 'esp-host';
import { type FaultDefinition, faultRule } from '../faults/index.js';

type Kind = FaultDefinition['kind'];

/** For people. */
const DESCRIPTIONS: Readonly<Record<Kind, string>> = {
  delay: 'The answer comes later.',
  noAnswer: 'The request is swallowed: no answer ever comes.',
  connectionReset: 'A TCP reset in place of an answer.',
  disconnect: 'The connection is closed in place of an answer.',
  halfFrame: "Half of the answer's bytes, then the connection is closed.",
  wrongReferenceId: 'The answer comes under a ReferenceId that was not asked.',
  espFault: "This fault in place of the host's answer; the host does not see the request.",
  addpSilence: 'No ADDP frame reaches a client.',
  upstreamStatus: 'An upstream answers with this HTTP status.',
  upstreamReset: 'An upstream resets the connection.',
  upstreamAnswerLost: 'An upstream processes the request, and resets the connection in place of its answer.',
  upstreamDelay: 'An upstream answers later.',
  upstreamHalfAnswer: "An upstream sends half of its answer's body, and resets the connection.",
};

/** What every rule has beside the settings of its kind. */
const COMMON = ['id', 'kind', 'match', 'times'];

interface FaultKind {
  readonly kind: Kind;
  readonly description: string;
  /** Whether a `match` says which requests it meets. */
  readonly match: boolean;
  /** A JSON Schema. */
  readonly settings: Record<string, unknown>;
}

export const faultKinds = (): FaultKind[] =>
  faultRule.options.map(({ shape }) => {
    const kind = shape.kind.value;
    const own = Object.entries(shape).filter(([name]) => !COMMON.includes(name));
    const settings = z.toJSONSchema(z.object(Object.fromEntries(own) as z.ZodRawShape), { io: 'input' });
    return {
      kind,
      description: DESCRIPTIONS[kind],
      match: 'match' in shape,
      settings: settings as Record<string, unknown>,
    };
  });
