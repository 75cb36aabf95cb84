import type { Got } from 'got';
import type { ServiceIdentifier } from 'inversify';
import type { Logger } from '../telemetry/index.js';

/** The plugin's `options` from config.yaml, checked by its schema. */
export const PluginOptions = Symbol.for('esp-host.PluginOptions');

/** got for calls that belong to no request (a shared login, say); a request's own calls go through `call.http`. */
export const Http: ServiceIdentifier<Got> = Symbol.for('esp-host.Http');

/** A logger that names the plugin; a request's own lines go through `call.logger`. */
export const PluginLogger: ServiceIdentifier<Logger> = Symbol.for('esp-host.PluginLogger');
