import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { DriverError } from './driver-error.js';

/** First and last port of a range. */
export type PortRange = readonly [number, number];

const DEFAULT_RANGE: PortRange = [20_000, 32_767];

/**
 * The ports for plugins where nobody chose any: outside those that the kernel hands to outgoing connections, which could
 * otherwise take a plugin's port between two of its starts.
 */
export function defaultPortRange(ephemeral: PortRange = ephemeralPorts()): PortRange {
  const [low, high] = ephemeral;
  if (low > DEFAULT_RANGE[1] || high < DEFAULT_RANGE[0]) return DEFAULT_RANGE;
  const rooms: PortRange[] = [
    [Math.max(10_000, Math.min(DEFAULT_RANGE[0], low - 10_000)), low - 1],
    [high + 1, 65_535],
  ];
  return rooms.find(([first, last]) => last - first >= 1_000) ?? DEFAULT_RANGE;
}

function ephemeralPorts(): PortRange {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    if (low && high) return [low, high];
  } catch {
    // Not Linux: the range that IANA names.
  }
  return [49_152, 65_535];
}

/** Whether nobody listens on it now. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Hands out ports, none of them twice at a time. */
export class Ports {
  private readonly taken = new Set<number>();

  constructor(
    private readonly host: string,
    private readonly range: PortRange,
    private readonly random: () => number,
    private readonly isFree = isPortFree,
  ) {}

  /** @throws DriverError when every port of the range is in use */
  async reserve(): Promise<number> {
    const [first, last] = this.range;
    const size = last - first + 1;
    // A random start: agents that share a machine seldom try the same port at the same moment.
    const start = Math.floor(this.random() * size);
    for (let step = 0; step < size; step += 1) {
      const port = first + ((start + step) % size);
      if (this.taken.has(port)) continue;
      this.taken.add(port);
      if (await this.isFree(this.host, port)) return port;
      this.taken.delete(port);
    }
    throw new DriverError(`No port is free on ${this.host} from ${first} to ${last}.`, true);
  }

  /** Notes that a port is in use by a launch of ours. */
  claim(port: number): void {
    this.taken.add(port);
  }

  release(port: number): void {
    this.taken.delete(port);
  }
}
