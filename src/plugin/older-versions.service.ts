import { Injectable } from '@nestjs/common';
import { type Binding, bindingId, type BindingKey } from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import { alternativesTo } from '../versions/index.js';
import { EndpointDirectory, type RememberedEntry } from './endpoint-directory.js';
import { Placement } from './placement.service.js';

/** So many are looked at: one of the last few versions serves, or nobody has used the plugin lately. */
const LOOKED_AT = 3;

/** What serves those who ask for the newest version while that one does not: versions that were asked for before. */
@Injectable()
export class OlderVersions {
  constructor(
    private readonly directory: EndpointDirectory,
    private readonly installed: InstalledPluginService,
    private readonly placement: Placement,
  ) {}

  /**
   * The best other version that can be handed out for the same domain, plugin and labels. It is no pre-release where a
   * final version is asked for.
   *
   * @returns undefined when there is none
   */
  async servingInsteadOf(key: BindingKey): Promise<RememberedEntry | undefined> {
    const bindings = await this.installed.findBindings(key.domainId, key.pluginId);
    const others = new Map(
      bindings
        .filter(
          (other) => other.version !== key.version && bindingId({ ...other, version: key.version }) === bindingId(key),
        )
        .map((other) => [other.version, other]),
    );
    for (const version of alternativesTo(key.version, others.keys()).slice(0, LOOKED_AT)) {
      const other = others.get(version) as Binding;
      if (this.directory.get(other.id) === undefined) await this.placement.resolve(other);
      const entry = this.directory.get(other.id);
      if (entry !== undefined && this.placement.refusalOf(entry) === undefined) return entry;
    }
    return undefined;
  }
}
