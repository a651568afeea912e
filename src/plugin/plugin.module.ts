import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { EndpointDirectory } from './endpoint-directory.js';
import { EndpointService } from './endpoint.service.js';
import { MetadataService } from './metadata.service.js';
import { PluginClient } from './plugin-client.js';
import { PluginController } from './plugin.controller.js';

/** Needs PLUGIN_OPTIONS, SupervisorService, InstalledPluginService, CatalogService and ChangeFeed. */
@Module({
  controllers: [PluginController],
  providers: [EndpointDirectory, EndpointService, MetadataService, PluginClient],
  exports: [EndpointService],
})
export class PluginModule {
  /** @param peers modules that export what this one injects */
  static withPeers(peers: ModuleMetadata['imports']): DynamicModule {
    return { module: PluginModule, imports: peers ?? [] };
  }
}
