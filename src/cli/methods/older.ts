import { z } from 'zod';
import type { FieldReference } from './fields.js';
import type { Reference } from './reference.js';

const field: z.ZodType<FieldReference> = z.lazy(() =>
  z.object({
    ...{ name: z.string(), type: z.string(), repeated: z.boolean(), required: z.boolean(), meaning: z.string() },
    ...{ default: z.unknown().optional(), fields: z.array(field).exactOptional() },
  }),
);

const faults = z.array(z.object({ code: z.string(), text: z.string(), when: z.string() }));

const method = z.object({
  ...{ service: z.string(), method: z.string(), description: z.string(), warning: z.string().exactOptional() },
  ...{ idempotent: z.boolean(), deadlineMs: z.number(), ownDeadlineMs: z.number().exactOptional() },
  ...{ parameters: z.array(field), response: z.array(field), faults },
});

const reference: z.ZodType<Reference> = z.object({
  application: z.object({ name: z.string(), type: z.number(), typeName: z.string() }),
  deadlineMs: z.number(),
  methods: z.array(method),
  faults,
});

/** Reads what `methods --json` printed. @throws an Error that says what is wrong */
export function parseReference(text: string): Reference {
  const { success, data, error } = reference.safeParse(JSON.parse(text));
  if (success) return data;
  const [issue] = error.issues;
  const where = issue?.path.map(String).join('.') || 'the whole file';
  throw new Error(`it is not what esp-host methods --json prints (${where}: ${issue?.message})`);
}
