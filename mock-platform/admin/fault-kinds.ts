import { z } from 'esp-host';
import { type BroughtKind, kindSchemas } from '../faults/index.js';
import { jsonSchemaOf } from './schemas.js';

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
    const settings = jsonSchemaOf(z.object(Object.fromEntries(specific) as z.ZodRawShape));
    return {
      kind: shape.kind.value,
      description,
      match: 'match' in shape,
      upstream: 'path' in shape,
      settings,
    };
  });
