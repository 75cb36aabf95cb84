import { resolve } from 'node:path';
import { Command } from 'commander';
import type { LoadedConfig, Prepared, RationedLog, Reloader, RootLogger, Server } from '../server/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { configOption } from './config-file.js';
import { type Failure, foldersOf, watchFailures } from './failures.js';
import { untilSignal } from './until-signal.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the host in production: plugins as JavaScript, ESP over TCP or TLS.')
    .addOption(configOption())
    .option('--listen <host:port>', 'in place of listeners.esp', parseAddress)
    .addHelpText(
      'after',
      '\nExit code: 0 after SIGTERM or SIGINT, 1 where it could not start or stopped by itself (the log says why), 130 ' +
        'after a second signal. SIGHUP, or a change of a file, reloads.',
    )
    .action(serve);
}

async function serve(options: { config: string; listen?: Address }): Promise<void> {
  // The other commands are quicker without all of the host.
  const { createLogger, loadConfig, pluginEntry, prepareFrom, Server, ...host } = await import('../server/index.js');
  let server: Server | undefined;
  let prepared: Prepared | undefined;
  let loaded: LoadedConfig | undefined;
  const load = () => {
    loaded = loadConfig(options.config);
    return loaded;
  };
  const failures = new Failures(
    () => server,
    () => createLogger(loaded?.config.logging ?? { level: 'info', format: 'text' }),
    (logger) => new host.RationedLog(logger),
  );
  const folders = () => {
    const current = server?.prepared ?? prepared;
    return current === undefined ? [] : foldersOf(current, pluginEntry);
  };
  watchFailures(host, folders, (failure) => failures.tell(failure));
  const files = new host.WatchedFiles();
  files.add([resolve(options.config)]);
  prepared = await prepareFrom(load, { typescript: false }, files);
  const signal = untilSignal();
  let reloader: Reloader | undefined;
  process.on('SIGHUP', () => void reloader?.reload());
  server = await Server.start({
    prepared,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  }).catch((error: Error) => {
    throw new CommandFailed(error.message, 1, { cause: error });
  });
  reloader = new host.Reloader({ server, files, load, typescript: false });
  reloader.watch();
  await Promise.race([signal, failures.end]);
  reloader.stop();
  await server.stop();
  failures.close();
  process.exit(failures.ended ? 1 : 0);
}

/** What `serve` makes of what nobody catches: lines and a count, and an end in order where it cannot go on. */
class Failures {
  /** Resolves when the host is to end. */
  readonly end: Promise<void>;
  ended = false;
  #end: () => void;
  #log: RationedLog | undefined;

  constructor(
    private readonly server: () => Server | undefined,
    /** Until the server has its own. */
    private readonly logger: () => RootLogger,
    private readonly rationed: (logger: RootLogger) => RationedLog,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#end = resolve;
  }

  tell({ kind, plugin, text, stack }: Failure): void {
    const server = this.server();
    server?.failed(plugin);
    const who = plugin === undefined ? '' : `plugin ${plugin}: `;
    const ends = kind === 'exit' || (kind === 'exception' && plugin === undefined);
    const then = ends ? '; the host stops, to be started anew' : '';
    const fields = () => ({ plugin, stack });
    if (server === undefined) this.logger().error(`${who}${text}${then}`, fields());
    else {
      this.#log ??= this.rationed(server.logger);
      this.#log.write('error', kind, plugin ?? '', () => `${who}${text}${then}`, fields);
    }
    if (!ends) return;
    this.ended = true;
    // Nothing listens yet: there is nothing to end in order.
    if (server === undefined && kind === 'exception') process.exit(1);
    this.#end();
  }

  /** Writes what is only counted so far. */
  close(): void {
    this.#log?.close();
  }
}
