import { z } from 'zod';
import { ConfigError, type ConfigErrors, type LoadedConfig, type LoadedParts, type Problem } from '../config/index.js';
import { type LoadedPlugin, methodDefinition, methodName, type PluginDefinition, webhookPath } from '../host/index.js';
import { loadPlugin, type ModuleCache } from '../plugin-loading/index.js';

export interface PrepareOptions {
  /** Whether plugins may be TypeScript: yes for the mock platform and tests, no in production. */
  readonly typescript: boolean;
  /** Reloads plugins whose code has changed. @default each is loaded once */
  readonly modules?: ModuleCache | undefined;
}

/** The plugins that can be used. */
export async function preparePlugins(
  loaded: LoadedParts,
  options: PrepareOptions,
  errors: ConfigErrors,
): Promise<LoadedPlugin[]> {
  const plugins: LoadedPlugin[] = [];
  const owners = new Map<string, string>();
  for (const [index, { use }] of loaded.config.plugins.entries()) {
    if (use === '') continue;
    const definition = await definitionOf(loaded, index, use, options).catch((error: ConfigError) => errors.add(error));
    if (definition === undefined) continue;
    errors.attempt(() => checkClaims(loaded, index, definition, owners));
    const schema = definition.options ?? z.strictObject({});
    const checked = errors.attempt(() => loaded.validate(['plugins', index, 'options'], schema));
    plugins.push({ use, definition, options: checked });
  }
  return plugins;
}

const definitionOf = (
  loaded: LoadedParts,
  index: number,
  use: string,
  { typescript, modules }: PrepareOptions,
): Promise<PluginDefinition> =>
  loadPlugin(use, loaded.directory, typescript, modules).catch((error: Error) => {
    const { problems } = loaded.problem(['plugins', index, 'use'], `cannot be used: ${error.message}`);
    throw new ConfigError(problems, { cause: error });
  });

/** Each method, each path of webhooks, each channel type and each command belongs to one plugin. */
function checkClaims(
  loaded: LoadedParts,
  index: number,
  definition: PluginDefinition,
  owners: Map<string, string>,
): void {
  const problem = (message: string) => loaded.problem(['plugins', index, 'use'], message);
  const methods = definition.methods.map((handler) => {
    const name = methodName(handler);
    if (name === undefined) throw problem(`has class ${handler.name} without @EspMethod`);
    return name;
  });
  const types = (definition.channels ?? []).map(({ type }) => `channels of type '${type}'`);
  const paths = (definition.webhooks ?? []).map((receiver) => {
    const path = webhookPath(receiver);
    if (path === undefined) throw problem(`has class ${receiver.name} without @Webhook`);
    return `webhooks at ${path}`;
  });
  const commands = (definition.commands ?? []).map(({ name }) => `command '${name}'`);
  for (const claim of [...methods, ...types, ...paths, ...commands]) {
    const owner = owners.get(claim);
    if (owner !== undefined) throw problem(`claims ${claim}, as ${owner} does: remove one of them`);
    owners.set(claim, `plugins[${index}].use (plugin ${definition.name})`);
  }
}

/** A warning per method whose deadline is longer than that of the host, which applies. */
export function deadlineWarnings(loaded: LoadedConfig, plugins: readonly LoadedPlugin[]): Problem[] {
  const limitMs = loaded.config.limits.deadlineMs;
  return plugins.flatMap(({ definition }, index) =>
    definition.methods.flatMap((handler) => {
      const { service, method, deadlineMs = 0 } = methodDefinition(handler) ?? {};
      if (deadlineMs <= limitMs) return [];
      const message = `has ${service}.${method} with a deadline of ${deadlineMs} ms: limits.deadlineMs, ${limitMs} ms, applies`;
      return loaded.problem(['plugins', index, 'use'], message).problems;
    }),
  );
}
