import type { Socket } from 'node:net';

/** One of the two sides of a relayed connection. */
export class Peer {
  constructor(
    readonly socket: Socket,
    /** The TCP socket below TLS; without TLS, the same socket. */
    private readonly tcp: Socket = socket,
  ) {
    // After its FIN a side may still receive: the relay forwards the FIN and sends none of its own.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
  }

  /** The remote address; for IPv4 peers the IPv4 address, also on a dual-stack listener. */
  get address(): string {
    return addressOf(this.socket.remoteAddress, this.socket.remotePort);
  }

  /** The local address of the connection. */
  get local(): string {
    return addressOf(this.socket.localAddress, this.socket.localPort);
  }

  /** Returns false if the buffer is full; the socket then emits `drain`. */
  write(bytes: Buffer): boolean {
    return this.socket.writable && bytes.length > 0 ? this.socket.write(bytes) : !this.socket.writableNeedDrain;
  }

  /** Sends a FIN after pending writes and continues to read. */
  end(): void {
    if (this.socket.writable) this.socket.end();
  }

  /** Closes the connection after pending writes. */
  close(): void {
    this.socket.destroySoon();
  }

  /** Sends a RST after pending writes. */
  reset(): void {
    const { socket, tcp } = this;
    if (socket.destroyed) return;
    if (socket.writable && socket.writableLength > 0) socket.write(Buffer.alloc(0), () => reset(socket, tcp));
    else reset(socket, tcp);
  }
}

function reset(socket: Socket, tcp: Socket): void {
  if (!('encrypted' in tcp) && !tcp.destroyed) tcp.resetAndDestroy();
  socket.destroy();
}

const addressOf = (host = 'unknown', port = 0): string => {
  const plain = host.replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
};
