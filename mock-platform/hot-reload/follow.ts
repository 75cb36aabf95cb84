import { isAbsolute, relative } from 'node:path';
import {
  type LoadedConfig,
  type ModuleCache,
  type Prepared,
  type Problem,
  problemsOf,
  Reloader,
  type Server,
  type WatchedFiles,
} from '#server';
import { changesBetween, isEmpty } from './changes.js';
import type { Reloads } from './reloads.js';

/** Options of {@link follow}. */
export interface FollowOptions {
  readonly server: Server;
  /** The current configuration. */
  readonly prepared: () => Prepared;
  /** Switches everything, or fails without a change. */
  readonly switchTo: (next: Prepared) => Promise<void>;
  readonly load: () => LoadedConfig;
  readonly modules: ModuleCache;
  /** The files of the current configuration. */
  readonly files: WatchedFiles;
  readonly reloads: Reloads;
}

/**
 * Polls instead of using `fs.watch`, which reports nothing for folders mounted by Docker, WSL or a network, loses files
 * that are replaced, and on Linux misses files written to a new folder before it watches that folder. Polling a few
 * dozen files takes a millisecond. At this interval, new code answers within 300 ms of the save.
 */
const POLL_MS = 40;

/** Longer than the poll interval: editors save in several steps, so one change often follows another. */
const SETTLE_MS = 50;

/** Timeout for the `start` of a plugin, in ms. One that never ends would block all later changes. */
export const START_MS = 10_000;

/** Reloads the configuration and its plugins when their files change. @returns a function that stops this */
export function follow({ server, prepared, switchTo, load, modules, files, reloads }: FollowOptions): () => void {
  const reloader = new Reloader({
    server,
    files,
    load,
    typescript: true,
    modules,
    pollMs: POLL_MS,
    settleMs: SETTLE_MS,
    switchTo: async (next, sinceMs) => {
      const changes = changesBetween(prepared(), next);
      if (!isEmpty(changes)) await switchTo(next);
      // After a refused change, going back to the current state is also an outcome.
      if (!isEmpty(changes) || reloads.last?.kind === 'refused') reloads.applied(changes, sinceMs());
    },
    rejected: (error, loaded) => reloads.refused(problemsOf(error, loaded).map(withRelativePath)),
  });
  reloader.watch();
  return () => reloader.stop();
}

/** Makes the path of the file relative to the working directory. */
function withRelativePath(problem: Problem): Problem {
  const path = relative(process.cwd(), problem.file);
  return path.startsWith('..') || isAbsolute(path) ? problem : { ...problem, file: path };
}
