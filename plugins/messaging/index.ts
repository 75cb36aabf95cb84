/**
 * The ESP methods of Digital Messaging Server, Messaging.ValidateContact and ChatService.InviteToChat, and one of our own:
 * ChatService.GetInvitation.
 */
import { definePlugin } from 'esp-host';
import { check } from './check.js';
import { forgetContact, importContacts, listMessages, showContact, showMessage } from './commands/index.js';
import { messagingOptions, whatsAppChannel } from './config/index.js';
import { GetInvitation } from './get-invitation.js';
import { InviteToChat } from './invite-to-chat.js';
import { ValidateContact } from './validate-contact.js';
import { WhatsAppWebhooks } from './webhooks/receiver.js';
import { WhatsAppChannels } from './whatsapp-channels.js';

export default definePlugin({
  name: 'messaging',
  methods: [ValidateContact, InviteToChat, GetInvitation],
  webhooks: [WhatsAppWebhooks],
  commands: [listMessages, showMessage, showContact, forgetContact, importContacts],
  options: messagingOptions,
  channels: [whatsAppChannel],
  bind: (container) => container.bind(WhatsAppChannels).toSelf().inSingletonScope(),
  start: (container) => container.get(WhatsAppChannels).start(),
  check,
  mock: () => import('./mock/index.js'),
  panel: () => import('./invitations-panel.js'),
  stop: (container) => container.get(WhatsAppChannels).close(),
});
