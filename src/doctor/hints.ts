import { relative } from 'node:path';
import type { Problem } from '../config/index.js';
import { methodDefinition } from '../host/index.js';
import { type Prepared, staleBuild } from '../server/index.js';

/** Mistakes that leave the configuration valid: a build older than its sources, and methods whose channel is missing. */
export function* hintsOf({ loaded, plugins, channels }: Prepared): Generator<Problem> {
  for (const [index, { use, definition }] of plugins.entries()) {
    const hint = (message: string): readonly Problem[] => loaded.problem(['plugins', index, 'use'], message).problems;
    const stale = staleBuild(use, loaded.directory);
    if (stale !== undefined) {
      const { source, build, command } = stale;
      const [older, newer] = [build, source].map((path) => relative(process.cwd(), path));
      const remedy = command === undefined ? 'build it again' : `run ${command}`;
      yield* hint(`loads ${older}, which is older than ${newer}: ${remedy}`);
    }
    const types = new Set(definition.methods.flatMap((method) => methodDefinition(method)?.channel ?? []));
    for (const type of types) {
      if (channels.list(type).length > 0) continue;
      yield* hint(`has methods for channels of type '${type}', but channels has none: each request gets a fault`);
    }
  }
}
