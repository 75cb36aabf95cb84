import { nearest, z } from 'esp-host';

/** A notification template that WhatsApp approved. (Meta, On-Premises API reference, Messages, template object) */
const template = z.strictObject({
  namespace: z.string().min(1, 'must be the namespace that WhatsApp Manager shows'),
  name: z.string().regex(/^[a-z0-9_]+$/, 'must be the name of a template: lowercase letters, digits and underscores'),
  language: z.strictObject({
    code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'must be a language code of WhatsApp, such as en or en_US'),
    policy: z.enum(['deterministic', 'fallback']).default('deterministic'),
  }),
  /** The texts for {{1}}, {{2}}, ... in its body. */
  parameters: z.array(z.string().min(1, 'must not be empty: WhatsApp rejects empty texts')).default([]),
});

/** What ChatService.InviteToChat sends. */
export const invitations = z
  .strictObject({
    /** By StandardResponseId. */
    templates: z.record(z.string().min(1), template),
    /** The StandardResponseId of requests without one. */
    default: z.string().optional(),
  })
  .superRefine(({ templates, default: id }, context) => {
    if (id === undefined || Object.hasOwn(templates, id)) return;
    const known = Object.keys(templates);
    const meant = nearest(id, known);
    const hint = meant === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean ${meant}?`;
    context.addIssue({ code: 'custom', path: ['default'], message: `must be one of the templates; ${hint}` });
  });

export type InvitationSettings = z.output<typeof invitations>;
export type Template = z.output<typeof template>;
