import { Logger } from '@nestjs/common';
import type { LinkCaller } from '../../auth/link-access.js';
import type { CatalogService } from '../../catalog/catalog.service.js';
import { BerthError } from '../../common/errors/berth-error.js';
import { databaseError } from '../../common/errors/database-errors.js';
import { invalidArgument, permissionDenied, unavailable } from '../../common/errors/errors.js';
import { UnreadableRequest } from '../../common/grpc/unreadable-request.js';
import type {
  AgentMessage,
  Assignment,
  Assignments,
  Hello,
  ServerMessage,
} from '../../generated/berth/link/v1/link.js';
import type { InstalledPlugin } from '../../installed-plugin/installed-plugin.js';
import type { InstalledPluginService } from '../../installed-plugin/installed-plugin.service.js';
import type { SupervisorReports } from '../../installed-plugin/supervisor-reports.service.js';
import type { LeaseRenewal, Supervisor } from '../supervisor.js';
import type { SupervisorConnections } from '../supervisor-connections.js';
import { assignmentOf } from './assignment.js';
import { type LinkStream, refuse, unforeseen } from './link-stream.js';
import { readHello, readReport } from './link.mapper.js';

/** How long an agent may take to say hello, in milliseconds. */
const HELLO_TIMEOUT = 10_000;

/** Longest time that a timer of Node.js can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Messages that may wait for a slow agent before its stream is cut; it learns all it missed when it reconnects. */
const MAX_WAITING = 10_000;

export interface SessionDependencies {
  /** Who has opened the stream, as its token says. */
  readonly caller: LinkCaller;
  readonly connections: SupervisorConnections;
  readonly installed: InstalledPluginService;
  readonly reports: SupervisorReports;
  readonly catalog: CatalogService;
  readonly heartbeatInterval: number;
  readonly lease: number;
  /** Told when the session knows whose it is, and when it has ended. */
  onReady(supervisorId: string, session: LinkSession): void;
  onClosed(session: LinkSession, supervisorId: string | undefined): void;
}

/**
 * One agent's stream. What arrives is handled one after the other; what cannot be written down closes the stream, and
 * the agent says all of it again in the hello of the next one.
 */
export class LinkSession {
  private readonly logger = new Logger(LinkSession.name);
  private supervisorId?: string;
  private epoch = 0;
  private driver = '';
  private waiting = 0;
  private closed = false;
  private work: Promise<void> = Promise.resolve();
  private readonly helloTimer: NodeJS.Timeout;
  private readonly expiryTimer: NodeJS.Timeout | undefined;
  /** What the agent was last told of each instance. */
  private readonly told = new Map<string, string>();
  /** Changes that come before the snapshot is sent; they are looked up again after it. */
  private early: Set<string> | undefined = new Set();

  constructor(
    private readonly stream: LinkStream,
    private readonly dependencies: SessionDependencies,
  ) {
    this.helloTimer = setTimeout(() => this.close(invalidArgument('no hello within 10 s')), HELLO_TIMEOUT);
    this.expiryTimer = this.whenExpired(dependencies.caller.expiresAt);
    stream.on('data', (message) => this.enqueue(() => this.handle(message)));
    stream.on('end', () => this.enqueue(() => this.farewell()));
    stream.on('cancelled', () => this.lose());
    stream.on('error', () => this.lose());
  }

  /** Tells the agent of an instance that is wanted, changed, or not wanted any more. */
  assign(id: string, plugin: InstalledPlugin | undefined): void {
    if (this.early !== undefined) this.early.add(id);
    else this.enqueue(() => this.sendChange(id, plugin));
  }

  /** What this connection says does not count any more when its supervisor has a newer epoch, or is removed. */
  fence(supervisor: Supervisor | undefined): void {
    if (supervisor === undefined) this.close(endOf('over'));
    else if (this.epoch !== 0 && supervisor.epoch > this.epoch) {
      this.close(endOf(supervisor.lost ? 'over' : 'replaced'));
    }
  }

  /** Ends the stream; the agent is told why, and connects anew where that makes sense. */
  close(error: BerthError): void {
    if (this.closed) return;
    this.logger.warn({ msg: 'Link closed.', supervisor_id: this.supervisorId, reason: error.message });
    this.forget();
    refuse(this.stream, error);
  }

  private enqueue(task: () => Promise<void>): void {
    if (++this.waiting > MAX_WAITING) {
      this.close(new BerthError('ERROR_UNAVAILAVBLE', 'The agent is too slow: connect anew.'));
      return;
    }
    this.work = this.work.then(async () => {
      this.waiting--;
      if (this.closed) return;
      try {
        await task();
      } catch (error) {
        this.fail(error);
      }
    });
  }

  private fail(error: unknown): void {
    const told = error instanceof BerthError ? error : databaseError(error);
    if (told === undefined) {
      this.logger.error({
        msg: 'Unforeseen error on the link.',
        supervisor_id: this.supervisorId,
        error: String(error),
      });
    }
    this.close(told ?? unforeseen());
  }

  private async handle(message: AgentMessage | UnreadableRequest): Promise<void> {
    if (message instanceof UnreadableRequest) throw message.error;
    if (this.supervisorId === undefined) {
      if (message.hello === undefined) throw invalidArgument('the first message must be hello');
      await this.greet(message.hello);
    } else if (message.heartbeat !== undefined) {
      const { connections, lease } = this.dependencies;
      const renewal = await connections.renew(this.supervisorId, this.epoch, lease);
      if (renewal !== 'renewed') throw endOf(renewal);
    } else if (message.report !== undefined) {
      await this.dependencies.reports.applyReport(this.identity(), readReport(message.report));
    } else {
      throw invalidArgument('the message is neither heartbeat nor report');
    }
  }

  private checkDomain(domainId: string): void {
    if (this.dependencies.caller.mayServe(domainId)) return;
    throw permissionDenied('the caller does not act for this domain', { 'hello.domain_id': domainId });
  }

  /** An agent lives longer than its token: from time to time it has to show that it is given new ones. */
  private whenExpired(expiresAt: number): NodeJS.Timeout | undefined {
    if (expiresAt === Infinity) return undefined;
    const expired = () => this.close(unavailable('the token of the agent has expired: connect anew with a newer one'));
    return setTimeout(expired, Math.min(expiresAt - Date.now(), LONGEST_TIMER));
  }

  private async greet(hello: Hello): Promise<void> {
    clearTimeout(this.helloTimer);
    const announcement = readHello(hello);
    this.checkDomain(announcement.domainId);
    const reports = (hello.instances ?? []).map(readReport);
    const { connections, installed, lease, heartbeatInterval, onReady } = this.dependencies;
    const supervisor = await connections.open(announcement, lease);
    this.supervisorId = supervisor.id;
    this.epoch = supervisor.epoch;
    this.driver = hello.driver ?? '';
    onReady(supervisor.id, this);
    await this.dependencies.reports.takeStock(this.identity(), reports);
    this.logger.log({
      msg: 'Supervisor connected.',
      supervisor_id: supervisor.id,
      name: supervisor.name,
      state: supervisor.state,
      epoch: supervisor.epoch,
      instances: reports.length,
    });
    this.send({
      welcome: {
        supervisor_id: supervisor.id,
        epoch: supervisor.epoch,
        heartbeat_interval_ms: heartbeatInterval,
        lease_ms: lease,
      },
    });
    const plugins = await installed.findBySupervisor(supervisor.id);
    const assigned = await Promise.all(plugins.map((plugin) => this.assignmentOf(plugin)));
    for (const plugin of plugins) this.told.set(plugin.id, wishOf(plugin));
    this.send({ assignments: { snapshot: true, assigned, removed: [] } });
    const early = this.early ?? new Set();
    this.early = undefined;
    for (const id of early) this.enqueue(async () => this.sendChange(id, await installed.find(id)));
  }

  private async sendChange(id: string, plugin: InstalledPlugin | undefined): Promise<void> {
    const change: Assignments = { snapshot: false, assigned: [], removed: [] };
    if (plugin !== undefined && this.told.get(id) === wishOf(plugin)) return;
    if (plugin === undefined) {
      this.told.delete(id);
      const key = id.slice(id.indexOf('/') + 1);
      const at = key.lastIndexOf('@');
      change.removed = [{ plugin_id: key.slice(0, at), version: key.slice(at + 1) }];
    } else {
      this.told.set(id, wishOf(plugin));
      change.assigned = [await this.assignmentOf(plugin)];
    }
    this.send({ assignments: change });
  }

  private assignmentOf(plugin: InstalledPlugin): Promise<Assignment> {
    const { catalog, installed } = this.dependencies;
    const tellAgain = (id: string) => {
      this.told.delete(id);
      this.enqueue(async () => this.sendChange(id, await installed.find(id)));
    };
    return assignmentOf({ catalog, driver: this.driver, ended: () => this.closed, tellAgain }, plugin);
  }

  private send(message: ServerMessage): void {
    if (!this.closed) this.stream.write(message);
  }

  /** The agent has ended the stream in good order: it is going away and does not want to be waited for. */
  private async farewell(): Promise<void> {
    if (this.supervisorId !== undefined) await this.dependencies.connections.release(this.supervisorId, this.epoch);
    this.logger.log({ msg: 'Supervisor said goodbye.', supervisor_id: this.supervisorId });
    this.stream.end();
    this.forget();
  }

  /** The stream broke: the agent did not end it, nor did this side. */
  private lose(): void {
    if (this.closed) return;
    if (this.supervisorId !== undefined) void this.dependencies.connections.broke(this.supervisorId, this.epoch);
    this.forget();
  }

  private forget(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.helloTimer);
    clearTimeout(this.expiryTimer);
    this.dependencies.onClosed(this, this.supervisorId);
  }

  private identity() {
    return { supervisorId: this.supervisorId ?? '', epoch: this.epoch };
  }
}

/** What there is to tell of an instance: another one, or a newer generation of it. */
function wishOf({ createdAt, generation }: InstalledPlugin): string {
  return `${createdAt}#${generation}`;
}

/**
 * Why a connection counts no more. An agent that slept past its lease shall connect again at once and say what it runs;
 * one that has a double shall not.
 */
function endOf(renewal: Exclude<LeaseRenewal, 'renewed'>): BerthError {
  return renewal === 'over'
    ? new BerthError('ERROR_UNAVAILAVBLE', 'The lease of this connection is over: connect anew.')
    : new BerthError('ERROR_SUPERVISOR_STATE', 'Another connection of this supervisor took its place.');
}
