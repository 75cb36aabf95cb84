export * from './client-context.js';
export type { Clock } from './deadlines.js';
export * from './dispatcher.js';
export type { Finding } from './finding.js';
export * from './host.js';
export { type MethodDefinition, methodDefinition, methodName } from './method.js';
export type { HostObserver, UpstreamCall } from './observer.js';
export { PluginNotFound } from './plugin-entry.js';
export * from './plugin-loader.js';
