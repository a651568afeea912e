import { join } from 'node:path';
import { fileStemOf } from '../../key.js';
import { DriverError } from '../driver-error.js';
import type { Driver, DriverData, Found, LaunchEvents, LaunchSpec, Replica, RunningLaunch } from '../driver.js';
import { boundLog, logTail, openLog, sizeOf } from './log-file.js';
import { Ports, type PortRange } from '../ports.js';
import { bootId, isRunning, processEntry, processesWith, type MarkedProcess } from '../../proc-table.js';
import {
  AGENT_MARK,
  fromDriverData,
  LAUNCH_MARK,
  marksOf,
  readMarks,
  toDriverData,
  type ProcessData,
} from './process-data.js';
import { argvOf, startProcess, workingDirectoryOf } from './spawn.js';
import { stopProcess } from './stop-process.js';
import { AdoptedProcess, ChildProcessWatch, type ProcessWatch } from './process-watch.js';

export interface ProcessDriverOptions {
  /** Marks what belongs to this agent: the identity of its data directory. */
  readonly agentId: string;
  /** Base of the working directories that assignments name. */
  readonly pluginDirectory: string;
  readonly logDirectory: string;
  /** Host of the endpoints that callers are given. */
  readonly advertiseHost: string;
  /** Address that plugins are told to listen on. */
  readonly bindHost: string;
  readonly portRange: PortRange;
  /** What plugins inherit: never the agent's own environment as a whole, which may hold secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly random: () => number;
  /** How often a process that was taken over is looked after, in milliseconds. */
  readonly adoptedPollMs: number;
  /** How often logs are checked for their size, in milliseconds. */
  readonly logCheckMs: number;
}

/** Runs plugins as processes of this machine, each in a group of its own, on a port of its own. */
export class ProcessDriver implements Driver {
  readonly name = 'process';
  readonly overlaps = true;
  private readonly ports: Ports;
  private readonly watches = new Map<string, ProcessWatch>();
  private readonly logCheck: NodeJS.Timeout;
  private readonly boot = bootId();

  constructor(private readonly options: ProcessDriverOptions) {
    this.ports = new Ports(options.bindHost, options.portRange, options.random);
    this.logCheck = setInterval(() => void this.boundLogs(), options.logCheckMs).unref();
  }

  async prepare(spec: LaunchSpec): Promise<DriverData> {
    argvOf(spec);
    await workingDirectoryOf(spec, this.options.pluginDirectory);
    const log = join(this.options.logDirectory, `${fileStemOf(spec)}.log`);
    return toDriverData({ port: await this.ports.reserve(), log, logOffset: await sizeOf(log) });
  }

  async start(spec: LaunchSpec, prepared: DriverData, signal: AbortSignal): Promise<RunningLaunch> {
    const data = fromDriverData(prepared);
    const running = this.watches.get(spec.launch_id);
    if (running) return this.running(running.data);
    const [file, ...args] = argvOf(spec);
    const cwd = await workingDirectoryOf(spec, this.options.pluginDirectory);
    const env = {
      ...this.options.environment,
      ...spec.process?.env,
      HOST: this.options.bindHost,
      PORT: String(data.port),
      // Where Cloudforet's Python framework looks for it.
      SPACEONE_PORT: String(data.port),
      ...marksOf(this.options.agentId, spec),
    };
    const log = await openLog(data.log);
    try {
      if (signal.aborted) throw new DriverError('The start was cancelled.', true);
      const child = await startProcess({ file, args, cwd, env }, log.fd);
      const startTime = (await processEntry(child.pid))?.startTime ?? 'ended at once';
      const started = { ...data, pid: child.pid, startTime, bootId: this.boot };
      this.watches.set(spec.launch_id, new ChildProcessWatch(child, started, this.options.bindHost));
      return this.running(started);
    } finally {
      await log.close();
    }
  }

  async inspect(launchId: string, prepared: DriverData): Promise<RunningLaunch | undefined> {
    const known = this.watches.get(launchId);
    const data = known?.data ?? (await this.find(launchId, fromDriverData(prepared)));
    const { pid, startTime } = data;
    if (pid === undefined || startTime === undefined || !(await isRunning(pid, startTime))) return undefined;
    if (!known) {
      this.ports.claim(data.port);
      this.watches.set(launchId, new AdoptedProcess(data, this.options.adoptedPollMs));
    }
    return this.running(data);
  }

  watch(launchId: string, _data: DriverData, events: LaunchEvents): () => void {
    const watch = this.watches.get(launchId);
    if (!watch) throw new DriverError(`Launch ${launchId} was neither started nor inspected.`, false);
    return watch.listen((exit) => events.exited(exit));
  }

  async stop(launchId: string, prepared: DriverData, graceMs: number): Promise<void> {
    const watch = this.watches.get(launchId);
    const data = watch?.data ?? (await this.find(launchId, fromDriverData(prepared)));
    watch?.silence();
    await stopProcess(launchId, data, graceMs);
    this.watches.delete(launchId);
    this.ports.release(data.port);
  }

  async list(): Promise<readonly Found[]> {
    const launches = new Map<string, MarkedProcess>();
    for (const process of await processesWith(AGENT_MARK, this.options.agentId)) {
      const launchId = process.environment.get(LAUNCH_MARK);
      // The leader of the group speaks for a launch; its descendants carry the same marks.
      if (launchId && (!launches.has(launchId) || process.pid === process.group)) launches.set(launchId, process);
    }
    return [...launches.values()].map((process) => {
      const { port, ...marks } = readMarks(process);
      const log = join(this.options.logDirectory, `${fileStemOf(marks)}.log`);
      const { pid, startTime } = process;
      return { ...marks, data: toDriverData({ port, log, logOffset: 0, pid, startTime, bootId: this.boot }) };
    });
  }

  async logs(data: DriverData, maxBytes: number): Promise<string> {
    try {
      const { log, logOffset } = fromDriverData(data);
      return await logTail(log, logOffset, maxBytes);
    } catch {
      return '';
    }
  }

  close(): Promise<void> {
    clearInterval(this.logCheck);
    for (const watch of this.watches.values()) watch.silence();
    return Promise.resolve();
  }

  /** Completes the data of a launch whose start was not recorded, by its mark; forgets numbers from before a reboot. */
  private async find(launchId: string, data: ProcessData): Promise<ProcessData> {
    if (data.pid !== undefined && data.bootId === this.boot) return data;
    const marked = await processesWith(LAUNCH_MARK, launchId);
    const leader = marked.find(({ pid, group }) => pid === group);
    const { port, log, logOffset } = data;
    if (!leader) return { port, log, logOffset };
    return { port, log, logOffset, pid: leader.pid, startTime: leader.startTime, bootId: this.boot };
  }

  private running(data: ProcessData): RunningLaunch {
    const { advertiseHost, bindHost } = this.options;
    const host = bindHost === '0.0.0.0' ? '127.0.0.1' : bindHost === '::' ? '::1' : bindHost;
    const named = advertiseHost.includes(':') ? `[${advertiseHost}]` : advertiseHost;
    const replica: Replica = { endpoint: `grpc://${named}:${data.port}`, host, port: data.port };
    return { data: toDriverData(data), replicas: [replica] };
  }

  private async boundLogs(): Promise<void> {
    const logs = new Set([...this.watches.values()].map(({ data }) => data.log));
    // A log that cannot be cut now is tried again at the next check.
    await Promise.allSettled([...logs].map((log) => boundLog(log)));
  }
}
