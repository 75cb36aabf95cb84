export * from './addp.js';
export { ByteWriter } from './byte-writer.js';
export * from './charset.js';
export { FRAME_MAX } from './constants.js';
export * from './errors.js';
export * from './frame-reader.js';
export type { ListLimits } from './list-checker.js';
export * from './message-codec.js';
export * from './reply-writer.js';
