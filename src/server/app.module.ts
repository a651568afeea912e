import { type DynamicModule, Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import type { ServerSettings } from '../config/settings.js';
import { HealthModule } from '../health/health.module.js';
import { PluginModule } from '../plugin/plugin.module.js';
import { SupervisorModule } from '../supervisor/supervisor.module.js';
import { DatabaseModule } from './database.module.js';
import { OptionsModule } from './options.module.js';

/** The whole server. */
@Module({})
export class AppModule {
  static forRoot(settings: ServerSettings, databaseUri: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(databaseUri),
        CatalogModule.forRoot(settings.catalog),
        OptionsModule.forRoot(settings),
        SupervisorModule,
        PluginModule,
        HealthModule,
      ],
    };
  }
}
