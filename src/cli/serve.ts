import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Reloader } from '../server/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { configOption } from './config-file.js';
import { logUnhandled } from './log-unhandled.js';
import { untilSignal } from './until-signal.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the host in production: plugins as JavaScript, ESP over TCP or TLS.')
    .addOption(configOption())
    .option('--listen <host:port>', 'in place of listeners.esp', parseAddress)
    .addHelpText(
      'after',
      '\nExit code: 0 after SIGTERM or SIGINT, 1 where it could not start, 130 after a second signal. SIGHUP, or a ' +
        'change of a file, reloads.',
    )
    .action(serve);
}

async function serve(options: { config: string; listen?: Address }): Promise<void> {
  // The other commands are quicker without all of the host.
  const { errorText, loadConfig, prepareFrom, Server, ...host } = await import('../server/index.js');
  const load = () => loadConfig(options.config);
  const files = new host.WatchedFiles();
  files.add([resolve(options.config)]);
  const prepared = await prepareFrom(load, { typescript: false }, files);
  const signal = untilSignal();
  let reloader: Reloader | undefined;
  process.on('SIGHUP', () => void reloader?.reload());
  const server = await Server.start({
    prepared,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  }).catch((error: Error) => {
    throw new CommandFailed(error.message, 1, { cause: error });
  });
  reloader = new host.Reloader({ server, files, load, typescript: false });
  reloader.watch();
  logUnhandled(server.logger, errorText);
  await signal;
  reloader.stop();
  await server.stop();
  process.exit(0);
}
