import { type DynamicModule, Module } from '@nestjs/common';
import { JwksModule } from '../auth/jwks.module.js';
import { BerthModule } from '../berth.module.js';
import type { ServerSettings } from '../config/settings.js';
import { HealthModule } from '../health/health.module.js';
import { OpenApiModule } from '../openapi/openapi.module.js';

/** The whole server: Berth as its settings ask for it, and what only a server of its own has. */
@Module({})
export class AppModule {
  static forRoot(settings: ServerSettings, databaseUri: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        BerthModule.forRoot({
          database: { uri: databaseUri, timeout: settings.database_timeout },
          catalog: settings.catalog,
          catalogToken: settings.catalog_token,
          registryMirror: settings.registry_mirror,
          supervisor: {
            autoEnable: settings.supervisor_auto_enable,
            pendingTimeout: settings.pending_timeout,
            heartbeatInterval: settings.heartbeat_interval,
            lease: settings.supervisor_lease,
          },
          plugin: {
            provisionTimeout: settings.provision_timeout,
            queueMax: settings.queue_max,
            directoryMax: settings.directory_max,
            endpointLease: settings.endpoint_lease,
            idleTtl: settings.idle_ttl,
          },
          events: { ttl: settings.events_ttl },
          auth: {
            mode: settings.security.auth,
            jwks: settings.security.auth_jwks,
            identity: settings.security.auth_identity,
            identityToken: settings.security.auth_identity_token,
            systemDomain: settings.security.auth_system_domain,
            tokenKey: settings.security.token_key,
          },
        }),
        HealthModule,
        JwksModule,
        ...(settings.security.docs ? [OpenApiModule] : []),
      ],
    };
  }
}
