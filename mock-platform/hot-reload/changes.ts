import { isDeepStrictEqual } from 'node:util';
import { methodName, type Prepared } from '#server';

/** A plugin that was added, removed, or whose code changed. */
export interface Swapped {
  /** `use` in config.yaml. */
  readonly use: string;
  /** All its methods now, as `Service.Method`. */
  readonly methods: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** The differences between two configurations. */
export interface Changes {
  readonly plugins: readonly Swapped[];
  /** Whether config.yaml, or a file that it names, changed. */
  readonly configuration: boolean;
}

export function changesBetween(before: Prepared, after: Prepared): Changes {
  const removedPlugins = before.plugins.filter(({ use }) => pluginOf(after, use) === undefined);
  const plugins = [
    ...after.plugins.filter(({ use, definition }) => pluginOf(before, use)?.definition !== definition),
    ...removedPlugins,
  ].map(({ use }) => compareMethods(use, methodsOf(before, use), methodsOf(after, use)));
  return { plugins, configuration: !hasSameConfiguration(before, after) };
}

export const isEmpty = ({ plugins, configuration }: Changes): boolean => plugins.length === 0 && !configuration;

const pluginOf = ({ plugins }: Prepared, use: string) => plugins.find((plugin) => plugin.use === use);

const methodsOf = (prepared: Prepared, use: string): readonly string[] =>
  pluginOf(prepared, use)?.definition.methods.flatMap((handler) => methodName(handler) ?? []) ?? [];

const compareMethods = (use: string, before: readonly string[], methods: readonly string[]): Swapped => ({
  use,
  methods,
  added: methods.filter((method) => !before.includes(method)),
  removed: before.filter((method) => !methods.includes(method)),
});

/** Also compares the content of the files that config.yaml names. */
const hasSameConfiguration = (before: Prepared, after: Prepared): boolean =>
  before.services === after.services && isDeepStrictEqual(configurationOf(before), configurationOf(after));

const configurationOf = ({ loaded: { config }, tls, httpTls, webhooksTls }: Prepared) => ({
  config,
  tls,
  httpTls,
  webhooksTls,
  token: config.listeners.http?.token.reveal(),
});
