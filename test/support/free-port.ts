import { Ports } from '../../src/agent/drivers/ports.js';
import { testPorts } from './ports.js';

const ports = new Ports('127.0.0.1', testPorts, Math.random);

/** A port that nobody listens on, another one each time: it stays free while whoever asked for it is down. */
export function freePort(): Promise<number> {
  return ports.reserve();
}
