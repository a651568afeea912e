import type { World } from './world.js';

/** What a scenario has seen. */
export interface Finding {
  /** The figure that the promise is about, with its unit. */
  readonly figure: string;
  readonly met: boolean;
}

/** One fault, injected for real, and what Berth promises about it. */
export interface Scenario {
  /** Number of the promise in docs/promises.md. */
  readonly promise: number;
  readonly name: string;
  readonly injected: string;
  readonly promised: string;
  run(world: World): Promise<Finding>;
}
