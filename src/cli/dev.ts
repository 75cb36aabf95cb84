import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { outcomeText, pluginsOf } from './dev/outcome-text.js';
import { TypeCheck } from './dev/type-check.js';
import { printFailures } from './failures.js';
import { type PlatformFiles, platformCommand, runPlatform } from './mock.js';

export function devCommand(): Command {
  return platformCommand('dev')
    .description(
      'Run the mock platform as mock does, and swap plugins and configuration as soon as their files change, ' +
        'without dropping a connection.',
    )
    .action(dev);
}

/** How often the platform's own file is looked at, in ms. */
const WORLD_MS = 1000;

const print = (text: string): void => void process.stderr.write(text);

async function dev(files: PlatformFiles): Promise<void> {
  const telemetry = await import('../telemetry/index.js');
  const { WatchedFiles } = await import('../server/watched-files.js');
  await runPlatform({ ...files, follow: true }, (platform) => {
    const folder = dirname(resolve(files.config));
    const types = new TypeCheck(folder, print);
    printFailures(telemetry);
    platform.reloads?.subscribe((outcome) => {
      print(outcomeText(outcome));
      types.check(pluginsOf(outcome));
    });
    types.check(platform.plugins);
    const world = new WatchedFiles();
    world.add([resolve(files.platform)]);
    world.watch(WORLD_MS, () => print(`${files.platform} has changed: it counts from the next start\n`));
    return () => {
      types.stop();
      world.close();
    };
  });
}
