import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { CallLog } from './call-log.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { EndpointService } from './endpoint.service.js';
import { ExplanationService } from './explanation.service.js';
import { Failover } from './failover.service.js';
import { IdleRemoval } from './idle.service.js';
import { LookupController } from './lookup.controller.js';
import { MetadataService } from './metadata.service.js';
import { OlderVersions } from './older-versions.service.js';
import { Placement } from './placement.service.js';
import { PluginClient } from './plugin-client.js';
import { PluginController } from './plugin.controller.js';
import { WaitingRoom } from './waiting-room.js';

/** Needs PLUGIN_OPTIONS, SupervisorService, InstalledPluginService, IdleBindings, CatalogService and ChangeFeed. */
@Module({
  controllers: [LookupController, PluginController],
  providers: [
    CallLog,
    EndpointDirectory,
    EndpointService,
    ExplanationService,
    Failover,
    IdleRemoval,
    MetadataService,
    OlderVersions,
    Placement,
    PluginClient,
    WaitingRoom,
  ],
  exports: [EndpointService],
})
export class PluginModule {
  /** @param peers modules that export what this one injects */
  static withPeers(peers: ModuleMetadata['imports']): DynamicModule {
    return { module: PluginModule, imports: peers ?? [] };
  }
}
