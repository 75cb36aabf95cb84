/** Cloud API: what is sent, what its errors mean, and whether the templates are approved. */
export { checkTemplates, templateMistakes } from './approval.js';
export { type OpenCloudApi, openCloudApi } from './cloud-api.js';
export { UNDELIVERABLE } from './error-codes.js';
export { isUserId, type Recipient } from './template-message.js';
