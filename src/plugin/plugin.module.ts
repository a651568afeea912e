import { type DynamicModule, Module } from '@nestjs/common';
import { ChangeFeedModule } from '../change-feed/change-feed.module.js';
import { InstalledPluginModule } from '../installed-plugin/installed-plugin.module.js';
import { SupervisorModule } from '../supervisor/supervisor.module.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { EndpointService } from './endpoint.service.js';
import { MetadataService } from './metadata.service.js';
import { PluginClient } from './plugin-client.js';
import { PluginController } from './plugin.controller.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';

@Module({
  imports: [ChangeFeedModule, InstalledPluginModule, SupervisorModule],
  controllers: [PluginController],
  providers: [EndpointDirectory, EndpointService, MetadataService, PluginClient],
  exports: [EndpointService],
})
export class PluginModule {
  static forRoot(options: PluginOptions): DynamicModule {
    return { module: PluginModule, providers: [{ provide: PLUGIN_OPTIONS, useValue: options }] };
  }
}
