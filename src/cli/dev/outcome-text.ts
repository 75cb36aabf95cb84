import type { Platform } from '../mock.js';

type Outcome = NonNullable<NonNullable<Platform['reloads']>['last']>;
type Swapped = Extract<Outcome, { kind: 'applied' }>['plugins'][number];

/** What became of a change, for a terminal: a line each, with the places where something is to be corrected. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'refused') {
    const lines = outcome.problems.map(
      ({ file, line, column, message }) => `  ${file}:${line}:${column}: ${message}\n`,
    );
    return `refused, what ran before runs on; correct it and save:\n${lines.join('')}`;
  }
  const { plugins, configuration, durationMs } = outcome;
  const time = `in ${Math.round(durationMs)} ms`;
  const lines = plugins.map((plugin) => `swapped ${plugin.use} ${time}: ${methodsText(plugin)}\n`);
  if (configuration) lines.push(`took over the configuration ${time}\n`);
  return lines.join('') || 'put right: what runs is what the files say\n';
}

/** The plugins whose code is another one. */
export const pluginsOf = (outcome: Outcome): readonly string[] =>
  outcome.kind === 'applied' ? outcome.plugins.map(({ use }) => use) : [];

/** `Billing.GetBalance, new Billing.Pay, removed Billing.Refund`. */
function methodsText({ methods, added, removed }: Swapped): string {
  const now = methods.map((method) => (added.includes(method) ? `new ${method}` : method));
  return [...now, ...removed.map((method) => `removed ${method}`)].join(', ') || 'no methods';
}
