/** What config.yaml may say about channels of type `whatsapp`, and as options of the plugin. */
export type { CloudSettings, OnPremisesSettings } from './api.js';
export { type ConfiguredChannel, type WhatsAppSettings, whatsAppChannel } from './channel.js';
export type { AlwaysValidPolicy, ContactsEndpointSettings, EvidenceSettings } from './contacts.js';
export { type InvitationSettings, KEEP_MS, type Template } from './invitations.js';
export { type MessagingOptions, messagingOptions } from './options.js';
