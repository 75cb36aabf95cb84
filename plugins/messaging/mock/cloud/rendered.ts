import { type ApprovedTemplate, filled } from '../messages.js';
import type { MessageButton } from '../outbox.js';
import type { SentComponent } from './message-request.js';

/** The texts of the parameters of a component. */
export const textsOf = (components: readonly SentComponent[], type: SentComponent['type']): string[] =>
  components.filter((one) => one.type === type).flatMap(({ parameters }) => parameters.map(({ text }) => text ?? ''));

/** The header as the customer sees it: its text, or what it shows: `[image] https://...`. Undefined if there is none. */
export function headerOf({ components = [] }: ApprovedTemplate, sent: readonly SentComponent[]): string | undefined {
  const header = components.find(({ type }) => type === 'HEADER');
  if (header === undefined) return undefined;
  if ((header.format ?? 'TEXT') === 'TEXT') return filled(header.text ?? '', textsOf(sent, 'header'));
  const [given] = sent.find(({ type }) => type === 'header')?.parameters ?? [];
  const kind = given?.type ?? String(header.format).toLowerCase();
  const { filename, link, id } = (given?.[kind] ?? {}) as Readonly<Record<string, unknown>>;
  return `[${kind}] ${filename ?? link ?? id ?? ''}`.trim();
}

/** The buttons, with the parameters that were sent for them. */
export function buttonsOf({ components = [] }: ApprovedTemplate, sent: readonly SentComponent[]): MessageButton[] {
  const buttons = components.find(({ type }) => type === 'BUTTONS')?.buttons ?? [];
  return buttons.map(({ type, text = '', url }, index) => {
    const [parameter] = sent.find((one) => one.type === 'button' && one.index === index)?.parameters ?? [];
    const payload = type === 'QUICK_REPLY' ? String(parameter?.payload ?? text) : undefined;
    return { type, text, url: url && filled(url, [parameter?.text ?? '']), payload };
  });
}
