/**
 * The form of files before plugins brought their mocks: one upstream, as a top-level key. It is read for one minor
 * version.
 */
export const FORMER_UPSTREAM = 'whatsapp';
export const FORMER_PLUGIN = 'plugins/messaging';
