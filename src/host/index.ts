export * from './client-context.js';
export * from './dispatcher.js';
export * from './host.js';
export { type MethodDefinition, methodDefinition, methodName } from './method.js';
export type { HostObserver, UpstreamCall } from './observer.js';
export { PluginNotFound } from './plugin-entry.js';
export * from './plugin-loader.js';
