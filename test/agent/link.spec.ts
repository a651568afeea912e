import { status } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { expect, it, vi } from 'vitest';
import { TcpProxy } from '../support/tcp-proxy.js';
import { World } from './kit.js';

it('connects as soon as the server is there', async () => {
  await using world = await World.create();
  const { server } = world;
  const { port } = server;
  server.stop();
  await world.agent();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const backAt = performance.now();
  await server.start(port);
  await server.hello();
  expect(performance.now() - backAt).toBeLessThan(3_500);
});

it('says what to do about a refusal, and asks again slowly', async () => {
  await using world = await World.create();
  const { server } = world;
  const errors = vi.spyOn(Logger.prototype, 'error');
  server.refusal = status.PERMISSION_DENIED;
  await world.agent({ timings: { refusedRetryMs: 400 } });
  await vi.waitUntil(() => errors.mock.calls.length > 0);
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
  proxy.lose('requests', 'replies');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  proxy.heal();
  await server.hello(2);
});
