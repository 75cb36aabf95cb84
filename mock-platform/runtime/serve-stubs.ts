import type { Logger } from 'esp-host';
import { EspRequest } from '#wire';
import { loadStubs, type StubServer, type StubServerOptions, StubSet, startStubServer } from '../stubs/index.js';
import { StubFiles } from './stub-files.js';

/** Options of {@link serveStubs}. */
export interface ServeStubsOptions extends Pick<StubServerOptions, 'host' | 'port' | 'charset'> {
  readonly file: string;
  readonly logger: Logger;
}

/**
 * Starts a stub server without a platform. It loads its file again when it changes, and logs each request with the stub
 * that answers. @throws ConfigError, or the error of `listen`
 */
export async function serveStubs({ file, logger, ...listen }: ServeStubsOptions): Promise<StubServer> {
  const stubs = new StubSet(loadStubs(file).config);
  const files = new StubFiles([{ path: file, owner: stubs.application.name, stubs: { esp: stubs } }], logger);
  const server = await startStubServer({
    ...listen,
    stubs,
    logger,
    answered: ({ request, client, stub, message }) => {
      if (stub === undefined) return; // logged with the nearest stub
      logger.info(message === undefined ? 'no answer' : 'answered', {
        request: new EspRequest(request).name,
        stub: stub.name,
        client,
      });
    },
  });
  files.subscribe(() => {
    if (files.list().every(({ problems }) => problems.length === 0)) {
      logger.info(`${file} loaded again`, { stubs: stubs.list().length });
    }
  });
  files.watch();
  const close = (): Promise<void> => {
    files.close();
    return server.close();
  };
  return { ...server, close };
}
