import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Module,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { AuthModule } from './auth/auth.module.js';
import { AUTH_OPTIONS, authDefaults } from './auth/auth.options.js';
import { type BerthOptions, eventDefaults, pluginDefaults, supervisorDefaults } from './berth.options.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { ChangeFeedModule } from './change-feed/change-feed.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EventModule } from './event/event.module.js';
import { EVENT_OPTIONS } from './event/event.options.js';
import { InstalledPluginModule } from './installed-plugin/installed-plugin.module.js';
import { PLUGIN_OPTIONS } from './plugin/plugin.options.js';
import { PluginModule } from './plugin/plugin.module.js';
import { SUPERVISOR_OPTIONS } from './supervisor/supervisor.options.js';
import { SupervisorModule } from './supervisor/supervisor.module.js';

/** What has to be known before modules are put together; the rest of {@link BerthOptions} may come later. */
type Structure = Pick<BerthOptions, 'database' | 'catalog' | 'catalogToken' | 'registryMirror' | 'prefix'>;
type Behaviour = Omit<BerthOptions, keyof Structure>;

export interface BerthAsyncOptions extends Structure, Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...injected: never[]) => Behaviour | Promise<Behaviour>;
}

const BEHAVIOUR = Symbol('BERTH_BEHAVIOUR');

/** Options of the features, for every module of Berth. */
@Global()
@Module({})
class BerthOptionsModule {
  static from(behaviour: Provider, imports: ModuleMetadata['imports'] = []): DynamicModule {
    return {
      module: BerthOptionsModule,
      imports,
      providers: [
        behaviour,
        {
          provide: SUPERVISOR_OPTIONS,
          inject: [BEHAVIOUR],
          useFactory: ({ supervisor }: Behaviour) => ({ ...supervisorDefaults, ...supervisor }),
        },
        {
          provide: PLUGIN_OPTIONS,
          inject: [BEHAVIOUR],
          useFactory: ({ plugin }: Behaviour) => ({ ...pluginDefaults, ...plugin }),
        },
        {
          provide: EVENT_OPTIONS,
          inject: [BEHAVIOUR],
          useFactory: ({ events }: Behaviour) => ({ ...eventDefaults, ...events }),
        },
        {
          provide: AUTH_OPTIONS,
          inject: [BEHAVIOUR],
          useFactory: ({ auth }: Behaviour) => auth ?? authDefaults,
        },
      ],
      exports: [SUPERVISOR_OPTIONS, PLUGIN_OPTIONS, EVENT_OPTIONS, AUTH_OPTIONS],
    };
  }
}

/**
 * Berth inside another application: its controllers on the host's transports, its services to inject. It sets no global
 * pipe, filter or guard.
 */
@Module({})
export class BerthModule {
  static forRoot(options: BerthOptions): DynamicModule {
    return assemble(options, BerthOptionsModule.from({ provide: BEHAVIOUR, useValue: options }));
  }

  static forRootAsync({ imports, inject = [], useFactory, ...structure }: BerthAsyncOptions): DynamicModule {
    return assemble(structure, BerthOptionsModule.from({ provide: BEHAVIOUR, inject, useFactory }, imports));
  }
}

function assemble(
  { database, catalog, catalogToken, registryMirror, prefix }: Structure,
  options: DynamicModule,
): DynamicModule {
  const installedPlugin = InstalledPluginModule.withPeers([ChangeFeedModule]);
  const supervisor = SupervisorModule.withPeers([ChangeFeedModule, installedPlugin]);
  const plugin = PluginModule.withPeers([ChangeFeedModule, installedPlugin, supervisor]);
  const event = EventModule.withPeers([ChangeFeedModule, installedPlugin, supervisor]);
  const routed = [CatalogModule, SupervisorModule, PluginModule, EventModule];
  return {
    module: BerthModule,
    imports: [
      options,
      AuthModule,
      DatabaseModule.forRoot(database),
      CatalogModule.forRoot(catalog, catalogToken, registryMirror),
      installedPlugin,
      supervisor,
      plugin,
      event,
      ...(prefix === undefined ? [] : [RouterModule.register(routed.map((module) => ({ path: prefix, module })))]),
    ],
    exports: [installedPlugin, supervisor, plugin, event],
  };
}
