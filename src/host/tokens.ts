import type { Got } from 'got';
import { inject as injectUnchecked, type ServiceIdentifier } from 'inversify';
import type { z } from 'zod';
import type { Logger } from '../telemetry/index.js';

/** A class whose constructor the container calls. */
type Injected = abstract new (...injected: never[]) => unknown;

/** The class, if the parameter takes what the token stands for. Else a type that says what the token gives. */
type Takes<C extends Injected, I extends number, T> = T extends ConstructorParameters<C>[I] ? C : { readonly gives: T };

/**
 * Injects what a token or class stands for into a parameter of a constructor. It compiles only if the parameter takes
 * that type.
 *
 * @example
 * constructor(@inject(Http) private readonly http: Got, @inject(Customers) private readonly customers: Customers) {}
 */
export function inject<T>(
  token: ServiceIdentifier<T>,
): <C extends Injected, I extends number>(target: Takes<C, I, T>, key: undefined, index: I) => void {
  return injectUnchecked(token);
}

const OPTIONS = Symbol.for('esp-host.options');

/**
 * The token of a plugin's options: `options` of its entry in config.yaml, as parsed by the schema.
 *
 * @param schema the one that `definePlugin` has as `options`. Another one is not bound, and stops the start
 * @example
 * const billingOptions = z.strictObject({ url: z.url() });
 * constructor(@inject(optionsToken(billingOptions)) private readonly options: z.output<typeof billingOptions>) {}
 */
export function optionsToken<S extends z.ZodType>(schema: S): ServiceIdentifier<z.output<S>> {
  // On the schema itself, so that each copy of this package finds the same token.
  const holder: S & { [OPTIONS]?: symbol } = schema;
  holder[OPTIONS] ??= Symbol('options of the plugin');
  return holder[OPTIONS];
}

/** got for calls that belong to no request, such as a shared login. A request's own calls use `call.http`. */
export const Http: ServiceIdentifier<Got> = Symbol.for('esp-host.Http');

/** A logger that names the plugin. A request's own lines use `call.logger`. */
export const PluginLogger: ServiceIdentifier<Logger> = Symbol.for('esp-host.PluginLogger');
