import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { defaultPortRange, Ports } from './ports.js';

it.each([
  ['the usual Linux', [32_768, 60_999], [20_000, 32_767]],
  ['IANA', [49_152, 65_535], [20_000, 32_767]],
  ['a wide range', [15_000, 61_000], [10_000, 14_999]],
  ['a range from the bottom', [1_024, 60_999], [61_000, 65_535]],
  ['a range that leaves nothing', [1_024, 65_535], [20_000, 32_767]],
])('chooses ports that outgoing connections do not take: %s', (_, [low = 0, high = 0], expected) => {
  expect(defaultPortRange([low, high])).toEqual(expected);
});

it('gives no port twice, none that is in use, and one that was given back', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const used = (server.address() as AddressInfo).port;
  const ports = new Ports('127.0.0.1', [used, used + 2], () => 0);
  const [one, other] = [await ports.reserve(), await ports.reserve()];
  expect(new Set([used, one, other]).size).toBe(3);
  await expect(ports.reserve()).rejects.toThrow(`No port is free on 127.0.0.1 from ${used} to ${used + 2}.`);
  ports.release(other);
  expect(await ports.reserve()).toBe(other);
  ports.release(one);
  ports.claim(one);
  await expect(ports.reserve()).rejects.toMatchObject({ recoverable: true });
  server.close();
});
