import { Inject, Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service.js';
import { installTimeout, noPossibleSupervisor, pluginFailure, requiredParameter } from '../common/errors/errors.js';
import type { LabelSelector } from '../common/labels.js';
import { SingleFlight } from '../common/single-flight.js';
import { untilAborted } from '../common/until-aborted.js';
import {
  type Binding,
  bindingId,
  type BindingKey,
  type BindingTarget,
  type InstalledPlugin,
} from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { SupervisorService } from '../supervisor/supervisor.service.js';
import { type DirectoryEntry, EndpointDirectory } from './endpoint-directory.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';

export interface EndpointRequest {
  readonly domainId: string;
  readonly pluginId: string;
  /** Needed unless `auto`. */
  readonly version?: string | undefined;
  /** Take the newest version of the catalog. */
  readonly auto: boolean;
  /** Labels that the supervisor must carry, as text. */
  readonly selector: LabelSelector;
}

/** How long, and for whom, to wait for an instance. */
export interface Patience {
  /** In milliseconds since 1970; Infinity where the caller did not say. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export interface Endpoint {
  /** `grpc://host:port` */
  readonly endpoint: string;
  /** The version that it serves. */
  readonly version: string;
  /** Of the instance: another one takes its place with the next. */
  readonly generation: number;
}

/** The answer leaves this long before the caller's deadline, so that it hears the reason and not just silence. */
const ANSWER_TIME = 20;

/** Finds the endpoint of a plugin, and has the plugin deployed where nothing serves it yet. */
@Injectable()
export class EndpointService {
  private readonly resolving = new SingleFlight<void>();
  private turn = 0;

  constructor(
    private readonly directory: EndpointDirectory,
    private readonly installed: InstalledPluginService,
    private readonly supervisors: SupervisorService,
    private readonly catalog: CatalogService,
    @Inject(PLUGIN_OPTIONS) private readonly options: PluginOptions,
  ) {}

  /**
   * One live endpoint of the plugin. Resolves at once where an instance is ready, else as soon as it is.
   *
   * @throws BerthError ERROR_REQUIRED_PARAMETER, ERROR_PLUGIN_NOT_FOUND, ERROR_INVALID_PLUGIN_VERSION,
   * ERROR_NO_POSSIBLE_SUPERVISOR, ERROR_PLUGIN_FAILURE, ERROR_INSTALL_PLUGIN_TIMEOUT
   */
  async find(request: EndpointRequest, patience: () => Patience): Promise<Endpoint> {
    const version = request.auto ? await this.catalog.newestVersion(request.pluginId) : request.version;
    if (version === undefined) throw requiredParameter('version');
    const key: BindingKey = {
      domainId: request.domainId,
      pluginId: request.pluginId,
      version,
      selector: request.selector,
    };
    const id = bindingId(key);
    const known = this.directory.get(id);
    return (known && this.serving(known)) ?? this.deploy(id, key, patience());
  }

  /** The endpoint where there is one that may be handed out now. */
  private serving({ binding, plugin }: DirectoryEntry): Endpoint | undefined {
    if (plugin.state !== 'ACTIVE' || plugin.endpoints.length === 0) return undefined;
    if (!reachable(this.supervisors.find(binding.supervisorId))) return undefined;
    return this.endpointOf(plugin);
  }

  private endpointOf(plugin: InstalledPlugin): Endpoint {
    const at = this.turn++ % plugin.endpoints.length;
    return { endpoint: plugin.endpoints[at] ?? '', version: plugin.version, generation: plugin.generation };
  }

  private async deploy(id: string, key: BindingKey, { deadline, signal }: Patience): Promise<Endpoint> {
    const now = Date.now();
    const until = Math.min(deadline - ANSWER_TIME, now + this.options.provisionTimeout);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, until - now))]);
    for (let phase = 'looking for a supervisor'; ;) {
      if (this.settled(this.directory.get(id)) === undefined) await untilAborted(this.resolve(id, key), limit);
      const entry = this.directory.get(id);
      if (entry !== undefined) {
        const endpoint = this.serving(entry) ?? this.lastResort(entry);
        if (endpoint !== undefined) return endpoint;
        if (entry.plugin.state === 'ERROR') throw failureOf(entry.plugin);
        phase = phaseOf(entry.plugin);
      }
      if (limit.aborted) throw installTimeout(key.pluginId, key.version, phase);
      if (entry !== undefined) await this.directory.changed(id, limit);
    }
  }

  /** An entry that needs no other supervisor. */
  private settled(entry: DirectoryEntry | undefined): DirectoryEntry | undefined {
    return entry !== undefined && reachable(this.supervisors.find(entry.binding.supervisorId)) ? entry : undefined;
  }

  /** Nobody else could take the plugin: what was last known is better than nothing. */
  private lastResort({ plugin }: DirectoryEntry): Endpoint | undefined {
    return plugin.state === 'ACTIVE' && plugin.endpoints.length > 0 ? this.endpointOf(plugin) : undefined;
  }

  /** Binds the key to a supervisor that can be reached, and has the instance wanted there. Callers share one run. */
  private resolve(id: string, key: BindingKey): Promise<void> {
    return this.resolving.run(id, () =>
      this.directory.load(async () => {
        const bound = (await this.installed.findBinding(key)) ?? (await this.bindFirst(key));
        const { binding, supervisor } = await this.reachableBinding(bound);
        const plugin = await this.installed.ensure(binding, {
          supervisorId: binding.supervisorId,
          supervisorDomainId: supervisor?.domainId ?? key.domainId,
        });
        return { binding, plugin };
      }),
    );
  }

  private async bindFirst(key: BindingKey): Promise<Binding> {
    await this.catalog.version(key.pluginId, key.version);
    const supervisor = await this.supervisors.choose(key);
    if (supervisor === undefined) throw noPossibleSupervisor(key.pluginId, key.selector);
    return this.installed.bind(key, target(supervisor));
  }

  /** Moves a binding off a supervisor that is gone, if another can take it. */
  private async reachableBinding(binding: Binding): Promise<{ binding: Binding; supervisor: Supervisor | undefined }> {
    const supervisor = this.supervisors.find(binding.supervisorId);
    if (reachable(supervisor)) return { binding, supervisor };
    const other = await this.supervisors.choose(binding);
    if (other === undefined && supervisor === undefined) throw noPossibleSupervisor(binding.pluginId, binding.selector);
    if (other === undefined) return { binding, supervisor };
    const moved = await this.installed.rebind(binding, target(other));
    return { binding: moved, supervisor: this.supervisors.find(moved.supervisorId) };
  }
}

function target({ id, domainId }: Supervisor): BindingTarget {
  return { supervisorId: id, supervisorDomainId: domainId };
}

/** Whether what runs on the supervisor may be handed out: DISABLED keeps it from new plugins only, unless it is lost. */
function reachable(supervisor: Supervisor | undefined): boolean {
  return supervisor?.state === 'ENABLED' || (supervisor?.state === 'DISABLED' && !supervisor.lost);
}

function phaseOf({ state, stateReason }: InstalledPlugin): string {
  return stateReason === '' ? state : `${state}: ${stateReason}`;
}

function failureOf({ pluginId, version, stateReason, nextStartAt }: InstalledPlugin) {
  const next =
    nextStartAt === null ? 'recover_plugin starts it afresh' : `the next try is at ${nextStartAt.toISOString()}`;
  return pluginFailure(pluginId, version, `${stateReason}; ${next}`);
}
