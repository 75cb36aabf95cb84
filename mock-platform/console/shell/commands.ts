import type { FaultRule, MockPanel, StrategyFile, UsedFile } from '../api/types.js';
import { routeHash, VIEWS, type ViewId } from './routes.js';

/** Something that the command palette does. */
export interface Command {
  readonly title: string;
  /** Goes to a view as it was left, or to an address, or switches a fault off. */
  readonly does: { readonly view: ViewId } | { readonly hash: string } | { readonly faultOff: string };
}

/** What is there at the moment. */
export interface Things {
  readonly panels: readonly MockPanel[];
  readonly rules: readonly FaultRule[];
  readonly strategies: readonly StrategyFile[];
  readonly files: readonly UsedFile[];
}

export const commandsOf = ({ panels, rules, strategies, files }: Things): readonly Command[] => [
  ...VIEWS.map(({ id, title }) => ({ title, does: { view: id } })),
  ...panels.map(({ name, title }) => ({ title, does: { hash: routeHash('mock', [name]) } })),
  { title: 'Journal: failed requests', does: { hash: routeHash('journal', [], { filter: '-outcome:response' }) } },
  ...rules
    .filter(({ isUsedUp }) => !isUsedUp)
    .map(({ id, title }) => ({ title: `Switch off the fault ${id} ${title}`, does: { faultOff: id } })),
  ...strategies.map(({ name, file }) => ({
    title: `Strategy: ${name}`,
    does: { hash: routeHash('strategies', [file]) },
  })),
  ...strategies.map(({ file }) => ({ title: `Edit ${file}`, does: { hash: routeHash('strategies', [file, 'edit']) } })),
  ...files
    .filter(({ kind }) => kind !== 'strategy')
    .map(({ id, path }) => ({ title: `Edit ${path}`, does: { hash: routeHash('stubs', [id]) } })),
];

/** The commands that have all words, those that begin with the text first. */
export function matching(commands: readonly Command[], text: string): readonly Command[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const found = commands.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const isFirst = ({ title }: Command): boolean => title.toLowerCase().startsWith(wanted);
  return [...found.filter(isFirst), ...found.filter((one) => !isFirst(one))];
}
