import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { modelProvider } from '../database/model-provider.js';
import { DeliveryRepository } from './delivery.repository.js';
import { InstalledPluginQueryRepository } from './installed-plugin.query.repository.js';
import { InstalledPluginRepository } from './installed-plugin.repository.js';
import { InstalledPluginDocument, InstalledPluginSchema } from './installed-plugin.schema.js';
import { InstalledPluginService } from './installed-plugin.service.js';
import { InstalledPluginRefRepository } from './installed-plugin-ref.repository.js';
import { PublishedPluginRepository } from './published-plugin.repository.js';
import { InstalledPluginRefDocument, InstalledPluginRefSchema } from './installed-plugin-ref.schema.js';

/** Needs BERTH_CONNECTION and ChangeFeed. */
@Module({
  providers: [
    modelProvider(InstalledPluginDocument, InstalledPluginSchema),
    modelProvider(InstalledPluginRefDocument, InstalledPluginRefSchema),
    InstalledPluginRepository,
    InstalledPluginQueryRepository,
    InstalledPluginRefRepository,
    PublishedPluginRepository,
    DeliveryRepository,
    InstalledPluginService,
  ],
  exports: [InstalledPluginService],
})
export class InstalledPluginModule {
  /** @param peers modules that export what this one injects */
  static withPeers(peers: ModuleMetadata['imports']): DynamicModule {
    return { module: InstalledPluginModule, imports: peers ?? [] };
  }
}
