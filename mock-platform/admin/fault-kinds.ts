import { z } from 'esp-host';
import { type BroughtKind, kindSchemas } from '../faults/index.js';

/** The keys that every kind of rule has. */
const COMMON_KEYS = ['id', 'kind', 'match', 'times'];

interface FaultKind {
  readonly kind: string;
  readonly description: string;
  /** Whether a rule can select requests with `match`. */
  readonly match: boolean;
  /** Whether it applies to calls to upstreams. */
  readonly upstream: boolean;
  /** A JSON Schema. */
  readonly settings: Record<string, unknown>;
}

export const faultKinds = (brought: readonly BroughtKind[]): FaultKind[] =>
  kindSchemas(brought).map(({ shape, description = '' }) => {
    const specific = Object.entries(shape).filter(([name]) => !COMMON_KEYS.includes(name));
    const settings = z.toJSONSchema(z.object(Object.fromEntries(specific) as z.ZodRawShape), {
      io: 'input',
      unrepresentable: 'any',
    });
    return {
      kind: shape.kind.value,
      description,
      match: 'match' in shape,
      upstream: 'path' in shape,
      settings: settings as Record<string, unknown>,
    };
  });
