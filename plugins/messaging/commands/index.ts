/** Commands for the operator. */
export { forgetContact } from './contacts-forget.js';
export { importContacts } from './contacts-import.js';
export { showContact } from './contacts-show.js';
