import { defaultPortRange, type PortRange } from '../../src/agent/drivers/ports.js';

const SHARE = 1_000;
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);

/** The share of this worker, so that tests side by side do not take each other's. */
function shareOf([first, last]: PortRange): PortRange {
  const begin = first + (worker % Math.floor((last - first + 1) / SHARE)) * SHARE;
  return [begin, begin + SHARE - 1];
}

/** For the plugins of the agents that tests start. */
export const pluginPorts: PortRange = shareOf(defaultPortRange());

/** Neither those that the kernel hands to connections and to servers on port 0, nor those for plugins. */
export const testPorts: PortRange = shareOf([10_000, 19_999]);
