export type { CallLog, RecordedCall } from './call-log.js';
export type { ContactAnswer } from './contact-lookup.js';
export type { Directory } from './directory.js';
export type { ForcedResponse, RequestInfo, Responder } from './forced-response.js';
export type { WhatsAppApiOptions } from './options.js';
export { NotE164Error } from './phone-number.js';
export { startWhatsAppApi, type WhatsAppApi } from './start.js';
export type { IssuedToken, TokenStore } from './token-store.js';
