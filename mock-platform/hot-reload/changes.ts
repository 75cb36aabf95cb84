import { isDeepStrictEqual } from 'node:util';
import { methodName, type Prepared } from 'esp-host/server';

/** A plugin whose code is another one. */
export interface Swapped {
  /** As config.yaml names it. */
  readonly use: string;
  /** Those that it has, as `Service.Method`. */
  readonly methods: readonly string[];
  /** Which of them are new. */
  readonly added: readonly string[];
  /** Which it had. */
  readonly removed: readonly string[];
}

/** What is not as it was. */
export interface Changes {
  readonly plugins: readonly Swapped[];
  /** Whether config.yaml, or a file that it names, says something else. */
  readonly configuration: boolean;
}

export function changesBetween(before: Prepared, after: Prepared): Changes {
  const gone = before.plugins.filter(({ use }) => pluginOf(after, use) === undefined);
  const plugins = [
    ...after.plugins.filter(({ use, definition }) => pluginOf(before, use)?.definition !== definition),
    ...gone,
  ].map(({ use }) => swapped(use, methodsOf(before, use), methodsOf(after, use)));
  return { plugins, configuration: !saysTheSame(before, after) };
}

/** Whether nothing is to be done. */
export const isNothing = ({ plugins, configuration }: Changes): boolean => plugins.length === 0 && !configuration;

const pluginOf = ({ plugins }: Prepared, use: string) => plugins.find((plugin) => plugin.use === use);

const methodsOf = (prepared: Prepared, use: string): readonly string[] =>
  pluginOf(prepared, use)?.definition.methods.flatMap((handler) => methodName(handler) ?? []) ?? [];

const swapped = (use: string, before: readonly string[], methods: readonly string[]): Swapped => ({
  use,
  methods,
  added: methods.filter((method) => !before.includes(method)),
  removed: before.filter((method) => !methods.includes(method)),
});

/** With what is in the files that config.yaml names, which it does not say itself. */
const saysTheSame = (before: Prepared, after: Prepared): boolean =>
  before.services === after.services && isDeepStrictEqual(said(before), said(after));

const said = ({ loaded: { config }, tls, httpTls }: Prepared) => ({
  config,
  tls,
  httpTls,
  token: config.listeners.http?.token.reveal(),
});
