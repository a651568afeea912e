import { Injectable, Logger } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import { cannotRecover, notFound } from '../common/errors/errors.js';
import type { Query } from '../generated/spaceone/api/core/v2/query.js';
import { compileQuery, type Rows } from '../query/index.js';
import { installedPluginFields } from './installed-plugin.fields.js';
import { type InstalledPluginMatch, InstalledPluginQueryRepository } from './installed-plugin.query.repository.js';
import {
  type Binding,
  bindingId,
  type BindingKey,
  type BindingTarget,
  type InstalledPlugin,
  installedPluginId,
} from './installed-plugin.js';
import { toBinding, toInstalledPlugin } from './installed-plugin.mapper.js';
import { InstalledPluginRepository, type Session } from './installed-plugin.repository.js';
import type { InstalledPluginDocument } from './installed-plugin.schema.js';
import { InstalledPluginRefRepository } from './installed-plugin-ref.repository.js';
import type { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';
import type { InstanceReport } from './instance-report.js';
import type { PublishedPlugin } from './published-plugin.js';

/** An instance as one caller names it. */
export interface InstanceName {
  readonly supervisorId: string;
  readonly pluginId: string;
  readonly version: string;
  /** The domain that asks. */
  readonly domainId: string;
}

/** What is installed where, what is wanted there, and who is bound to it. */
@Injectable()
export class InstalledPluginService {
  private readonly logger = new Logger(InstalledPluginService.name);

  constructor(
    private readonly plugins: InstalledPluginRepository,
    private readonly bindings: InstalledPluginRefRepository,
    private readonly queries: InstalledPluginQueryRepository,
    private readonly feed: ChangeFeed,
  ) {}

  /** Calls the listener with every change of an instance; undefined when it has been removed. */
  onChange(listener: (id: string, plugin: InstalledPlugin | undefined) => void): void {
    this.feed.on('installed_plugins', ({ id, document }) =>
      listener(id, document && toInstalledPlugin(document as unknown as InstalledPluginDocument)),
    );
  }

  /** Calls the listener with every change of a binding; undefined when it has been removed. */
  onBindingChange(listener: (id: string, binding: Binding | undefined) => void): void {
    this.feed.on('installed_plugin_refs', ({ id, document }) =>
      listener(id, document && toBinding(document as unknown as InstalledPluginRefDocument)),
    );
  }

  find(id: string): Promise<InstalledPlugin | undefined> {
    return this.plugins.findById(id);
  }

  findBinding(key: BindingKey): Promise<Binding | undefined> {
    return this.bindings.findById(bindingId(key));
  }

  findBySupervisor(supervisorId: string): Promise<InstalledPlugin[]> {
    return this.plugins.findBySupervisor(supervisorId);
  }

  countBySupervisor(supervisorId: string): Promise<number> {
    return this.plugins.countBySupervisor(supervisorId);
  }

  /** Ids of the supervisors that already have the plugin version. */
  supervisorsWith(pluginId: string, version: string): Promise<string[]> {
    return this.plugins.supervisorsWith(pluginId, version);
  }

  /**
   * The instances on the domain's own supervisors, and those that it is bound to elsewhere.
   *
   * @throws BerthError of a query that cannot be asked
   */
  async list(domainId: string, match: InstalledPluginMatch, query: Query | undefined): Promise<Rows> {
    const compiled = compileQuery(query, installedPluginFields);
    return this.queries.findVisible(domainId, await this.bindings.installedPluginIdsOf(domainId), match, compiled);
  }

  /** Binds the key to the supervisor unless it is bound already; the first of several callers decides for all. */
  bind(key: BindingKey, target: BindingTarget): Promise<Binding> {
    return this.bindings.bind(key, target);
  }

  /** Moves a binding to another supervisor, or follows whoever did so before. */
  async rebind(binding: Binding, target: BindingTarget): Promise<Binding> {
    const moved = await this.bindings.rebind(binding, target);
    if (moved !== undefined) {
      this.logger.log({
        msg: 'Binding moved.',
        binding: binding.id,
        from: binding.supervisorId,
        to: target.supervisorId,
      });
    }
    return moved ?? (await this.bindings.findById(binding.id)) ?? (await this.bindings.bind(binding, target));
  }

  /** The instance that a binding names, wanted from now on if it was not before. */
  ensure(binding: Binding, target: BindingTarget): Promise<InstalledPlugin> {
    return this.plugins.ensure(binding, target);
  }

  /**
   * Has an instance replaced because a caller says that it misbehaves. Durable when it resolves. An instance that is
   * being replaced already is left to it.
   *
   * @throws BerthError ERROR_NOT_FOUND when the domain has no such instance
   */
  async reportFailure(name: InstanceName): Promise<void> {
    const { id } = await this.visible(name);
    const replaced = await this.plugins.requestReplacement(id, 'a caller reported a failure');
    if (replaced !== undefined) {
      this.logger.log({
        msg: 'Replacement wanted.',
        instance: id,
        generation: replaced.generation,
        domain_id: name.domainId,
      });
    }
  }

  /**
   * Starts an ERROR or ACTIVE instance afresh.
   *
   * @throws BerthError ERROR_NOT_FOUND, ERROR_NOT_SUPPORT_RECOVER_PLUGIN
   */
  async recover(name: InstanceName): Promise<InstalledPlugin> {
    const { id } = await this.visible(name);
    const recovered = await this.plugins.requestRecovery(id);
    if (recovered !== undefined) return recovered;
    const { state } = await this.visible(name);
    throw cannotRecover(name.pluginId, name.version, state);
  }

  /** A supervisor has connected: what it reports is all that it runs, and older connections do not count any more. */
  async takeStock(session: Session, reports: readonly InstanceReport[]): Promise<void> {
    await this.plugins.fence(session);
    await this.plugins.markMissing(
      session,
      reports.map(({ pluginId, version }) => installedPluginId(session.supervisorId, pluginId, version)),
    );
    for (const report of reports) await this.applyReport(session, report);
  }

  /** A supervisor without a link has published all that it runs. */
  async takePublished(supervisorId: string, plugins: readonly PublishedPlugin[]): Promise<void> {
    const serving = plugins.filter(({ active, endpoints }) => active && endpoints.length > 0);
    await this.plugins.markUnpublished(
      supervisorId,
      serving.map(({ pluginId, version }) => installedPluginId(supervisorId, pluginId, version)),
    );
    for (const plugin of serving) await this.plugins.markPublished(supervisorId, plugin);
  }

  /** Writes down what a supervisor says of an instance, unless it speaks of a generation that is not wanted any more. */
  async applyReport(session: Session, report: InstanceReport): Promise<void> {
    const changed = await this.write(session, report);
    if (!changed) return;
    const { phase, pluginId, version, generation, incarnation, reason } = report;
    this.logger.log({
      msg: `Instance is ${phase}.`,
      supervisor_id: session.supervisorId,
      plugin_id: pluginId,
      version,
      generation,
      incarnation,
      ...(reason !== '' && { reason }),
    });
  }

  private write(session: Session, report: InstanceReport): Promise<boolean> {
    switch (report.phase) {
      case 'READY':
        return this.plugins.markReady(session, report);
      case 'STARTING':
      case 'DOWN':
      case 'STOPPED':
        return this.plugins.markRestarting(session, report);
      case 'FAILED':
        return this.plugins.markFailed(session, report);
    }
  }

  private async visible({ supervisorId, pluginId, version, domainId }: InstanceName): Promise<InstalledPlugin> {
    const id = installedPluginId(supervisorId, pluginId, version);
    const plugin = await this.plugins.findById(id);
    const mine =
      plugin !== undefined && (plugin.supervisorDomainId === domainId || (await this.bindings.isBound(domainId, id)));
    if (!mine) throw notFound('installed_plugin', `${supervisorId}, ${pluginId}, ${version}`);
    return plugin;
  }
}
