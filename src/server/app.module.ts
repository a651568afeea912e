import { type DynamicModule, Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { CatalogModule } from '../catalog/catalog.module.js';
import type { ServerSettings } from '../config/settings.js';
import { HealthModule } from '../health/health.module.js';
import { PluginModule } from '../plugin/plugin.module.js';
import { SupervisorModule } from '../supervisor/supervisor.module.js';
import { databaseOptions } from './database-options.js';

/** The whole server. */
@Module({})
export class AppModule {
  static forRoot(settings: ServerSettings, databaseUri: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        MongooseModule.forRoot(databaseUri, databaseOptions),
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
