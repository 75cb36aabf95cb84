import { type ChannelMistake, nearest, z } from 'esp-host';
import type { Template } from '../config/index.js';

const component = z.looseObject({
  type: z.string(),
  format: z.string().optional(),
  text: z.string().optional(),
  buttons: z
    .array(z.looseObject({ type: z.string(), text: z.string().optional(), url: z.string().optional() }))
    .optional(),
});

/** A template as `GET /BUSINESS_ACCOUNT_ID/message_templates` lists it. */
export const approvedTemplate = z.object({
  name: z.string(),
  language: z.string(),
  /** `APPROVED`; others, such as `PAUSED`, cannot be sent. */
  status: z.string(),
  /** `MARKETING`, `UTILITY`, `AUTHENTICATION`. */
  category: z.string(),
  components: z.array(component).default([]),
});

export type ApprovedTemplate = z.output<typeof approvedTemplate>;
type Component = z.output<typeof component>;

/** What is wrong with a template of config.yaml, by the templates of the business account. Paths begin at the template. */
export function checkTemplate(template: Template, approved: readonly ApprovedTemplate[]): ChannelMistake[] {
  const { name, language } = template;
  const named = approved.filter((one) => one.name === name);
  if (named.length === 0) {
    const meant = nearest(name, [...new Set(approved.map((one) => one.name))]);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return [{ path: ['name'], message: `is not a template of the business account${hint}` }];
  }
  const found = named.find((one) => one.language === language.code);
  if (found === undefined) {
    const languages = named.map((one) => one.language).join(', ');
    return [{ path: ['language', 'code'], message: `is not a language of ${name}, which has ${languages}` }];
  }
  return [...checkState(template, found), ...checkParts(template, found)];
}

function* checkState({ category }: Template, found: ApprovedTemplate): Generator<ChannelMistake> {
  if (found.status !== 'APPROVED') {
    yield { path: ['name'], message: `cannot be sent: its status is ${found.status}, not APPROVED` };
  }
  if (category !== undefined && category !== found.category) {
    yield { path: ['category'], message: `is ${category}, but WhatsApp has it as ${found.category}` };
  }
}

function* checkParts(template: Template, { components }: ApprovedTemplate): Generator<ChannelMistake> {
  const part = (type: string) => components.find((one) => one.type.toUpperCase() === type);
  const body = part('BODY')?.text ?? '';
  const names = [body, part('HEADER')?.text ?? ''].flatMap(namedVariables);
  if (names.length > 0) {
    yield { path: ['name'], message: `cannot be sent: its variables have names (${names[0]}), not numbers` };
    return;
  }
  const variables = countVariables(body);
  const { length } = template.parameters;
  if (length !== variables) {
    yield { path: ['parameters'], message: `must have ${variables} texts, as the body has variables, not ${length}` };
  }
  yield* checkHeader(template.header, part('HEADER'));
  yield* checkButtons(template.buttons, part('BUTTONS')?.buttons ?? []);
}

/** The header that a template needs: `text`, `image`, `document`, or another format; undefined for none. */
function neededHeader(header: Component | undefined): string | undefined {
  const format = header?.format?.toLowerCase() ?? 'text';
  return format === 'text' && countVariables(header?.text ?? '') === 0 ? undefined : format;
}

function* checkHeader(given: Template['header'], approved: Component | undefined): Generator<ChannelMistake> {
  const needed = neededHeader(approved);
  const [has] = Object.keys(given ?? {});
  if (has === needed) return;
  const message = needed === undefined ? 'must be absent: the header has no variable' : `must have ${needed}`;
  yield { path: ['header'], message };
}

type ApprovedButton = NonNullable<Component['buttons']>[number];

/** Only a URL with a variable needs a value; a quick reply may have one. */
function* checkButtons(given: Template['buttons'], approved: readonly ApprovedButton[]): Generator<ChannelMistake> {
  for (const [place, { index, urlSuffix }] of given.entries()) {
    const button = approved[index];
    const fits = urlSuffix === undefined ? button?.type === 'QUICK_REPLY' : button !== undefined && needsSuffix(button);
    if (fits) continue;
    const has = button === undefined ? 'does not exist' : `is ${button.type}`;
    const what = urlSuffix === undefined ? 'a quick reply' : 'a URL with a variable';
    yield { path: ['buttons', place], message: `is for button ${index}, which ${has}: it must be ${what}` };
  }
  for (const [index, button] of approved.entries()) {
    if (!needsSuffix(button) || given.some((one) => one.index === index)) continue;
    yield { path: ['buttons'], message: `must have urlSuffix for button ${index}` };
  }
}

const needsSuffix = ({ type, url = '' }: ApprovedButton): boolean => type === 'URL' && countVariables(url) > 0;

/** The variables `{{1}}`, `{{2}}`, ... of a text: the number of different ones. */
const countVariables = (text: string): number =>
  new Set([...text.matchAll(/\{\{\s{0,9}(\d{1,4})\s{0,9}\}\}/g)].map(([, number]) => Number(number))).size;

/** The variables `{{first_name}}` of a text. */
const namedVariables = (text: string): string[] =>
  [...text.matchAll(/\{\{\s{0,9}([A-Za-z_]\w{0,63})\s{0,9}\}\}/g)].map(([whole]) => whole);
