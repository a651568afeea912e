import { type DynamicModule, Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import type { ServerSettings } from '../config/settings.js';
import { HealthModule } from '../health/health.module.js';
import { PluginModule } from '../plugin/plugin.module.js';
import { SupervisorModule } from '../supervisor/supervisor.module.js';
import { DatabaseModule } from './database.module.js';

/** The whole server. */
@Module({})
export class AppModule {
  static forRoot(settings: ServerSettings, databaseUri: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(databaseUri),
        CatalogModule.forRoot(settings.catalog),
        SupervisorModule.forRoot({
          autoEnable: settings.supervisor_auto_enable,
          heartbeatInterval: settings.heartbeat_interval,
          lease: settings.supervisor_lease,
        }),
        PluginModule.forRoot({ provisionTimeout: settings.provision_timeout }),
        HealthModule,
      ],
    };
  }
}
