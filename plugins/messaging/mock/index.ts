/** A mock of the WhatsApp Business API client (On-Premises) for the messaging plugin. */
import { defineMock } from 'esp-host';
import { settings } from './options.js';
import { VERSIONS } from './panel.js';
import { contactResponses, invitationResponses } from './sample-responses.js';
import { WhatsAppMock } from './whatsapp-mock.js';

export type { CloudApi } from './cloud/cloud-api.js';
export { NotE164Error, OptionError } from './errors.js';
export type { ApprovedTemplate } from './messages.js';
export type { Outbox, SentMessage } from './outbox.js';
export type { WhatsAppState } from './panel.js';
export type { Directory } from './phone-number.js';
export type { TokenStore } from './token-store.js';
export type { WhatsAppMock } from './whatsapp-mock.js';

export default defineMock({
  name: 'whatsapp',
  settings,
  responses: {
    'Messaging.ValidateContact': contactResponses,
    'ChatService.GetInvitation': invitationResponses,
  },
  variants: VERSIONS.map((version) => ({ title: version, settings: { version } })),
  start: WhatsAppMock.start,
});
