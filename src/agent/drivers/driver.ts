import type { ContainerLaunch, ProcessLaunch } from '../../generated/berth/link/v1/link.js';

/** One plugin and version: at most one instance of it is wanted from one agent. */
export interface PluginKey {
  readonly plugin_id: string;
  readonly version: string;
}

/** One start of a plugin: what a driver needs to know of it. */
export interface LaunchSpec extends PluginKey {
  /** Unique among all starts, ever: the mark by which a driver finds again what it started. */
  readonly launch_id: string;
  /** Counts the starts of this plugin and version. */
  readonly incarnation: number;
  readonly domain_id: string;
  readonly resource_type: string;
  readonly process?: ProcessLaunch;
  readonly container?: ContainerLaunch;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * What a driver wants to remember of a launch, opaque to everybody else: kept on disk with the launch, and handed back
 * after a restart of the agent, possibly to a newer version of the driver.
 */
export type DriverData = { readonly [key: string]: JsonValue };

/** One copy of a running instance. */
export interface Replica {
  /** What callers use: `grpc://host:port`. */
  readonly endpoint: string;
  /** Where the agent itself reaches it, to ask for its health. */
  readonly host: string;
  readonly port: number;
}

export interface RunningLaunch {
  /** Replaces the data that was handed in, which may have been incomplete. */
  readonly data: DriverData;
  readonly replicas: readonly Replica[];
}

/** The end of a launch that nobody asked to stop. */
export interface Exit {
  /** For people: `exited with code 1`. */
  readonly reason: string;
  /** The cause lay outside the plugin (its port was taken): may be repeated at once, and does not count as a failure. */
  readonly blameless: boolean;
}

/** Something that carries this agent's marks. */
export interface Found extends PluginKey {
  readonly launch_id: string;
  readonly incarnation: number;
  /** Enough for `inspect`, `stop` and `logs`. */
  readonly data: DriverData;
}

/** What `watch` tells of a running launch. */
export interface LaunchEvents {
  /** It has ended; nothing follows. */
  exited(exit: Exit): void;
  /** Its copies have changed: another number, or other addresses. */
  replicas(replicas: readonly Replica[]): void;
}

/**
 * Runs plugins somewhere: as processes, as containers, as pods. The reconciler knows no more of a driver than this, and
 * drivers know nothing of each other.
 *
 * For every method:
 * - It may be called for different launches at the same time. For one launch the caller never overlaps `start` with
 *   another call, except that it aborts it.
 * - It is idempotent by `launch_id`: what was done already is not done twice, what is gone already is not an error.
 * - It never touches what does not carry the marks of this agent.
 * - It fails with a {@link DriverError}, which says whether repeating may help. Anything else thrown is a defect, and
 *   treated as recoverable.
 */
export interface Driver {
  /** As supervisors name it: `process`, `docker`, `kubernetes`. */
  readonly name: string;

  /** Whether a replacement can run beside the instance it replaces. Where false, the old one is stopped first. */
  readonly overlaps: boolean;

  /**
   * Chooses all that must be known to find the launch again (a port, a name), and starts nothing. The answer is on disk
   * before `start` is called. What it reserves is free again after `stop`.
   *
   * Returns within about a second.
   *
   * @throws DriverError `recoverable: false` where the specification can never be started here
   */
  prepare(spec: LaunchSpec, signal: AbortSignal): Promise<DriverData>;

  /**
   * Starts what was prepared, and returns as soon as it exists: whether it serves, the caller finds out. Blocks for as
   * long as that takes (a process: milliseconds; an image to be pulled: minutes). Where a launch with this `launch_id`
   * runs already, that one is answered.
   *
   * When the signal aborts it rejects soon; what exists by then is removed by the `stop` that follows.
   *
   * @param progress may be told, as often as it changes, what a long start is waiting for (an image, room); for people
   * @throws DriverError naming what is missing (command, image, permission)
   */
  start(
    spec: LaunchSpec,
    data: DriverData,
    signal: AbortSignal,
    progress?: (reason: string) => void,
  ): Promise<RunningLaunch>;

  /**
   * Finds a launch again, after a restart of the agent: by its data, and where that is incomplete (the agent died within
   * `start`) by its marks. From then on `watch`, `stop` and `logs` work as if this agent had started it.
   *
   * Returns within about a second; an unreachable engine is a recoverable error, not an absent launch.
   *
   * @returns undefined when it does not run any more
   */
  inspect(launchId: string, data: DriverData): Promise<RunningLaunch | undefined>;

  /**
   * Tells of a running launch until the returned function is called. An exit is told once, at the latest a quarter of a
   * second after it, also when it came before `watch` was called; never for one that `stop` ended.
   */
  watch(launchId: string, data: DriverData, events: LaunchEvents): () => void;

  /**
   * Asks the launch to end, forces it after the grace, and returns when nothing of it is left. A grace of 0 forces at
   * once. Works in every state: prepared only, half started, hung, already gone.
   *
   * @throws DriverError when something of it could not be removed: repeat it
   */
  stop(launchId: string, data: DriverData, graceMs: number): Promise<void>;

  /** All that carries the marks of this agent, whether it is in a handle or not, running or not quite gone. */
  list(): Promise<readonly Found[]>;

  /** The end of what this launch has printed, at most so many bytes; '' when there is nothing. Never rejects. */
  logs(data: DriverData, maxBytes: number): Promise<string>;

  /** Lets go of everything without stopping any of it. */
  close(): Promise<void>;
}
