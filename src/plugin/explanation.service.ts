import { Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service.js';
import { requiredParameter } from '../common/errors/errors.js';
import type { ConsideredInstance, ConsideredSupervisor, Explanation } from '../generated/berth/api/v1/lookup.js';
import type { InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { Considered, Demand } from '../supervisor/supervisor-choice.js';
import { SupervisorService } from '../supervisor/supervisor.service.js';
import type { EndpointRequest } from './endpoint.service.js';
import { Placement } from './placement.service.js';

/** Tells what a lookup considers, by the rules that the lookup itself goes by. */
@Injectable()
export class ExplanationService {
  constructor(
    private readonly placement: Placement,
    private readonly supervisors: SupervisorService,
    private readonly installed: InstalledPluginService,
    private readonly catalog: CatalogService,
  ) {}

  /** @throws BerthError ERROR_REQUIRED_PARAMETER, ERROR_PLUGIN_NOT_FOUND, ERROR_INVALID_PLUGIN_VERSION */
  async explain({ domainId, pluginId, version: asked, auto, selector }: EndpointRequest): Promise<Explanation> {
    const version = auto ? await this.catalog.newestVersion(pluginId, domainId) : asked;
    if (version === undefined) throw requiredParameter('version');
    const key = { domainId, pluginId, version, selector };
    const binding = await this.installed.lookAtBinding(key);
    // What is bound runs on, whatever the catalog says by now.
    const { privateTo = '' } = binding ?? (await this.catalog.version(pluginId, version, domainId));
    const [{ taken, considered }, all] = await Promise.all([
      this.supervisors.choose({ ...key, privateTo }),
      this.installed.findByVersion(pluginId, version),
    ]);
    const visible = considered.filter(({ supervisor }) => supervisor.domainId === domainId || supervisor.isPublic);
    const known = new Set(visible.map(({ supervisor }) => supervisor.id));
    const own = binding && all.find(({ id }) => id === binding.installedPluginId);
    const refused =
      binding && (own === undefined ? 'is not installed' : this.placement.refusalOf({ binding, plugin: own }));
    const standIn = own && refused !== undefined ? await this.placement.standIn({ binding, plugin: own }) : undefined;
    const others = all.filter((plugin) => plugin !== own && known.has(plugin.supervisorId));
    const instances = [
      ...(own === undefined ? [] : [{ ...instanceOf(own, refused), output: await this.installed.outputOf(own.id) }]),
      ...others.map((plugin) =>
        instanceOf(
          plugin,
          plugin.id === standIn?.id ? undefined : this.whyNot(plugin, { ...key, privateTo }, own, refused),
        ),
      ),
    ];
    return {
      version,
      bound_to: binding?.supervisorId ?? '',
      waits_because: instances.some((instance) => instance.taken) ? '' : waitingFor(refused, taken),
      supervisors: visible.map(supervisorOf),
      instances,
    };
  }

  /** Why an instance is not handed out that the domain is not bound to. */
  private whyNot(
    plugin: InstalledPlugin,
    demand: Demand,
    own: InstalledPlugin | undefined,
    refused: string | undefined,
  ): string {
    const why = this.placement.refusalAsStandIn(plugin, demand);
    if (why !== undefined) return why;
    if (own === undefined) return 'is not what the domain is bound to';
    return refused === undefined
      ? 'would stand in if the one that the domain is bound to did not serve'
      : 'is not needed';
  }
}

function waitingFor(refused: string | undefined, taken: Supervisor | undefined): string {
  if (refused !== undefined) return `the instance ${refused}`;
  return taken === undefined ? 'no supervisor can take the plugin' : 'nobody has asked for it yet';
}

function supervisorOf({ supervisor, refused }: Considered): ConsideredSupervisor {
  const { id, name, state, priority } = supervisor;
  return { supervisor_id: id, name, state, priority, taken: refused === undefined, reason: refused ?? '' };
}

function instanceOf(plugin: InstalledPlugin, refused: string | undefined): ConsideredInstance {
  const { supervisorId, state, generation, endpoints } = plugin;
  const why = { taken: refused === undefined, reason: refused ?? '' };
  return { supervisor_id: supervisorId, state, generation, endpoints: [...endpoints], ...why };
}
