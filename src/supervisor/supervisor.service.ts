import { Injectable } from '@nestjs/common';
import { installedPluginExists, notFound, supervisorState } from '../common/errors/errors.js';
import type { Query, StatisticsQuery } from '../generated/spaceone/api/core/v2/query.js';
import type { InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import type { PublishedPlugin } from '../installed-plugin/published-plugin.js';
import { type InstanceName, RepairService } from '../installed-plugin/repair.service.js';
import { SupervisorReports } from '../installed-plugin/supervisor-reports.service.js';
import { compileQuery, compileStat, type Rows } from '../query/index.js';
import type { Supervisor, SupervisorAnnouncement, SupervisorSettings } from './supervisor.js';
import { type Choice, chooseSupervisor, type Demand, refusal } from './supervisor-choice.js';
import { SupervisorConnections } from './supervisor-connections.js';
import { SupervisorDirectory } from './supervisor-directory.js';
import { supervisorFields } from './supervisor.fields.js';
import { type SupervisorMatch, SupervisorQueryRepository } from './supervisor.query.repository.js';
import { SupervisorRepository } from './supervisor.repository.js';
import { SupervisorTransitions } from './supervisor-transitions.js';
import type { SupervisorAction } from './supervisor-state.js';

/** The supervisors of all domains: who they are, what they may do, and which of them takes a plugin. */
@Injectable()
export class SupervisorService {
  constructor(
    private readonly repository: SupervisorRepository,
    private readonly queries: SupervisorQueryRepository,
    private readonly directory: SupervisorDirectory,
    private readonly connections: SupervisorConnections,
    private readonly installed: InstalledPluginService,
    private readonly reports: SupervisorReports,
    private readonly repair: RepairService,
    private readonly transitions: SupervisorTransitions,
  ) {}

  /** A supervisor as this process knows it now, without asking the database. */
  find(supervisorId: string): Supervisor | undefined {
    return this.directory.find(supervisorId);
  }

  /** Calls the listener when what may be done with a supervisor has changed; undefined when it is gone. */
  onChange(listener: (id: string, supervisor: Supervisor | undefined) => void): void {
    this.directory.onChange(listener);
  }

  /** Whether the supervisor is lost, and its plugins stay where they are: most vanished with it. */
  isAwaited(supervisorId: string): boolean {
    return this.directory.isAwaited(supervisorId);
  }

  /**
   * The supervisor that should take the plugin, and why it is not another one.
   *
   * @param leaving the supervisor that the plugin shall leave
   */
  async choose(demand: Demand, leaving?: string): Promise<Choice> {
    const all = [...this.directory.all()].filter(({ id }) => id !== leaving);
    const limited = all.filter((supervisor) => supervisor.capacity > 0 && refusal(supervisor, demand) === undefined);
    const [installed, counts] = await Promise.all([
      this.installed.findByVersion(demand.pluginId, demand.version),
      limited.length > 0 ? this.installed.countBySupervisors(limited.map(({ id }) => id)) : new Map<string, number>(),
    ]);
    const there = new Map(installed.map((plugin) => [plugin.supervisorId, plugin]));
    return chooseSupervisor(all, demand, (id) => ({
      state: there.get(id)?.state,
      privateTo: there.get(id)?.privateTo,
      instances: counts.get(id),
    }));
  }

  /**
   * A supervisor without a link says who it is and what it runs.
   *
   * @throws BerthError ERROR_SUPERVISOR_STATE while a link keeps it connected
   */
  async publish(announcement: SupervisorAnnouncement, plugins: readonly PublishedPlugin[]): Promise<Supervisor> {
    const publication = await this.connections.heard(announcement);
    if (publication === undefined) throw supervisorState(announcement.hostname, 'connected by a link', 'publish');
    const { supervisor, number } = publication;
    await this.reports.takePublished({ supervisorId: supervisor.id, epoch: supervisor.epoch, number }, plugins);
    return supervisor;
  }

  /** @throws BerthError ERROR_NOT_FOUND, ERROR_SUPERVISOR_STATE */
  register(id: string, domainId: string, settings: SupervisorSettings): Promise<Supervisor> {
    return this.act('register', id, domainId, settings);
  }

  /** @throws BerthError ERROR_NOT_FOUND */
  async update(id: string, domainId: string, settings: SupervisorSettings): Promise<Supervisor> {
    const changed = found(id, await this.repository.update(id, domainId, settings));
    this.directory.know(changed);
    return changed;
  }

  /** @throws BerthError ERROR_NOT_FOUND, ERROR_SUPERVISOR_STATE */
  enable(id: string, domainId: string): Promise<Supervisor> {
    return this.act('enable', id, domainId);
  }

  /** @throws BerthError ERROR_NOT_FOUND, ERROR_SUPERVISOR_STATE */
  disable(id: string, domainId: string): Promise<Supervisor> {
    return this.act('disable', id, domainId);
  }

  /** @throws BerthError ERROR_NOT_FOUND, ERROR_INSTALLED_PLUGIN_EXIST */
  async deregister(id: string, domainId: string): Promise<void> {
    await this.own(id, domainId);
    // A binding made between the count and the removal names a supervisor that is gone; the next call moves it.
    const count = await this.installed.countBySupervisor(id);
    if (count > 0) throw installedPluginExists(id, count);
    this.transitions.removed(found(id, await this.repository.delete(id, domainId)));
    this.directory.forget(id);
  }

  /**
   * A supervisor that the domain may see: its own, or a public one.
   *
   * @throws BerthError ERROR_NOT_FOUND
   */
  async get(id: string, domainId: string): Promise<Supervisor> {
    const supervisor = await this.repository.findById(id);
    return found(id, supervisor?.domainId === domainId || supervisor?.isPublic ? supervisor : undefined);
  }

  /**
   * The supervisors that the domain may see.
   *
   * @throws BerthError of a query that cannot be asked
   */
  list(domainId: string, match: SupervisorMatch, query: Query | undefined): Promise<Rows> {
    return this.queries.findVisible(domainId, match, compileQuery(query, supervisorFields));
  }

  /**
   * Statistics over the supervisors that the domain may see.
   *
   * @throws BerthError of a query that cannot be asked
   */
  stat(domainId: string, query: StatisticsQuery): Promise<Record<string, unknown>> {
    return this.queries.statVisible(domainId, compileStat(query, supervisorFields));
  }

  /** @throws BerthError ERROR_NOT_FOUND, ERROR_NOT_SUPPORT_RECOVER_PLUGIN */
  recoverPlugin(name: InstanceName): Promise<InstalledPlugin> {
    return this.repair.recover(name);
  }

  private async own(id: string, domainId: string): Promise<Supervisor> {
    const supervisor = await this.repository.findById(id);
    return found(id, supervisor?.domainId === domainId ? supervisor : undefined);
  }

  private async act(
    action: SupervisorAction,
    id: string,
    domainId: string,
    settings?: SupervisorSettings,
  ): Promise<Supervisor> {
    const changed = await this.repository.act(action, id, domainId, settings);
    if (changed !== undefined) {
      this.directory.know(changed);
      return changed;
    }
    const { state } = await this.own(id, domainId);
    throw supervisorState(id, state, action);
  }
}

function found(id: string, supervisor: Supervisor | undefined): Supervisor {
  if (supervisor === undefined) throw notFound('supervisor_id', id);
  return supervisor;
}
