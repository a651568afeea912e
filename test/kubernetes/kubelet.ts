import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { networkProbes } from '../../src/common/grpc/health-probe.js';
import { eventAbout } from './api-server.js';
import { type ObjectStore, type Stored, timestamp } from './object-store.js';

const PORT = 50_051;
const PLUGIN = join(import.meta.dirname, '../agent/fixtures/plugin.mjs');
const PROBE_EVERY_MS = 30;
/** Once it is ready: that it ends is heard of without a probe. */
const READY_PROBE_EVERY_MS = 250;
/** A probe that gives up early would take a busy machine for a plugin that is not ready. */
const PROBE_TIMEOUT_MS = 60_000;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

interface Termination {
  readonly exitCode: number;
  readonly reason: string;
}

/** Runs Pods as processes on this machine: each has an address of its own in 127/8, and the port of a container. */
export class Kubelet {
  /** What the scheduler says instead of finding a node. */
  unschedulable = '';
  /** What is said of an image that cannot be pulled. */
  pullError = 'rpc error: code = NotFound desc = failed to pull and unpack image: not found';
  /** After its second end a container waits for this long. */
  crashBackoffMs = 10_000;
  /** The first restart comes at once. */
  restartAtOnce = false;
  /** While it is set, no container becomes ready. */
  neverReady = false;
  private readonly pods = new Map<string, PodRun>();
  private next = 1;
  private closed = false;

  constructor(
    readonly store: ObjectStore,
    /** The first two numbers of the addresses of its Pods. */
    private readonly network: string,
  ) {}

  address(): string {
    this.next += 1;
    return `${this.network}.${this.next >> 8}.${this.next & 255}`;
  }

  run(pod: Stored): void {
    if (this.closed || this.pods.has(pod.metadata.name)) return;
    const run = new PodRun(this, pod.metadata.name);
    this.pods.set(pod.metadata.name, run);
    void run.begin();
  }

  /** @param graceSeconds 0: at once, without waiting for its end */
  delete(pod: string, graceSeconds: number): void {
    void this.pods.get(pod)?.end(graceSeconds);
  }

  /** Ends a container from outside. */
  kill(pod: string, reason = 'Error'): void {
    this.pods.get(pod)?.kill(reason);
  }

  logs(pod: string, previous: boolean): string | undefined {
    return this.pods.get(pod)?.logs(previous);
  }

  forget(pod: string): void {
    this.pods.delete(pod);
  }

  /** Resolves when no process is left. */
  async close(): Promise<void> {
    // The controllers put a Pod in the place of each that ends.
    this.closed = true;
    await Promise.all([...this.pods.values()].map((run) => run.end(0)));
  }
}

class PodRun {
  private child?: ChildProcess;
  private outputs: string[] = [];
  private restarts = 0;
  private killedBecause = 'Error';
  private ending = false;

  constructor(
    private readonly kubelet: Kubelet,
    private readonly name: string,
  ) {}

  async begin(): Promise<void> {
    const { kubelet } = this;
    while (kubelet.unschedulable !== '' && !this.ending) {
      const message = kubelet.unschedulable;
      this.status({ phase: 'Pending', conditions: [condition('PodScheduled', false, 'Unschedulable', message)] });
      this.event('FailedScheduling', message);
      await delay(50);
    }
    if (this.ending) return;
    const { image } = this.container;
    this.status({ phase: 'Pending', conditions: [condition('PodScheduled', true)], containerStatuses: [] });
    if (image.includes('no-such-')) return this.failToPull(image);
    this.launch();
  }

  async end(graceSeconds: number): Promise<void> {
    this.ending = true;
    const { child } = this;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    if (child && child.exitCode === null && child.signalCode === null) {
      if (graceSeconds > 0) {
        this.signal('SIGTERM');
        await Promise.race([gone, delay(graceSeconds * 1_000)]);
      }
      this.signal('SIGKILL');
      await gone;
    }
    this.kubelet.store.remove('Pod', this.name);
    this.kubelet.forget(this.name);
  }

  kill(reason: string): void {
    this.killedBecause = reason;
    this.signal('SIGKILL');
  }

  logs(previous: boolean): string | undefined {
    return previous ? this.outputs.at(-2) : (this.outputs.at(-1) ?? '');
  }

  private launch(): void {
    if (this.ending) return;
    const { env } = this.container;
    const ip = this.podIP ?? this.kubelet.address();
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const labels = this.pod?.metadata.labels ?? {};
    this.child = spawn(process.execPath, [PLUGIN], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...given, HOST: ip, PORT: String(PORT), KUBE_LAUNCH: labels['berth/launch'] },
    });
    const run = this.outputs.push('') - 1;
    const keep = (chunk: Buffer) => void (this.outputs[run] += chunk.toString());
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    const { child } = this;
    child.once('close', (code) => void this.ended(code ?? 137));
    this.status({
      phase: 'Running',
      podIP: ip,
      conditions: [condition('PodScheduled', true), condition('Ready', false)],
      containerStatuses: [{ ...this.containerStatus, ready: false, state: { running: { startedAt: timestamp() } } }],
    });
    void this.probe(child, ip);
  }

  private async probe(child: ChildProcess, host: string): Promise<void> {
    const probe = networkProbes(PROBE_TIMEOUT_MS)({ endpoint: '', host, port: PORT });
    for (let ready = false; child.exitCode === null && child.signalCode === null && !this.ending;) {
      const { serving } = await probe.check();
      const now = serving && !this.kubelet.neverReady;
      if (now !== ready && child.exitCode === null && child.signalCode === null) {
        ready = now;
        const containerStatuses = [{ ...this.containerStatus, ready }];
        this.status({ conditions: [condition('PodScheduled', true), condition('Ready', ready)], containerStatuses });
      }
      await delay(ready ? READY_PROBE_EVERY_MS : PROBE_EVERY_MS);
    }
    probe.close();
  }

  private async ended(exitCode: number): Promise<void> {
    if (this.ending) return;
    const terminated: Termination = { exitCode, reason: this.killedBecause };
    const conditions = [condition('PodScheduled', true), condition('Ready', false)];
    const dead = { ...this.containerStatus, ready: false, state: { terminated } };
    this.status({ conditions, containerStatuses: [dead] });
    if (this.restarts > 0 || !this.kubelet.restartAtOnce) {
      await delay(100);
      const message = 'back-off 10s restarting failed container=plugin';
      const waiting = { reason: 'CrashLoopBackOff', message };
      this.status({ containerStatuses: [{ ...dead, state: { waiting }, lastState: { terminated } }] });
      this.event('BackOff', message);
      await delay(this.kubelet.crashBackoffMs, undefined, { ref: false });
    }
    this.restarts += 1;
    this.status({ containerStatuses: [{ ...dead, lastState: { terminated } }] });
    this.launch();
  }

  private async failToPull(image: string): Promise<void> {
    const message = `${this.kubelet.pullError}: ${image}`;
    const waiting = (reason: string, text: string) =>
      this.status({
        containerStatuses: [{ ...this.containerStatus, ready: false, state: { waiting: { reason, message: text } } }],
      });
    this.event('Failed', `Failed to pull image "${image}": ${message}`);
    waiting('ErrImagePull', message);
    await delay(200);
    if (!this.ending) waiting('ImagePullBackOff', `Back-off pulling image "${image}"`);
  }

  private get pod(): Stored | undefined {
    return this.kubelet.store.get('Pod', this.name);
  }

  private get podIP(): string | undefined {
    return this.pod?.status?.['podIP'] as string | undefined;
  }

  private get container(): Container {
    return ((this.pod?.spec?.['containers'] as Container[] | undefined) ?? [])[0] as Container;
  }

  private get containerStatus(): object {
    const known = (this.pod?.status?.['containerStatuses'] as object[] | undefined)?.[0];
    return { ...known, name: 'plugin', restartCount: this.restarts };
  }

  private status(status: object): void {
    if (this.pod) this.kubelet.store.put('Pod', this.name, { status });
  }

  private event(reason: string, message: string): void {
    this.kubelet.store.put('Event', `${this.name}.${reason.toLowerCase()}`, eventAbout(this.name, reason, message));
  }

  private signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.child ?? {};
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Ended meanwhile.
    }
  }
}

const condition = (type: string, holds: boolean, reason?: string, message?: string) => {
  return { type, status: holds ? 'True' : 'False', reason, message, lastTransitionTime: timestamp() };
};
