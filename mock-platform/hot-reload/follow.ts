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
} from 'esp-host/server';
import { changesBetween, isNothing } from './changes.js';
import type { Reloads } from './reloads.js';

/** A platform as far as it goes over to other configurations. */
export interface Followed {
  readonly server: Server;
  /** What is in use now. */
  readonly prepared: () => Prepared;
  /** All of it, or nothing. */
  readonly switchTo: (next: Prepared) => Promise<void>;
  readonly load: () => LoadedConfig;
  readonly modules: ModuleCache;
  /** Those that were read for what is in use. */
  readonly files: WatchedFiles;
  readonly reloads: Reloads;
}

/**
 * The files are looked at, and not `fs.watch`: that tells nothing of folders that Docker, WSL or a network bring, loses
 * a file that another one takes the place of, and on Linux misses what is written into a new folder before it has seen
 * that. A look at some dozens of files costs a millisecond, and comes often enough for an answer by the new code within
 * 300 ms of the save.
 */
const POLL_MS = 40;

/** Longer than a look takes to come: editors save in steps, and while one look finds something the next may, too. */
const SETTLE_MS = 50;

/** How long the `start` of a plugin may take, in ms: one that never ends would hold up all changes after it. */
export const START_MS = 10_000;

/** Takes over what changes in the files of a configuration and of its plugins. @returns what ends that */
export function follow({ server, prepared, switchTo, load, modules, files, reloads }: Followed): () => void {
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
      if (!isNothing(changes)) await switchTo(next);
      // Nothing is news where something was wrong before: it is put right.
      if (!isNothing(changes) || reloads.last?.kind === 'refused') reloads.applied(changes, sinceMs());
    },
    rejected: (error, loaded) => reloads.refused(problemsOf(error, loaded).map(named)),
  });
  reloader.watch();
  return () => reloader.stop();
}

/** With the file as somebody in this folder would name it. */
function named(problem: Problem): Problem {
  const path = relative(process.cwd(), problem.file);
  return path.startsWith('..') || isAbsolute(path) ? problem : { ...problem, file: path };
}
