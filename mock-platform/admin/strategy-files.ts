import { basename, join, relative } from 'node:path';
import { ConfigError } from '#server';
import { notFound } from '../errors.js';
import { loadStrategy, type Strategy, strategyFiles } from '../strategies/index.js';
import type { ApiTypes } from './api-types.js';

interface ListedStrategy {
  /** The path, relative to the folder. */
  readonly file: string;
  readonly name: string;
  readonly tests: string[];
  readonly data: Record<string, unknown>;
  readonly steps: ApiTypes['strategy']['steps'];
  readonly problems?: string[];
}

/** Lists the strategies of a folder. Those that cannot be loaded have `problems`. */
export function listStrategies(folder: string | undefined): ListedStrategy[] {
  return strategyPaths(folder).map((path) => {
    const file = relative(folder ?? '', path);
    try {
      const { name, data, steps, tests } = loadStrategy(path);
      return { file, name, tests: tests.map((test) => test.name), data: { ...data }, steps: steps.map(stepView) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { file, name: basename(path), tests: [], data: {}, steps: [], problems: error.message.split('\n') };
    }
  });
}

function stepView(step: Strategy['steps'][number]): ListedStrategy['steps'][number] {
  if (step.kind !== 'externalService') return { ...step };
  const branches = step.branches.map(({ name, when, go }) => ({
    name,
    when: when.map((condition) => ({ ...condition, operands: [...condition.operands] })),
    go,
  }));
  return { ...step, branches };
}

/** The path of a listed strategy, so that clients cannot read other files. @throws AdminError 404 */
export function strategyPath(folder: string | undefined, file: string): string {
  const path = strategyPaths(folder).find((listed) => listed === join(folder ?? '', file));
  if (path === undefined) throw notFound(`unknown strategy ${file}; /api/strategies lists the strategies`);
  return path;
}

/** The paths of the strategies in a folder. */
export function strategyPaths(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  try {
    return strategyFiles(folder).filter((path) => path !== folder);
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}
