import { Injectable, Logger } from '@nestjs/common';
import { cannotRecover, notFound } from '../common/errors/errors.js';
import { type InstalledPlugin, installedPluginId } from './installed-plugin.js';
import { InstalledPluginRefRepository } from './installed-plugin-ref.repository.js';
import { InstanceProbe } from './instance-probe.js';
import { RepairRepository } from './repair.repository.js';

/** An instance as one caller names it. */
export interface InstanceName {
  readonly supervisorId: string;
  readonly pluginId: string;
  readonly version: string;
  /** The domain that asks. */
  readonly domainId: string;
}

/** Has instances replaced that do not work. */
@Injectable()
export class RepairService {
  private readonly logger = new Logger(RepairService.name);

  constructor(
    private readonly repository: RepairRepository,
    private readonly bindings: InstalledPluginRefRepository,
    private readonly probe: InstanceProbe,
  ) {}

  /**
   * Has an instance replaced because a caller says that it misbehaves. Durable when it resolves.
   *
   * An instance is replaced once, however many complain of it. What comes while it is replaced is about the old one; so
   * may be what comes soon after, and then it is looked whether the new one serves.
   *
   * @throws BerthError ERROR_NOT_FOUND when the domain has no such instance
   */
  async reportFailure(name: InstanceName): Promise<void> {
    const seen = await this.visible(name);
    const reason = 'a caller reported a failure';
    const replaced = (await this.repository.replaceGrown(seen, reason)) ?? (await this.replaceFaulty(seen));
    this.logger.log({
      msg: replaced === undefined ? 'Failure report absorbed.' : 'Replacement wanted.',
      instance: seen.id,
      generation: replaced?.generation ?? seen.generation,
      reason: replaced?.stateReason,
      domain_id: name.domainId,
    });
  }

  /**
   * Starts an ERROR or ACTIVE instance afresh.
   *
   * @throws BerthError ERROR_NOT_FOUND, ERROR_NOT_SUPPORT_RECOVER_PLUGIN
   */
  async recover(name: InstanceName): Promise<InstalledPlugin> {
    const { id } = await this.visible(name);
    const recovered = await this.repository.recover(id);
    if (recovered !== undefined) return recovered;
    const { state } = await this.visible(name);
    throw cannotRecover(name.pluginId, name.version, state);
  }

  /** What became ready a moment ago is replaced only if it does not serve. */
  private async replaceFaulty(seen: InstalledPlugin): Promise<InstalledPlugin | undefined> {
    if (seen.state !== 'ACTIVE') return undefined;
    const faults = await Promise.all(seen.endpoints.map((endpoint) => this.probe.faultOf(endpoint)));
    const fault = faults.find((reason) => reason !== undefined);
    if (fault === undefined) return undefined;
    return this.repository.replace(seen, `a caller reported a failure, and it does not serve: ${fault}`);
  }

  private async visible({ supervisorId, pluginId, version, domainId }: InstanceName): Promise<InstalledPlugin> {
    const id = installedPluginId(supervisorId, pluginId, version);
    const plugin = await this.repository.findById(id);
    const mine =
      plugin !== undefined && (plugin.supervisorDomainId === domainId || (await this.bindings.isBound(domainId, id)));
    if (!mine) throw notFound('installed_plugin', `${supervisorId}, ${pluginId}, ${version}`);
    return plugin;
  }
}
