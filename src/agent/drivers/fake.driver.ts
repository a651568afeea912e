import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from './driver-error.js';
import type { Driver, DriverData, Exit, Found, LaunchEvents, LaunchSpec, Replica, RunningLaunch } from './driver.js';

interface FakeLaunch {
  readonly spec: LaunchSpec;
  readonly replicas: readonly Replica[];
  events?: LaunchEvents;
}

/** Environment variable of a launch by which it is told to crash, ignore-term, run with-descendants, or be a missing-command. */
export const FAKE_BEHAVIOUR = 'FAKE_BEHAVIOUR';

/** Runs nothing, remembers everything: a driver for tests, which say what happens to each launch. */
export class FakeDriver implements Driver {
  readonly name = 'fake';
  overlaps = true;
  /** How many copies each launch has. */
  replicas = 1;
  /** What runs, by launch id; it outlives the agent, as processes do. */
  readonly running = new Map<string, FakeLaunch>();
  /** All that was asked of it, in its order: `start p@1#2`, `stop p@1#2`. */
  readonly calls: string[] = [];
  /** While it is set, `list` fails with this. */
  failList?: DriverError;
  /** The next start fails with this. */
  failNext?: DriverError;
  /** While it is set, `start` returns only after it has settled. */
  starting?: Promise<void>;
  /** Tells what the last start waits for. */
  tellProgress: (reason: string) => void = () => undefined;
  /** What each launch has printed. */
  output = '';
  /** While it is set, `stop` returns only after it has settled. */
  stopping?: Promise<void>;
  private nextPort = 20_000;
  /** How launches have ended that nobody watched, and what they had printed. */
  private readonly ended = new Map<string, Exit>();
  private readonly outputs = new Map<string, string>();

  prepare(spec: LaunchSpec): Promise<DriverData> {
    return Promise.resolve({ port: (this.nextPort += 1), name: nameOf(spec), launch: spec.launch_id });
  }

  async start(
    spec: LaunchSpec,
    data: DriverData,
    signal?: AbortSignal,
    progress: (reason: string) => void = () => undefined,
  ): Promise<RunningLaunch> {
    signal?.throwIfAborted();
    const known = this.running.get(spec.launch_id);
    if (known) return { data, replicas: known.replicas };
    this.calls.push(`start ${nameOf(spec)}`);
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure) throw failure;
    this.tellProgress = progress;
    if (this.starting) await this.starting;
    const port = Number(data['port']);
    const replicas = Array.from({ length: this.replicas }, (_, index) => {
      return { endpoint: `grpc://10.0.0.${index + 1}:${port}`, host: `10.0.0.${index + 1}`, port };
    });
    const behaviour = behaviourOf(spec);
    if (behaviour === 'missing-command') throw new DriverError('There is no command no-such-program.', false);
    this.running.set(spec.launch_id, { spec, replicas });
    this.outputs.set(spec.launch_id, behaviour === 'crash' ? 'boom' : 'serving');
    if (behaviour === 'crash') this.end(spec.launch_id, { reason: 'exited with code 1', blameless: false });
    return { data, replicas };
  }

  inspect(launchId: string, data: DriverData): Promise<RunningLaunch | undefined> {
    const launch = this.running.get(launchId);
    return Promise.resolve(launch && { data, replicas: launch.replicas });
  }

  watch(launchId: string, _data: DriverData, events: LaunchEvents): () => void {
    const launch = this.running.get(launchId);
    if (launch) launch.events = events;
    const exit = this.ended.get(launchId);
    if (exit) queueMicrotask(() => events.exited(exit));
    this.ended.delete(launchId);
    return () => {
      if (launch) launch.events = undefined;
    };
  }

  async stop(launchId: string, data: DriverData, graceMs: number): Promise<void> {
    this.calls.push(`${graceMs > 0 ? 'stop' : 'kill'} ${String(data['name'])}`);
    await this.stopping;
    const launch = this.running.get(launchId);
    if (launch && behaviourOf(launch.spec) === 'ignore-term') await sleep(graceMs);
    this.running.delete(launchId);
    this.ended.delete(launchId);
  }

  list(): Promise<readonly Found[]> {
    if (this.failList) return Promise.reject(this.failList);
    return Promise.resolve(
      [...this.running.values()].map(({ spec }) => ({ ...spec, data: { port: 0, name: nameOf(spec) } })),
    );
  }

  logs(data: DriverData, maxBytes: number): Promise<string> {
    const own = this.outputs.get(String(data['launch'])) ?? '';
    return Promise.resolve((this.output || own).slice(-maxBytes));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the launch of this incarnation, as if it had died by itself. */
  exit(incarnation: number, exit: Exit = { reason: 'exited with code 1', blameless: false }): void {
    const [launchId] = [...this.running].find(([, { spec }]) => spec.incarnation === incarnation) ?? [];
    if (!launchId) throw new Error(`incarnation ${incarnation} does not run`);
    this.end(launchId, exit);
  }

  /** Ends a launch, as if it had died by itself. */
  end(launchId: string, exit: Exit): void {
    const events = this.running.get(launchId)?.events;
    this.running.delete(launchId);
    if (events) events.exited(exit);
    else this.ended.set(launchId, exit);
  }

  /** How many processes a launch would have. */
  count(launchId: string): number {
    const launch = this.running.get(launchId);
    if (!launch) return 0;
    return behaviourOf(launch.spec) === 'with-descendants' ? 3 : launch.replicas.length;
  }
}

const behaviourOf = ({ process }: LaunchSpec): string | undefined => process?.env?.[FAKE_BEHAVIOUR];

const nameOf = (spec: LaunchSpec): string => `${spec.plugin_id}@${spec.version}#${spec.incarnation}`;
