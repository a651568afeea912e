import { type DynamicModule, Module } from '@nestjs/common';
import type { ServerSettings } from '../config/settings.js';
import { PLUGIN_OPTIONS, type PluginOptions } from '../plugin/plugin.options.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from '../supervisor/supervisor.options.js';

/** What the settings mean to each feature; features do not know the settings. */
@Module({})
export class OptionsModule {
  static forRoot(settings: ServerSettings): DynamicModule {
    const supervisor: SupervisorOptions = {
      autoEnable: settings.supervisor_auto_enable,
      heartbeatInterval: settings.heartbeat_interval,
      lease: settings.supervisor_lease,
    };
    const plugin: PluginOptions = { provisionTimeout: settings.provision_timeout };
    return {
      module: OptionsModule,
      global: true,
      providers: [
        { provide: SUPERVISOR_OPTIONS, useValue: supervisor },
        { provide: PLUGIN_OPTIONS, useValue: plugin },
      ],
      exports: [SUPERVISOR_OPTIONS, PLUGIN_OPTIONS],
    };
  }
}
