import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { CommandError } from './errors.js';
import { packageRoot } from './files.js';
import { importMock } from './mock.js';
import { type Address, addressOption, addressText } from './options.js';
import { untilSignal } from './process.js';

const SITE = fileURLToPath(new URL('dist/site', packageRoot));

const HELP = `
The package contains all pages, and the search runs in the browser.

Exit code: 0 after Ctrl-C or SIGTERM, 1 if the address is in use.`;

export const docsCommand = (): Command =>
  new Command('docs')
    .description('Serve the documentation to a browser. Needs no network.')
    .addOption(addressOption('--listen <host:port>', 'address to listen on', '127.0.0.1:4321'))
    .addHelpText('after', HELP)
    .action(docs);

async function docs({ listen }: { listen: Address }): Promise<void> {
  const signal = untilSignal();
  const site = await serveSite(listen);
  process.stdout.write(`esp-host documentation: ${site.url} (Ctrl-C stops it)\n`);
  await signal;
  site.close();
}

/** A site that is being served. */
export interface ServedSite {
  /** `http://127.0.0.1:4321/` */
  readonly url: string;
  /** Closes every connection. */
  close(): void;
}

/** @throws CommandError if the site is not built, or the address cannot be used */
export async function serveSite({ host, port }: Address, folder = SITE): Promise<ServedSite> {
  if (!existsSync(folder)) throw new CommandError('the documentation is not built: run npm run docs:site');
  const { webFile } = await importMock();
  const server = createServer(async ({ url = '/' }, response) => {
    const path = url.replace(/\?.*/, '').replace(/^[\\/]+/, '/');
    const found = await webFile(path, folder);
    if (found === undefined && (await webFile(`${path}/`, folder)) !== undefined) {
      response.writeHead(308, { location: `${path}/` }).end();
      return;
    }
    const { type, bytes } = found ?? { type: 'text/plain; charset=utf-8', bytes: 'This page does not exist.\n' };
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': type, 'x-content-type-options': 'nosniff' });
    response.end(bytes);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve)).catch(
    (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'another program listens there; choose another --listen' : error.message;
      throw new CommandError(`cannot listen on ${host}:${port}: ${why}`, { cause: error });
    },
  );
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${addressText({ host: bound.address, port: bound.port })}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
