import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** What listens there has the network: nothing of a cluster uses that address. */
const GUARD = { address: '255.254', port: 50_051 };

/** Addresses in 127/8 that no other cluster on this machine has. */
export class ClusterNetwork {
  private constructor(
    /** Their first two numbers, as `127.7`. */
    readonly prefix: string,
    private readonly guard: Server,
  ) {}

  static async claim(): Promise<ClusterNetwork> {
    for (;;) {
      const prefix = `127.${randomInt(2, 250)}`;
      const guard = await listening(`${prefix}.${GUARD.address}`);
      if (guard !== undefined) return new ClusterNetwork(prefix, guard);
    }
  }

  release(): void {
    this.guard.close();
  }
}

/** Undefined where somebody listens there already. */
function listening(host: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen({ host, port: GUARD.port, exclusive: true }, () => resolve(server));
  });
}
