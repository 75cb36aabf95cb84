import type { Socket } from 'node:net';

/** One of the two sides of a relayed connection. */
export class Peer {
  constructor(
    readonly socket: Socket,
    /** What lies below TLS; without TLS the same. */
    private readonly tcp: Socket = socket,
  ) {
    // A side that has nothing more to say may still listen: its FIN passes on, and no other is made up for it.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
  }

  /** Where it is; of an IPv4 peer the IPv4 address, also on a listener for both. */
  get address(): string {
    return addressOf(this.socket.remoteAddress, this.socket.remotePort);
  }

  /** This process's own address on this connection. */
  get local(): string {
    return addressOf(this.socket.localAddress, this.socket.localPort);
  }

  /** False while the peer does not read what was written; its socket emits `drain` then. */
  write(bytes: Buffer): boolean {
    return this.socket.writable && bytes.length > 0 ? this.socket.write(bytes) : !this.socket.writableNeedDrain;
  }

  /** Says FIN behind what was written, and goes on to listen. */
  end(): void {
    if (this.socket.writable) this.socket.end();
  }

  /** Closes it for good, behind what was written. */
  close(): void {
    this.socket.destroySoon();
  }

  /** Says RST, behind what was written. */
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
