import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Towards the server, or back to its clients. */
export type Direction = 'requests' | 'replies';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** What comes in this direction is lost, for as long as the connection lasts. */
  readonly lost: Set<Direction>;
}

/** A TCP proxy that does to connections what networks do on a bad day. */
export class TcpProxy implements AsyncDisposable {
  private readonly pairs = new Set<Pair>();
  private readonly lost = new Set<Direction>();
  private delay = 0;
  private refusing = false;
  /** How many there have been. */
  connections = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  /** Listens on a free port of loopback and passes on to the target port. */
  static async open(target: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (socket) => proxy.accept(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Everything takes this much longer, in milliseconds, each way. */
  slow(delay: number): void {
    this.delay = delay;
  }

  /**
   * Nothing gets through in these directions any more: no reset, no end, only silence, as with a pulled cable. It holds
   * for what is connected now until the connection ends, and for new connections until {@link heal}.
   */
  lose(...directions: readonly Direction[]): void {
    for (const direction of directions) {
      this.lost.add(direction);
      for (const { lost } of this.pairs) lost.add(direction);
    }
  }

  /** Resets every connection; new ones get through. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Resets every connection, and every new one. */
  refuse(): void {
    this.refusing = true;
    this.cut();
  }

  /** New connections get through, at once. What went lost stays lost. */
  heal(): void {
    this.refusing = false;
    this.delay = 0;
    this.lost.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(near: Socket): void {
    this.connections += 1;
    if (this.refusing) {
      near.resetAndDestroy();
      return;
    }
    const pair = { near, far: connect(this.target, '127.0.0.1'), lost: new Set(this.lost) };
    this.pairs.add(pair);
    this.pass(pair, 'requests', near, pair.far);
    this.pass(pair, 'replies', pair.far, near);
  }

  private pass(pair: Pair, direction: Direction, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (pair.lost.has(direction)) return;
      if (this.delay === 0) to.write(chunk);
      else setTimeout(() => !to.destroyed && to.write(chunk), this.delay);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (pair.near.destroyed && pair.far.destroyed) this.pairs.delete(pair);
      // An end that goes lost is not heard of either.
      if (!pair.lost.has(direction)) to.destroy();
    });
  }
}
