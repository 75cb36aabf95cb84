import type { Server, Socket } from 'node:net';

/**
 * The open TCP connections of a server. http.Server knows its own, but not those that are still in a TLS handshake,
 * and a TLS socket cannot be reset: this holds what is below it.
 */
export class Connections {
  readonly #sockets = new Map<string, Socket>();
  #closed = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => this.#opened(socket));
  }

  /** Ends the connection to the peer of `socket` with a TCP reset. */
  reset(socket: Socket): void {
    const below = this.#sockets.get(peerOf(socket));
    if (below) below.resetAndDestroy();
    else socket.destroy();
  }

  /** Ends every connection, and those that may still come. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #opened(socket: Socket): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#sockets.set(peer, socket);
    socket.once('close', () => {
      if (this.#sockets.get(peer) === socket) this.#sockets.delete(peer);
    });
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress}:${socket.remotePort}`;
