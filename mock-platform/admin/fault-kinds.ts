import { z } from 'esp-host';
import { type FaultDefinition, faultRule } from '../faults/index.js';

type Kind = FaultDefinition['kind'];

const DESCRIPTIONS: Readonly<Record<Kind, string>> = {
  delay: 'Delays the reply.',
  noAnswer: 'Drops the request, which never gets a reply.',
  connectionReset: 'Resets the TCP connection instead of replying.',
  disconnect: 'Closes the connection instead of replying.',
  halfFrame: 'Sends half of the reply, then closes the connection.',
  wrongReferenceId: 'Replies with a ReferenceId that matches no request.',
  espFault: 'Replies with this fault. The host does not receive the request.',
  addpSilence: 'Drops all ADDP frames to clients.',
  upstreamStatus: 'An upstream responds with this HTTP status.',
  upstreamReset: 'An upstream resets the connection.',
  upstreamAnswerLost: 'An upstream processes the request, then resets the connection instead of responding.',
  upstreamDelay: 'An upstream delays its response.',
  upstreamHalfAnswer: 'An upstream sends half of the response body, then resets the connection.',
};

/** The keys that every kind of rule has. */
const COMMON_KEYS = ['id', 'kind', 'match', 'times'];

interface FaultKind {
  readonly kind: Kind;
  readonly description: string;
  /** Whether a rule can select requests with `match`. */
  readonly match: boolean;
  /** A JSON Schema. */
  readonly settings: Record<string, unknown>;
}

export const faultKinds = (): FaultKind[] =>
  faultRule.options.map(({ shape }) => {
    const kind = shape.kind.value;
    const specific = Object.entries(shape).filter(([name]) => !COMMON_KEYS.includes(name));
    const settings = z.toJSONSchema(z.object(Object.fromEntries(specific) as z.ZodRawShape), { io: 'input' });
    return {
      kind,
      description: DESCRIPTIONS[kind],
      match: 'match' in shape,
      settings: settings as Record<string, unknown>,
    };
  });
