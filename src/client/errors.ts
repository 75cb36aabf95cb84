/** The connection could not be made: host and port, and why as the `cause`. */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed';
  constructor(
    readonly address: string,
    why: string,
    options?: ErrorOptions,
  ) {
    super(`cannot connect to ${address}: ${why}`, options);
  }
}

/** The connection ended with the request unanswered. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  constructor(address: string, why: string, options?: ErrorOptions) {
    super(`the connection to ${address} was lost: ${why}`, options);
  }
}

/** No reply came in time. One that comes later is dropped. */
export class RequestTimeout extends Error {
  override readonly name = 'RequestTimeout';
  constructor(
    readonly what: string,
    readonly timeoutMs: number,
  ) {
    super(`no reply to ${what} within ${timeoutMs} ms`);
  }
}

/** A request on a client that is not connected, and does not reconnect. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
  constructor(address: string) {
    super(`not connected to ${address}: call connect() first`);
  }
}
