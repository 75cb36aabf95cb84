import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildCommand } from './build-command.js';
import { isTypeScript, pluginEntry } from './plugin-entry.js';

/** A build that is older than the sources of its plugin. */
export interface StaleBuild {
  /** The source that was changed last. */
  readonly source: string;
  /** The folder of the build. */
  readonly build: string;
  /** The command that makes a new build, if the plugin shows which. */
  readonly command: string | undefined;
}

/** Whether the build that `serve` would load is older than its sources. Undefined for packages, and without sources. */
export function staleBuild(use: string, directory: string): StaleBuild | undefined {
  const build = buildOf(use, directory);
  if (build === undefined || basename(build) !== 'dist' || build.includes('node_modules')) return undefined;
  const folder = dirname(build);
  const source = latest(sourcesIn(folder));
  const built = latest(filesIn(build));
  if (source === undefined || built === undefined || source.changed <= built.changed) return undefined;
  return { source: source.path, build, command: buildCommand(folder) };
}

/** The folder that `serve` loads from; undefined if the plugin is not built. */
function buildOf(use: string, directory: string): string | undefined {
  try {
    return dirname(pluginEntry(use, directory, false));
  } catch {
    return undefined;
  }
}

const sourcesIn = (folder: string): string[] =>
  filesIn(folder).filter((path) => isTypeScript(path) && !/\.(test|d)\.[mc]?ts$/.test(path));

/** The files of a folder and its subfolders, without builds, packages and hidden folders. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !/^(\..*|dist|node_modules)$/.test(entry.name) ? filesIn(path) : [];
  });
}

interface Changed {
  readonly path: string;
  /** In ms since 1970. */
  readonly changed: number;
}

const latest = (paths: readonly string[]): Changed | undefined =>
  paths
    .map((path): Changed => ({ path, changed: statSync(path).mtimeMs }))
    .reduce<Changed | undefined>(
      (last, one) => (last === undefined || one.changed > last.changed ? one : last),
      undefined,
    );
