import { Module } from '@nestjs/common';
import { ChangeFeedModule } from '../change-feed/change-feed.module.js';
import { InstalledPluginModule } from '../installed-plugin/installed-plugin.module.js';
import { SupervisorModule } from '../supervisor/supervisor.module.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { EndpointService } from './endpoint.service.js';
import { MetadataService } from './metadata.service.js';
import { PluginClient } from './plugin-client.js';
import { PluginController } from './plugin.controller.js';

/** Needs PLUGIN_OPTIONS, and the modules it imports. */
@Module({
  imports: [ChangeFeedModule, InstalledPluginModule, SupervisorModule],
  controllers: [PluginController],
  providers: [EndpointDirectory, EndpointService, MetadataService, PluginClient],
  exports: [EndpointService],
})
export class PluginModule {}
