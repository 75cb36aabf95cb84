import { CommandFailed } from './command-failed.js';

/** The mock platform. @throws CommandFailed where it is left out, as it may be on a server that `serve` runs on */
export const loadMock = () =>
  import('esp-host/mock').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CommandFailed(
      'this command needs the mock platform, and dist/mock-platform/ is not here: copy it from the build to beside dist/src/',
      1,
      { cause: error },
    );
  });
