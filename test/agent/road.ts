import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can lose everything in both directions, as a pulled cable does: no reset, no end, only silence. */
export interface Road {
  readonly port: number;
  /** What is on it now is lost for good, and what comes goes nowhere. */
  block(): void;
  /** New connections get through; those from before stay lost. */
  unblock(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openRoad(target: number): Promise<Road> {
  let blocked = false;
  const pairs: { near: Socket; far: Socket; lost: boolean }[] = [];
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const pair = { near, far, lost: blocked };
    pairs.push(pair);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => void (pair.lost || to.write(chunk)));
      from.on('close', () => void (pair.lost || to.destroy()));
      from.on('error', () => undefined);
    };
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    block() {
      blocked = true;
      for (const pair of pairs) pair.lost = true;
    },
    unblock() {
      blocked = false;
    },
    async [Symbol.asyncDispose]() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
