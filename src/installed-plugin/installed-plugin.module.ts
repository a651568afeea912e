import { Module } from '@nestjs/common';
import { ChangeFeedModule } from '../change-feed/change-feed.module.js';
import { modelProvider } from '../database/model-provider.js';
import { InstalledPluginQueryRepository } from './installed-plugin.query.repository.js';
import { InstalledPluginRepository } from './installed-plugin.repository.js';
import { InstalledPluginDocument, InstalledPluginSchema } from './installed-plugin.schema.js';
import { InstalledPluginService } from './installed-plugin.service.js';
import { InstalledPluginRefRepository } from './installed-plugin-ref.repository.js';
import { InstalledPluginRefDocument, InstalledPluginRefSchema } from './installed-plugin-ref.schema.js';

@Module({
  imports: [ChangeFeedModule],
  providers: [
    modelProvider(InstalledPluginDocument, InstalledPluginSchema),
    modelProvider(InstalledPluginRefDocument, InstalledPluginRefSchema),
    InstalledPluginRepository,
    InstalledPluginQueryRepository,
    InstalledPluginRefRepository,
    InstalledPluginService,
  ],
  exports: [InstalledPluginService],
})
export class InstalledPluginModule {}
