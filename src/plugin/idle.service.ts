import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service.js';
import { IdleBindings } from '../installed-plugin/idle-bindings.service.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import { CallLog } from './call-log.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';

/** So often in the shortest of the times after which something is idle it is looked what is. */
const LOOKS = 20;
const LONGEST_PAUSE = 600_000;
const SHORTEST_PAUSE = 250;
const FIRST_PAUSE = 1_000;

/**
 * Removes what nobody asks for. Each process writes down what it was asked for, and looks; what is removed is decided by
 * the database, once.
 */
@Injectable()
export class IdleRemoval implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(IdleRemoval.name);
  private timer?: NodeJS.Timeout;
  private ttls: ReadonlyMap<string, number> = new Map();
  private stopped = false;
  /** Bindings that are to be kept, until that is written down. */
  private readonly objections = new Set<string>();

  constructor(
    private readonly idle: IdleBindings,
    private readonly calls: CallLog,
    private readonly catalog: CatalogService,
    installed: InstalledPluginService,
    @Inject(PLUGIN_OPTIONS) private readonly options: PluginOptions,
  ) {
    installed.onBindingChange((id, binding) => {
      if (binding?.idle && this.calls.last(id) > Date.now() - this.ttlOf(binding.pluginId)) this.object(id);
    });
  }

  onModuleInit(): void {
    this.lookIn(FIRST_PAUSE);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.writeCalls().catch(() => undefined);
  }

  /** This process has handed out what another takes for idle. */
  private object(id: string): void {
    this.objections.add(id);
    this.keep(id).catch((error: unknown) => {
      this.logger.warn({ msg: 'A binding in use cannot be kept now, and is soon.', binding: id, error: String(error) });
    });
  }

  private async keep(id: string): Promise<void> {
    await this.idle.keep(id);
    this.objections.delete(id);
  }

  private schedule(): void {
    const shortest = Math.min(...[this.options.idleTtl, ...this.ttls.values()].filter((ttl) => ttl > 0));
    const pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, shortest / LOOKS));
    this.lookIn(pause);
  }

  private lookIn(pause: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.look()
        .catch((error: unknown) => this.logger.debug({ msg: 'Idle plugins cannot be looked for now.', error }))
        .finally(() => this.schedule());
    }, pause).unref();
  }

  private async look(): Promise<void> {
    for (const id of this.objections) await this.keep(id);
    await this.writeCalls();
    this.ttls = this.catalog.idleTtls();
    const own = [...this.ttls.keys()];
    for (const [pluginId, ttl] of this.ttls) await this.mark(ttl, { $in: [pluginId] });
    await this.mark(this.options.idleTtl, { $nin: own });
    await this.idle.removeMarkedFor(this.options.endpointLease);
  }

  private async mark(ttl: number, plugins: { $in: string[] } | { $nin: string[] }): Promise<void> {
    if (ttl > 0) await this.idle.mark({ calledBefore: new Date(Date.now() - ttl), plugins });
  }

  private async writeCalls(): Promise<void> {
    const fresh = this.calls.fresh();
    await this.idle.noteCalls(fresh.calls);
    this.calls.settle(fresh, Date.now() - this.options.endpointLease);
  }

  private ttlOf(pluginId: string): number {
    return this.ttls.get(pluginId) ?? this.options.idleTtl;
  }
}
