/** A port cannot be had; the text says which and what to do. */
export class ListenFailed extends Error {
  override readonly name = 'ListenFailed';

  constructor(
    error: NodeJS.ErrnoException,
    readonly address: { readonly host: string; readonly port: number },
    /** Of the listener in config.yaml. */
    readonly key: 'listeners.esp' | 'listeners.http' | 'listeners.metrics',
  ) {
    const why: Record<string, string> = {
      EADDRINUSE: `another program listens there; stop it, or choose another port in ${key}.port`,
      EACCES: 'this user may not listen there; choose a port above 1023',
      EADDRNOTAVAIL: `this machine has no such address; see ${key}.host`,
      ENOTFOUND: `there is no such host name; see ${key}.host`,
    };
    const where = `${address.host}:${address.port}`;
    super(`cannot listen on ${where}: ${why[error.code ?? ''] ?? error.message}`, { cause: error });
  }

  /** Whether somebody listens there already. */
  get taken(): boolean {
    return (this.cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
  }
}
