import { Inject, Injectable } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Binding, InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import { SupervisorService } from '../supervisor/supervisor.service.js';
import { type BoundInstance, BoundInstances } from './bound-instances.js';
import { type Call, CallLog } from './call-log.js';
import { LatelyUsed, type Usable } from './lately-used.js';
import { type Offer, offerOf } from './offer.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';

/** What is known of a binding: the instance that it names, as it is now. */
export interface DirectoryEntry {
  readonly binding: Binding;
  readonly plugin: InstalledPlugin;
}

/** One that is in memory. */
export interface RememberedEntry extends DirectoryEntry {
  /** When it was last asked for. */
  readonly call: Call;
}

interface Known extends Usable {
  /** Made when it is first asked for, until something changes. */
  offer: Offer | undefined;
  readonly binding: Binding;
  readonly instance: BoundInstance;
  readonly call: Call;
}

/**
 * What was asked for and where it runs, in memory. A warm lookup ends here. Filled by those who miss, kept current by
 * the change feed, and where callers wait for something to change.
 *
 * Of more bindings than `directoryMax` those stay that were asked for lately, besides those that are waited for; the
 * others are read again when somebody asks.
 */
@Injectable()
export class EndpointDirectory {
  private readonly bindings: LatelyUsed<Known>;
  /** Waited for: no number of other bindings drives them out. */
  private readonly awaited = new Map<string, Known>();
  private readonly instances = new BoundInstances();
  /** What the feed has brought while somebody reads from the database: it may be newer than what is read. */
  private readonly recentPlugins = new Map<string, InstalledPlugin | undefined>();
  private readonly recentBindings = new Map<string, Binding | undefined>();
  private loads = 0;
  /** How often changes may have been missed. */
  private gaps = 0;
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(
    installed: InstalledPluginService,
    supervisors: SupervisorService,
    feed: ChangeFeed,
    private readonly calls: CallLog,
    @Inject(PLUGIN_OPTIONS) { directoryMax }: PluginOptions,
  ) {
    this.bindings = new LatelyUsed(directoryMax, ({ binding }) => this.unlink(binding));
    installed.onChange((id, plugin) => this.pluginChanged(id, plugin));
    installed.onBindingChange((id, binding) => this.bindingChanged(id, binding));
    supervisors.onChange((id) => this.supervisorChanged(id));
    feed.onGap(() => this.clear());
  }

  /** What may be handed out for the binding, where its supervisor can be reached. */
  offer(bindingId: string): Offer | undefined {
    const known = this.bindings.use(bindingId) ?? this.awaited.get(bindingId);
    if (known === undefined) return undefined;
    if (known.offer === undefined && known.instance.plugin !== undefined)
      known.offer = offerOf(known.binding, known.instance.plugin, known.call);
    return known.offer;
  }

  get(bindingId: string): RememberedEntry | undefined {
    const known = this.bindings.use(bindingId) ?? this.awaited.get(bindingId);
    return known && entryOf(known);
  }

  *entries(): Iterable<RememberedEntry> {
    for (const bindings of [this.awaited, this.bindings]) {
      for (const known of bindings.values()) {
        const entry = entryOf(known);
        if (entry !== undefined) yield entry;
      }
    }
  }

  /**
   * Fills the entry with what `read` gets from the database, unless the feed has brought something newer meanwhile, or
   * may have failed to.
   */
  async load(read: () => Promise<DirectoryEntry>): Promise<void> {
    this.loads++;
    const { gaps } = this;
    try {
      const { binding, plugin } = await read();
      // What was read before a gap may have changed in it.
      if (gaps !== this.gaps) return;
      if (this.deleted(this.recentBindings, binding.id) || this.deleted(this.recentPlugins, plugin.id)) return;
      const same = withTextsOf(plugin, binding);
      this.setBinding(newer(this.known(binding.id)?.binding, newer(this.recentBindings.get(binding.id), same)));
      const instance = this.instances.get(plugin.id);
      if (instance) {
        this.setPlugin(instance, newer(instance.plugin, newer(this.recentPlugins.get(plugin.id), plugin)));
      }
      this.wake(binding.id);
    } finally {
      this.loads--;
      if (this.loads === 0) {
        this.recentPlugins.clear();
        this.recentBindings.clear();
      }
    }
  }

  /** Resolves when something about the binding may have changed, or the signal is aborted. */
  changed(bindingId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(bindingId) ?? new Set();
      this.waiting.set(bindingId, waiters);
      this.keep(bindingId);
      const done = () => {
        waiters.delete(done);
        if (waiters.size === 0 && this.waiting.get(bindingId) === waiters) this.release(bindingId);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) return done();
      waiters.add(done);
      signal.addEventListener('abort', done);
    });
  }

  private pluginChanged(id: string, plugin: InstalledPlugin | undefined): void {
    if (this.loads > 0) this.recentPlugins.set(id, plugin);
    const instance = this.instances.get(id);
    if (instance === undefined) return;
    this.setPlugin(instance, plugin && newer(instance.plugin, plugin));
    for (const bindingId of instance.bindingIds) this.wake(bindingId);
  }

  private bindingChanged(id: string, binding: Binding | undefined): void {
    if (this.loads > 0) this.recentBindings.set(id, binding);
    const known = this.known(id)?.binding;
    if (known === undefined) return;
    if (binding === undefined) this.dropBinding(known);
    else this.setBinding(newer(known, binding));
    this.wake(id);
  }

  private supervisorChanged(supervisorId: string): void {
    for (const [id, { binding }] of this.awaited) if (binding.supervisorId === supervisorId) this.wake(id);
  }

  /** Without counting as asked for. */
  private known(bindingId: string): Known | undefined {
    return this.awaited.get(bindingId) ?? this.bindings.peek(bindingId);
  }

  private setPlugin(instance: BoundInstance, plugin: InstalledPlugin | undefined): void {
    instance.plugin = plugin;
    for (const id of instance.bindingIds) {
      const known = this.known(id);
      if (known !== undefined) known.offer = undefined;
    }
  }

  private setBinding(binding: Binding): void {
    const { id, installedPluginId } = binding;
    const known = this.known(id);
    if (known !== undefined && known.binding.installedPluginId !== installedPluginId) this.unlink(known.binding);
    const instance = this.instances.bind(installedPluginId, id);
    const call = known?.call ?? this.calls.of(id);
    const now = { offer: undefined, used: known?.used ?? false, binding, instance, call };
    if (this.waiting.has(id)) this.awaited.set(id, now);
    else this.bindings.set(id, now);
  }

  private dropBinding(binding: Binding): void {
    this.awaited.delete(binding.id);
    this.bindings.delete(binding.id);
    this.unlink(binding);
  }

  private unlink({ id, installedPluginId }: Binding): void {
    this.instances.unbind(installedPluginId, id);
  }

  private keep(bindingId: string): void {
    const known = this.bindings.peek(bindingId);
    if (known === undefined) return;
    this.bindings.delete(bindingId);
    this.awaited.set(bindingId, known);
  }

  private release(bindingId: string): void {
    this.waiting.delete(bindingId);
    const known = this.awaited.get(bindingId);
    if (known === undefined) return;
    this.awaited.delete(bindingId);
    this.bindings.set(bindingId, known);
  }

  /** Changes may have been missed: everything is read anew when it is next asked for. */
  private clear(): void {
    this.gaps++;
    this.bindings.clear();
    this.awaited.clear();
    this.instances.clear();
    for (const id of [...this.waiting.keys()]) this.wake(id);
  }

  private deleted(recent: ReadonlyMap<string, unknown>, id: string): boolean {
    return recent.has(id) && recent.get(id) === undefined;
  }

  private wake(bindingId: string): void {
    for (const waiter of [...(this.waiting.get(bindingId) ?? [])]) waiter();
  }
}

/** Undefined while the instance is not known. */
function entryOf({ binding, instance, call }: Known): RememberedEntry | undefined {
  const { plugin } = instance;
  return plugin && { binding, plugin, call };
}

function newer<T extends { readonly revision: number }>(known: T | undefined, other: T): T {
  return known !== undefined && known.revision > other.revision ? known : other;
}

/** The binding with the instance's own texts where they are the same: of a hundred thousand it is worth to keep one. */
function withTextsOf(plugin: InstalledPlugin, binding: Binding): Binding {
  if (binding.installedPluginId !== plugin.id) return binding;
  const { id: installedPluginId, supervisorId, pluginId, version } = plugin;
  return { ...binding, installedPluginId, supervisorId, pluginId, version };
}
