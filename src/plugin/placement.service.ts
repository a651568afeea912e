import { Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service.js';
import { noPossibleSupervisor } from '../common/errors/errors.js';
import { Semaphore } from '../common/semaphore.js';
import { SingleFlight } from '../common/single-flight.js';
import {
  type Binding,
  bindingId,
  type BindingKey,
  type BindingTarget,
  type InstalledPlugin,
} from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { type Demand, IS_ANOTHER_DOMAINS, refusal } from '../supervisor/supervisor-choice.js';
import { SupervisorService } from '../supervisor/supervisor.service.js';
import { type DirectoryEntry, EndpointDirectory } from './endpoint-directory.js';
import { isReady, unfit } from './offer.js';

/**
 * Bindings that are read or made at a time. A rush of others waits for them here: as many commands as there are callers
 * would have the database's own queue run out of time.
 */
const AT_A_TIME = 32;

/** Which supervisor serves a binding, and when it has to be another one. */
@Injectable()
export class Placement {
  private readonly resolving = new SingleFlight<void>();
  private readonly places = new Semaphore(AT_A_TIME);
  private readonly looking = new SingleFlight<InstalledPlugin[]>();

  constructor(
    private readonly directory: EndpointDirectory,
    private readonly installed: InstalledPluginService,
    private readonly supervisors: SupervisorService,
    private readonly catalog: CatalogService,
  ) {}

  /** Why the instance cannot be handed out now; undefined when it can. */
  refusalOf({ binding, plugin }: DirectoryEntry): string | undefined {
    const why = unfit(binding, plugin);
    if (why !== undefined) return why;
    return this.isReachable(binding.supervisorId) ? undefined : 'is on a supervisor that is lost';
  }

  /** Whether the entry has to wait for what happens where it is, and not to be resolved. */
  isSettled({ binding, plugin }: DirectoryEntry): boolean {
    return !plugin.retiring && !binding.idle && !this.mustMove(binding, plugin);
  }

  /** Binds the key to a supervisor that can be reached, and has the instance wanted there. Callers share one run. */
  resolve(key: BindingKey): Promise<void> {
    return this.resolving.run(bindingId(key), async () => {
      const leave = await this.places.acquire();
      try {
        await this.directory.load(() => this.readOrMake(key));
      } finally {
        leave();
      }
    });
  }

  private async readOrMake(key: BindingKey): Promise<DirectoryEntry> {
    const binding = await this.bind(key);
    const plugin = await this.ensure(binding);
    if (plugin.privateTo === binding.privateTo) return { binding, plugin };
    // A plugin of the same name, and another one, was wanted there in the same moment.
    const { taken } = await this.supervisors.choose(binding, binding.supervisorId);
    if (taken === undefined) throw noPossibleSupervisor(binding.pluginId, binding.selector);
    const moved = await this.installed.rebind(binding, target(taken));
    const other = await this.ensure(moved);
    if (other.privateTo !== moved.privateTo) throw noPossibleSupervisor(binding.pluginId, binding.selector);
    return { binding: moved, plugin: other };
  }

  private ensure(binding: Binding): Promise<InstalledPlugin> {
    const { supervisorId, domainId } = binding;
    const supervisorDomainId = this.supervisors.find(supervisorId)?.domainId ?? domainId;
    return this.installed.ensure(binding, { supervisorId, supervisorDomainId });
  }

  /**
   * Another instance that the key could be served by while its own is repaired.
   *
   * @returns undefined when there is none
   */
  async standIn({ binding, plugin }: DirectoryEntry): Promise<InstalledPlugin | undefined> {
    // One that never served is not repaired: it is about to serve where it should.
    if (plugin.observedGeneration === 0 && plugin.state !== 'ERROR') return undefined;
    const version = `${binding.pluginId}@${binding.version}`;
    const all = await this.looking.run(version, () => this.installed.findByVersion(binding.pluginId, binding.version));
    return all.find((other) => other.id !== plugin.id && this.refusalAsStandIn(other, binding) === undefined);
  }

  /** Why the instance cannot be handed out in the place of another; undefined when it can. */
  refusalAsStandIn(plugin: InstalledPlugin, demand: Demand): string | undefined {
    if (plugin.privateTo !== (demand.privateTo ?? '')) return IS_ANOTHER_DOMAINS;
    const unwilling = unfit({ idle: false }, plugin);
    if (unwilling !== undefined) return unwilling;
    const supervisor = this.supervisors.find(plugin.supervisorId);
    const why = supervisor === undefined ? 'is not known' : refusal(supervisor, demand);
    return why && `is on a supervisor that ${why}`;
  }

  private async bind(key: BindingKey): Promise<Binding> {
    const known = await this.installed.findBinding(key);
    if (known !== undefined) return this.reachableBinding(known);
    const { privateTo = '' } = await this.catalog.version(key.pluginId, key.version, key.domainId);
    const { taken } = await this.supervisors.choose({ ...key, privateTo });
    if (taken === undefined) throw noPossibleSupervisor(key.pluginId, key.selector);
    return this.reachableBinding(await this.installed.bind(key, target(taken), privateTo));
  }

  /** Moves a binding off a supervisor that is gone, if another can take it. */
  private async reachableBinding(binding: Binding): Promise<Binding> {
    const supervisor = this.supervisors.find(binding.supervisorId);
    const plugin = supervisor?.silent ? await this.installed.find(binding.installedPluginId) : undefined;
    if (!this.mustMove(binding, plugin)) return binding;
    const { taken } = await this.supervisors.choose(binding, binding.supervisorId);
    if (taken !== undefined && !taken.silent) return this.installed.rebind(binding, target(taken));
    if (supervisor === undefined) throw noPossibleSupervisor(binding.pluginId, binding.selector);
    return binding;
  }

  /** Its supervisor is gone; or it is silent, and what it runs does not serve. */
  private mustMove({ supervisorId }: Binding, plugin: InstalledPlugin | undefined): boolean {
    const supervisor = this.supervisors.find(supervisorId);
    if (!this.isReachable(supervisorId, supervisor)) return true;
    const silent = supervisor?.silent === true && !this.supervisors.isAwaited(supervisorId);
    return silent && plugin !== undefined && !isReady(plugin);
  }

  /** Whether what runs on the supervisor may be handed out: DISABLED keeps it from new plugins only, unless it is lost. */
  isReachable(id: string, supervisor = this.supervisors.find(id)): boolean {
    if (supervisor === undefined) return false;
    if (supervisor.state === 'ENABLED' || (supervisor.state === 'DISABLED' && !supervisor.lost)) return true;
    return this.supervisors.isAwaited(id);
  }
}

function target({ id, domainId }: Supervisor): BindingTarget {
  return { supervisorId: id, supervisorDomainId: domainId };
}
