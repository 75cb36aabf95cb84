interface Log {
  error(message: string, fields: Record<string, unknown>): unknown;
}

/** A promise that a plugin forgot is no reason to end what all others are served with. */
export function logUnhandled(logger: Log, errorText: (error: unknown) => string): void {
  process.on('unhandledRejection', (error) => {
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error(`a promise was rejected and nobody handles it: ${errorText(error)}`, { stack });
  });
}

/** The same on the terminal: what a plugin throws may hold the credentials that it asked with. */
export const printUnhandled = ({ errorText, maskSecrets }: typeof import('../telemetry/index.js')): void =>
  logUnhandled(
    { error: (message, { stack }) => process.stderr.write(maskSecrets(`${message}\n${stack ?? ''}\n`)) },
    errorText,
  );
