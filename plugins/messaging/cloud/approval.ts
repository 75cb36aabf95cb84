import type { ChannelMistake, Logger } from 'esp-host';
import type { ConfiguredChannel, WhatsAppSettings } from '../config/index.js';
import type { CloudApi } from './cloud-api.js';
import { type ApprovedTemplate, checkTemplate } from './template-check.js';

/** What is wrong with the templates of a channel, by those of the business account. */
export const templateMistakes = (
  { invitations }: WhatsAppSettings,
  approved: readonly ApprovedTemplate[],
): ChannelMistake[] =>
  Object.entries(invitations?.templates ?? {}).flatMap(([id, template]) =>
    checkTemplate(template, approved).map(({ path, message }) => ({
      path: ['invitations', 'templates', id, ...path],
      message,
    })),
  );

/**
 * Checks the templates of a channel when it starts. The log has each mistake with file, line and column. If the list
 * cannot be read, it says so: an outage of the API, or a token without that permission, must not stop the start.
 * @throws Error with all mistakes if the channel is strict
 */
export async function checkTemplates(channel: ConfiguredChannel, api: CloudApi, logger: Logger): Promise<void> {
  const { name, settings } = channel;
  if (settings.api.driver !== 'cloud' || settings.invitations === undefined) return;
  let approved: readonly ApprovedTemplate[];
  try {
    approved = await api.listTemplates();
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    logger.warn(`channel ${name}: invitations.templates could not be checked: ${why}`, { channel: name });
    return;
  }
  const mistakes = templateMistakes(settings, approved);
  if (mistakes.length > 0 && settings.api.checkTemplates === 'strict') throw channel.problem(...mistakes);
  for (const mistake of mistakes) logger.warn(channel.problem(mistake).message, { channel: name });
}
