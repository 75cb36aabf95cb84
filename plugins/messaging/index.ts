/** The methods of Digital Messaging Server that concern messaging: Messaging.ValidateContact. */
import { Channels, definePlugin, Http } from 'esp-host';
import { whatsAppChannel } from './channel-schema.js';
import { checkChannels } from './check.js';
import { ValidateContact } from './validate-contact.js';
import { WhatsAppChannels } from './whatsapp-channels.js';

export default definePlugin({
  name: 'messaging',
  methods: [ValidateContact],
  channels: { whatsapp: whatsAppChannel },
  bind: (container) => container.bind(WhatsAppChannels).toSelf().inSingletonScope(),
  check: (container) => checkChannels(container.get(Channels), container.get(Http)),
  stop: (container) => container.get(WhatsAppChannels).close(),
});
