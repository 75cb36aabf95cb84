/** Commands for the operator. */
export { forgetContact } from './contacts-forget.js';
export { importContacts } from './contacts-import.js';
export { showContact } from './contacts-show.js';
export { listMessages, showMessage } from './messages.js';
