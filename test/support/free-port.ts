import { Ports } from '../../src/agent/drivers/ports.js';

/** Neither those that the kernel hands to connections and to servers on port 0, nor those that agents hand to plugins. */
const ports = new Ports('127.0.0.1', [10_000, 19_999], Math.random);

/** A port that nobody listens on, another one each time: it stays free while whoever asked for it is down. */
export function freePort(): Promise<number> {
  return ports.reserve();
}
