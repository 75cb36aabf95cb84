import { type ChannelMistake, nearest, z } from 'esp-host';

const nonEmpty = () => z.string().min(1, 'must not be empty: WhatsApp rejects empty texts');

const hasOne = (value: object): boolean => Object.values(value).filter((one) => one !== undefined).length === 1;

/** An uploaded file by its id, or a file at a public address. */
const media = {
  link: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  id: z.string().min(1).optional(),
};

const ONE_OF_LINK_AND_ID = 'must have one of link and id';
const image = z.strictObject(media).refine(hasOne, ONE_OF_LINK_AND_ID);
const document = z
  .strictObject({ ...media, filename: z.string().min(1).optional() })
  .refine(({ filename, ...rest }) => hasOne(rest), ONE_OF_LINK_AND_ID);

const header = z
  .strictObject({ text: nonEmpty().optional(), image: image.optional(), document: document.optional() })
  .refine(hasOne, 'must have one of text, image and document');

const button = z
  .strictObject({
    /** The place of the button in the template, from 0. */
    index: z.int().min(0).max(9),
    urlSuffix: nonEmpty().optional(),
    payload: nonEmpty().optional(),
  })
  .refine(({ index, ...rest }) => hasOne(rest), 'must have one of urlSuffix and payload');

/**
 * A template that WhatsApp approved. (Meta, On-Premises API reference, Messages, template object; Cloud API, template
 * messages)
 */
const template = z.strictObject({
  /** On-Premises API alone. */
  namespace: z.string().min(1, 'must be the namespace that WhatsApp Manager shows').optional(),
  name: z.string().regex(/^[a-z0-9_]+$/, 'must be the name of a template: lowercase letters, digits and underscores'),
  language: z.strictObject({
    code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'must be a language code of WhatsApp, such as en or en_US'),
    policy: z.enum(['deterministic', 'fallback']).default('deterministic'),
  }),
  /** Cloud API alone, as are `header` and `buttons`. Default: as the business account has it. */
  category: z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION']).optional(),
  header: header.optional(),
  /** The texts for {{1}}, {{2}}, ... in its body. */
  parameters: z.array(nonEmpty()).default([]),
  buttons: z.array(button).default([]),
});

/** How long the state keeps an invitation after the last news: 30 days. */
export const KEEP_MS = 30 * 86_400_000;

/** What ChatService.InviteToChat sends. */
export const invitations = z
  .strictObject({
    /** By StandardResponseId. */
    templates: z.record(z.string().min(1), template),
    /** The StandardResponseId of requests without one. */
    default: z.string().optional(),
    /** How long the state keeps an invitation after the last news about it. */
    keepMs: z.int().min(1000).default(KEEP_MS),
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

/** The keys of a template that an API does not have, or lacks. Paths begin at the template. */
export function misplacedKeys(template: Template, driver: string): ChannelMistake[] {
  const mistakes: ChannelMistake[] = [];
  const wrong = (message: string, ...path: string[]): void => void mistakes.push({ path, message });
  if (driver === 'cloud') {
    if (template.namespace !== undefined) wrong('must be absent: Cloud API has no namespaces', 'namespace');
    if (template.language.policy === 'fallback') wrong('must be deterministic with Cloud API', 'language', 'policy');
    return mistakes;
  }
  if (template.namespace === undefined)
    wrong('is missing: it must be the namespace that WhatsApp Manager shows', 'namespace');
  const needsCloud = `must be absent: only api.driver cloud sends it`;
  if (template.category !== undefined) wrong(needsCloud, 'category');
  if (template.header !== undefined) wrong(needsCloud, 'header');
  if (template.buttons.length > 0) wrong(needsCloud, 'buttons');
  return mistakes;
}
