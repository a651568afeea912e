import {
  type Binding,
  bindingId,
  type BindingKey,
  type BindingTarget,
  type InstalledPlugin,
  installedPluginId,
} from '../installed-plugin/installed-plugin.js';
import { installed } from '../installed-plugin/installed-plugin.fixture.js';
import type { Supervisor, SupervisorState } from '../supervisor/supervisor.js';
import type { Choice, Demand } from '../supervisor/supervisor-choice.js';
import { supervisor } from '../supervisor/supervisor.fixture.js';

export const request = { domainId: 'domain-a', pluginId: 'plugin-a', version: '1.0.0', auto: false, selector: {} };

/** The rooms that the plugin room uses, in memory: what is written is told to whoever listens, as the feed would. */
export class Installed {
  readonly bindings = new Map<string, Binding>();
  readonly plugins = new Map<string, InstalledPlugin>();
  reads = 0;
  binds = 0;
  /** Runs after an instance was read and before the reader sees it. */
  beforeAnswer: () => void = () => undefined;
  private tell: (id: string, plugin: InstalledPlugin | undefined) => void = () => undefined;
  private tellBinding: (id: string, binding: Binding | undefined) => void = () => undefined;

  onChange(listener: typeof this.tell): void {
    this.tell = listener;
  }

  onBindingChange(listener: typeof this.tellBinding): void {
    this.tellBinding = listener;
  }

  findBinding(key: BindingKey): Promise<Binding | undefined> {
    this.reads++;
    return Promise.resolve(this.bindings.get(bindingId(key)));
  }

  bind(key: BindingKey, { supervisorId }: BindingTarget): Promise<Binding> {
    this.binds++;
    const id = bindingId(key);
    const made = this.bindings.get(id) ?? this.bound(key, supervisorId, 1);
    this.bindings.set(id, made);
    return Promise.resolve(made);
  }

  rebind(binding: Binding, { supervisorId }: BindingTarget): Promise<Binding> {
    const moved = this.bound(binding, supervisorId, binding.revision + 1);
    this.bindings.set(binding.id, moved);
    this.tellBinding(binding.id, moved);
    return Promise.resolve(moved);
  }

  find(id: string): Promise<InstalledPlugin | undefined> {
    return Promise.resolve(this.plugins.get(id));
  }

  findByVersion(): Promise<InstalledPlugin[]> {
    return Promise.resolve([...this.plugins.values()]);
  }

  /** Another instance of the plugin, that somebody else has asked for. */
  add(supervisorId: string, changes: Partial<InstalledPlugin>): void {
    const { pluginId, version } = request;
    const binding = this.bound({ ...request, domainId: 'domain-b', pluginId, version }, supervisorId, 1);
    const plugin = { ...this.installed(binding, 'domain-a'), ...changes };
    this.plugins.set(plugin.id, plugin);
  }

  async ensure(binding: Binding, { supervisorDomainId }: BindingTarget): Promise<InstalledPlugin> {
    const id = binding.installedPluginId;
    const read = { ...(this.plugins.get(id) ?? this.installed(binding, supervisorDomainId)), retiring: false };
    this.plugins.set(id, read);
    this.beforeAnswer();
    await Promise.resolve();
    return read;
  }

  findBindings(domainId: string, pluginId: string): Promise<Binding[]> {
    const all = [...this.bindings.values()];
    return Promise.resolve(all.filter((known) => known.domainId === domainId && known.pluginId === pluginId));
  }

  change(supervisorId: string, changes: Partial<InstalledPlugin>, version = request.version): void {
    const id = installedPluginId(supervisorId, request.pluginId, version);
    const before = this.plugins.get(id);
    if (before === undefined) throw new Error(`${id} is not installed`);
    const after = { ...before, ...changes, revision: before.revision + 1 };
    this.plugins.set(id, after);
    this.tell(id, after);
  }

  private bound(key: BindingKey, supervisorId: string, revision: number): Binding {
    const installed = installedPluginId(supervisorId, key.pluginId, key.version);
    return {
      ...key,
      id: bindingId(key),
      supervisorId,
      installedPluginId: installed,
      privateTo: '',
      idle: false,
      revision,
    };
  }

  private installed(binding: Binding, supervisorDomainId: string): InstalledPlugin {
    const { supervisorId, pluginId, version, domainId } = binding;
    const asked = { supervisorId, pluginId, version, domainId, supervisorDomainId };
    return installed({ ...asked, state: 'PROVISIONING', observedGeneration: 0, incarnation: 0, endpoints: [] });
  }
}

export class Supervisors {
  readonly all = new Map<string, Supervisor>();
  private readonly listeners: ((id: string) => void)[] = [];

  onChange(listener: (id: string) => void): void {
    this.listeners.push(listener);
  }

  find(id: string): Supervisor | undefined {
    return this.all.get(id);
  }

  isAwaited(): boolean {
    return false;
  }

  choose(_: Demand, leaving?: string): Promise<Choice> {
    const taken = [...this.all.values()].find(({ id, state }) => state === 'ENABLED' && id !== leaving);
    return Promise.resolve({ taken, considered: [] });
  }

  set(id: string, state: SupervisorState, changes: Partial<Supervisor> = {}): void {
    this.all.set(id, supervisor(id, { state, lost: state === 'DISCONNECTED', ...changes }));
    for (const listener of this.listeners) listener(id);
  }
}
