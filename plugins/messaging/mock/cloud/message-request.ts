import { z } from 'esp-host';
import { USER_ID } from '../phones/customer.js';
import { GraphError } from './graph-error.js';

const parameter = z.looseObject({ type: z.string(), text: z.string().min(1).optional() });

const component = z.looseObject({
  type: z.enum(['header', 'body', 'button']),
  sub_type: z.string().optional(),
  /** A number, or its digits. */
  index: z.coerce.number().int().min(0).max(9).optional(),
  parameters: z.array(parameter).default([]),
});

const schema = z.looseObject({
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual').default('individual'),
  to: z
    .string()
    .regex(/^\+?\d{5,20}$/)
    .optional(),
  /** A business-scoped user id. */
  recipient: z.string().regex(USER_ID).optional(),
  type: z.string().default('text'),
  template: z
    .looseObject({
      name: z.string().min(1),
      language: z.looseObject({ code: z.string().min(1), policy: z.literal('deterministic').optional() }),
      components: z.array(component).default([]),
    })
    .optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
});

export type SentComponent = z.output<typeof component>;

export interface MessageRequest {
  /** As sent. */
  readonly input: string;
  /** E.164, or a business-scoped user id. */
  readonly to: string;
  readonly name: string;
  readonly language: string;
  readonly components: readonly SentComponent[];
  /** `biz_opaque_callback_data`. */
  readonly reference: string | undefined;
}

/** Parses and validates a body. @throws GraphError that names the first problem */
export function readMessageRequest(body: string): MessageRequest {
  const given = jsonOf(body);
  const result = schema.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    const name = issue?.path.join('.') ?? '';
    const isMissing = valueAt(given, issue?.path ?? []) === undefined;
    throw new GraphError(isMissing ? 131008 : 131009, `${name}: ${issue?.message ?? 'invalid'}`);
  }
  const { to, recipient, type, template, biz_opaque_callback_data: reference } = result.data;
  if (type !== 'template') throw new GraphError(131051, `type: ${type} is not supported: only template is`);
  // If there are both, `to` wins.
  const input = to ?? recipient;
  if (input === undefined) throw new GraphError(131008, 'to: missing, and so is recipient');
  if (template === undefined) throw new GraphError(131008, 'template: missing');
  const { name, language, components } = template;
  const number = to === undefined ? input : `+${to.replace('+', '')}`;
  return { input, to: number, name, language: language.code, components, reference };
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GraphError(100, 'the body is not JSON');
  }
}
