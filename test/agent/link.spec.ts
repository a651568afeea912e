import { once } from 'node:events';
import { createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { expect, it, vi } from 'vitest';
import { TcpProxy } from '../support/tcp-proxy.js';
import { World } from './kit.js';

/** Listens where a server should, and resets every connection. */
class Attempts {
  private seen = 0;
  private readonly server = createServer((socket) => {
    this.seen += 1;
    socket.resetAndDestroy();
  });

  static async at(port: number): Promise<Attempts> {
    const attempts = new Attempts();
    attempts.server.listen(port, '127.0.0.1');
    await once(attempts.server, 'listening');
    return attempts;
  }

  async atLeast(count: number): Promise<void> {
    while (this.seen < count) await once(this.server, 'connection');
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }
}

it('connects as soon as the server is there', async () => {
  await using world = await World.create();
  const { server } = world;
  const { port } = server;
  server.stop();
  const attempts = await Attempts.at(port);
  await world.agent();
  await attempts.atLeast(3);
  await attempts.close();
  await server.start(port);
  await server.hello();
});

it('says what to do about a refusal, and asks again slowly', async () => {
  await using world = await World.create();
  const { server } = world;
  const errors = vi.spyOn(Logger.prototype, 'error');
  server.refusal = status.PERMISSION_DENIED;
  await world.agent({ timings: { refusedRetryMs: 400 } });
  await expect.poll(() => errors.mock.calls.length).toBeGreaterThan(0);
  expect(errors).toHaveBeenCalledWith(
    expect.objectContaining({
      msg: 'the server refuses this agent',
      reason: expect.stringContaining('PERMISSION_DENIED') as string,
      remedy: 'have the server allow this agent in its domain',
    }),
  );
  server.refusal = undefined;
  await server.hello();
  errors.mockRestore();
});

it('notices a server that is gone without a word', async () => {
  await using world = await World.create();
  const { server } = world;
  await using proxy = await TcpProxy.open(server.port);
  const timings = { keepaliveMs: 300, keepaliveTimeoutMs: 300, welcomeTimeoutMs: 500 };
  await world.agent({ server: `127.0.0.1:${proxy.port}`, timings });
  await server.hello();
  const connections = proxy.connections;
  proxy.lose('requests', 'replies');
  await expect.poll(() => proxy.connections).toBeGreaterThan(connections);
  const hellos = server.hellos.length;
  proxy.heal();
  await server.hello(hellos + 1);
});

it('says that it is alive as often as the server wants it', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  await server.hello();
  await server.until('three heartbeats', () => (server.heartbeats >= 3 ? true : undefined));
});
