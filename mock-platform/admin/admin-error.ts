/** A request that cannot be served; the text says what, where, and what to do. */
export class AdminError extends Error {
  override readonly name = 'AdminError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const notFound = (message: string): AdminError => new AdminError(404, message);
