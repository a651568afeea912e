import { Injectable, Logger } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Query } from '../generated/spaceone/api/core/v2/query.js';
import { type CompiledQuery, compileQuery, type Rows } from '../query/index.js';
import { installedPluginFields } from './installed-plugin.fields.js';
import { type InstalledPluginMatch, InstalledPluginQueryRepository } from './installed-plugin.query.repository.js';
import {
  type Binding,
  bindingId,
  type BindingKey,
  type BindingTarget,
  type InstalledPlugin,
} from './installed-plugin.js';
import { InstanceOutputRepository } from './instance-output.repository.js';
import { IdleRepository } from './idle.repository.js';
import { DeliveryRepository } from './delivery.repository.js';
import { toBinding, toDeliveries, toInstalledPlugin } from './installed-plugin.mapper.js';
import { InstalledPluginRepository } from './installed-plugin.repository.js';
import type { InstalledPluginDocument } from './installed-plugin.schema.js';
import { InstalledPluginRefRepository } from './installed-plugin-ref.repository.js';
import type { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';
import { RemovalService } from './removal.service.js';

export type { InstalledPluginMatch } from './installed-plugin.query.repository.js';

/** What is installed where, what is wanted there, and who is bound to it. */
@Injectable()
export class InstalledPluginService {
  private readonly logger = new Logger(InstalledPluginService.name);

  constructor(
    private readonly plugins: InstalledPluginRepository,
    private readonly bindings: InstalledPluginRefRepository,
    private readonly queries: InstalledPluginQueryRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly removal: RemovalService,
    private readonly idle: IdleRepository,
    private readonly outputs: InstanceOutputRepository,
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

  /** All that is kept of what the instance printed before it failed last. */
  async outputOf(id: string): Promise<string> {
    return (await this.outputs.find(id)) ?? '';
  }

  /** The binding of the key, without using it: one that is about to be removed is left to that. */
  lookAtBinding(key: BindingKey): Promise<Binding | undefined> {
    return this.bindings.findById(bindingId(key));
  }

  /** The binding of the key; one that was about to be removed stays. */
  async findBinding(key: BindingKey): Promise<Binding | undefined> {
    const known = await this.bindings.findById(bindingId(key));
    return known?.idle ? ((await this.idle.keep(known.id)) ?? this.bindings.findById(known.id)) : known;
  }

  /** What the domain is bound to of the plugin, in any version and with any labels. */
  findBindings(domainId: string, pluginId: string): Promise<Binding[]> {
    return this.bindings.findByPlugin(domainId, pluginId);
  }

  /** Ids of the instances that the domain is bound to. */
  boundIdsOf(domainId: string): Promise<string[]> {
    return this.bindings.installedPluginIdsOf(domainId);
  }

  /** Whether the domain is bound to the instance. */
  isBound(domainId: string, id: string): Promise<boolean> {
    return this.bindings.isBound(domainId, id);
  }

  findBySupervisor(supervisorId: string): Promise<InstalledPlugin[]> {
    return this.plugins.findBySupervisor(supervisorId);
  }

  countBySupervisor(supervisorId: string): Promise<number> {
    return this.plugins.countBySupervisor(supervisorId);
  }

  /** Every instance of the plugin version, whoever asked for it. */
  findByVersion(pluginId: string, version: string): Promise<InstalledPlugin[]> {
    return this.plugins.findByVersion(pluginId, version);
  }

  /** How many instances each of the supervisors has; those that have none are left out. */
  countBySupervisors(supervisorIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.plugins.countBySupervisors(supervisorIds);
  }

  /**
   * The instances on the domain's own supervisors, and those that it is bound to elsewhere.
   *
   * Asked with a hostname, it is how a supervisor without a link learns what it shall run: it is told all of it, however
   * much that is, since it removes what it is not told of; and that it was told is written down.
   *
   * @param signal aborted when the caller does not hear the answer any more
   * @throws BerthError of a query that cannot be asked
   */
  async list(
    domainId: string,
    match: InstalledPluginMatch,
    query: Query | undefined,
    signal?: AbortSignal,
  ): Promise<Rows> {
    const polled = match.hostname !== undefined;
    const compiled = compileQuery(query, installedPluginFields);
    const bound = await this.bindings.installedPluginIdsOf(domainId);
    const all = polled && !query?.page?.limit;
    const rows = await this.queries.findVisible(domainId, bound, match, all ? unlimited(compiled) : compiled);
    if (polled && signal?.aborted !== true) await this.deliveries.markTold(toDeliveries(rows.rows));
    return rows;
  }

  /**
   * Binds the key to the supervisor unless it is bound already; the first of several callers decides for all.
   *
   * @param privateTo the domain that alone may use the plugin; empty where every domain may
   */
  bind(key: BindingKey, target: BindingTarget, privateTo = ''): Promise<Binding> {
    return this.bindings.bind(key, target, privateTo);
  }

  /**
   * Moves a binding to another supervisor, or follows whoever did so before. What it was bound to is removed, unless
   * others are bound to it.
   */
  async rebind(binding: Binding, target: BindingTarget): Promise<Binding> {
    const moved = await this.bindings.rebind(binding, target);
    if (moved !== undefined) {
      this.removeUnbound(binding.installedPluginId);
      this.logger.log({
        msg: 'Binding moved.',
        binding: binding.id,
        from: binding.supervisorId,
        to: target.supervisorId,
      });
    }
    return (
      moved ??
      (await this.bindings.findById(binding.id)) ??
      (await this.bindings.bind(binding, target, binding.privateTo))
    );
  }

  /**
   * The instance that a binding names, wanted from now on if it was not before. Where a plugin of the same name came first
   * that is private to another domain, or is not private, it is the instance of that.
   */
  async ensure(binding: Binding, target: BindingTarget): Promise<InstalledPlugin> {
    const { plugin, isNew } = await this.plugins.ensure(binding, target);
    // Whoever has moved the binding since it was read has found nothing to remove.
    if (isNew) this.removeUnbound(plugin.id);
    return plugin;
  }

  /** In the background: what cannot be removed now is removed when its supervisor connects again. */
  private removeUnbound(id: string): void {
    this.removal.removeUnbound(id).catch((error: unknown) => {
      this.logger.warn({ msg: 'An instance cannot be removed now.', instance: id, error });
    });
  }
}

/** The same query, all of its rows. */
function unlimited(query: CompiledQuery): CompiledQuery {
  return { ...query, rows: query.rows.filter((stage) => !('$limit' in stage)) };
}
