interface Log {
  error(message: string, fields: Record<string, unknown>): void;
}

/** A promise that a plugin forgot is no reason to end what all others are served with. */
export function logUnhandled(logger: Log, errorText: (error: unknown) => string): void {
  process.on('unhandledRejection', (error) => {
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error(`a promise was rejected and nobody handles it: ${errorText(error)}`, { stack });
  });
}
