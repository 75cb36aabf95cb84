import { resolve } from 'node:path';
import { Command } from 'commander';
import type { LoadedConfig, Prepared, RationedLog, Reloader, RootLogger, Server } from '../server/index.js';
import { failCommand } from './errors.js';
import { type Address, configOption, parseAddress } from './options.js';
import { type Failure, foldersOf, untilSignal, watchFailures } from './process.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the host in production. Plugins must be JavaScript.')
    .addOption(configOption())
    .option('--listen <host:port>', 'listen here for ESP, in place of listeners.esp', parseAddress)
    .argument('[arguments...]', 'after --: -host, -port and -app of Genesys Management Layer, which are ignored')
    .addHelpText(
      'after',
      '\nSIGHUP, or a changed file, reloads the configuration. npx and npm run pass no\nsignals on: send them to this process, or start node_modules/.bin/esp-host.\n\n' +
        'Exit code: 0 after SIGTERM or SIGINT, 130 after a second signal, 1 if the host\n' +
        'failed to start or stopped by itself (see the log).',
    )
    .action(serve);
}

async function serve(words: string[], options: { config: string; listen?: Address }, command: Command): Promise<void> {
  const ignored = managementArguments(words, command);
  // Imported only here, which keeps the start of the other commands fast.
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
  watchFailures(host, folders, (failure) => failures.report(failure));
  const files = new host.WatchedFiles();
  files.add([resolve(options.config)]);
  prepared = await prepareFrom(load, { typescript: false }, files);
  if (ignored !== '') createLogger(prepared.loaded.config.logging).info(ignored);
  const signal = untilSignal();
  let reloader: Reloader | undefined;
  process.on('SIGHUP', () => void reloader?.reload());
  server = await Server.start({
    prepared,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  }).catch(failCommand);
  reloader = new host.Reloader({ server, files, load, typescript: false });
  reloader.watch();
  await Promise.race([signal, failures.end]);
  reloader.stop();
  await server.stop();
  failures.close();
  process.exit(failures.ended ? 1 : 0);
}

const MANAGEMENT = new Set(['-host', '-port', '-app']);

/**
 * The arguments with which Genesys servers are usually started: where Configuration Server is, and the name of the
 * application. @returns the line that says that they are ignored; empty if there are none @throws CommanderError for others
 */
function managementArguments(words: readonly string[], command: Command): string {
  const names = words.filter((_, index) => index % 2 === 0);
  if (words.length % 2 === 1 || !names.every((name) => MANAGEMENT.has(name))) {
    command.error(
      `error: too many arguments for 'serve'. Expected 0 arguments but got ${words.length}: ${words.join(', ')}.`,
    );
  }
  return names.length === 0 ? '' : `${names.join(', ')} ignored: the host does not use Configuration Server`;
}

/** Logs and counts failures outside of requests, and shuts the host down if it cannot continue. */
class Failures {
  /** Resolves when the host must stop. */
  readonly end: Promise<void>;
  ended = false;
  #end: () => void;
  #log: RationedLog | undefined;

  constructor(
    private readonly server: () => Server | undefined,
    /** Used until the server has a logger. */
    private readonly logger: () => RootLogger,
    private readonly rationed: (logger: RootLogger) => RationedLog,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#end = resolve;
  }

  report({ kind, plugin, text, stack }: Failure): void {
    const server = this.server();
    server?.failed(plugin);
    const who = plugin === undefined ? '' : `plugin ${plugin}: `;
    const ends = kind === 'exit' || (kind === 'exception' && plugin === undefined);
    const then = ends ? '; the host shuts down' : '';
    const fields = () => ({ plugin, stack });
    if (server === undefined) this.logger().error(`${who}${text}${then}`, fields());
    else {
      this.#log ??= this.rationed(server.logger);
      this.#log.write('error', kind, plugin ?? '', () => `${who}${text}${then}`, fields);
    }
    if (!ends) return;
    this.ended = true;
    // Nothing listens yet, so there is nothing to shut down.
    if (server === undefined && kind === 'exception') process.exit(1);
    this.#end();
  }

  /** Writes the lines that were only counted so far. */
  close(): void {
    this.#log?.close();
  }
}
