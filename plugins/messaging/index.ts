/** The methods of Digital Messaging Server that concern messaging: Messaging.ValidateContact. */
import { definePlugin } from 'esp-host';
import { whatsAppChannel } from './channel-schema.js';
import { check } from './check/index.js';
import { messagingOptions } from './options-schema.js';
import { ValidateContact } from './validate-contact.js';
import { WhatsAppChannels } from './whatsapp-channels.js';

export default definePlugin({
  name: 'messaging',
  methods: [ValidateContact],
  options: messagingOptions,
  channels: { whatsapp: whatsAppChannel },
  bind: (container) => container.bind(WhatsAppChannels).toSelf().inSingletonScope(),
  start: (container) => container.get(WhatsAppChannels).start(),
  check,
  stop: (container) => container.get(WhatsAppChannels).close(),
});
