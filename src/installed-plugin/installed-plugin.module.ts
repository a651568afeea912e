import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { modelProvider } from '../database/model-provider.js';
import { IdleBindings } from './idle-bindings.service.js';
import { IdleRepository } from './idle.repository.js';
import { DeliveryRepository } from './delivery.repository.js';
import { InstalledPluginQueryRepository } from './installed-plugin.query.repository.js';
import { InstalledPluginRepository } from './installed-plugin.repository.js';
import { InstalledPluginDocument, InstalledPluginSchema } from './installed-plugin.schema.js';
import { InstalledPluginService } from './installed-plugin.service.js';
import { SupervisorReports } from './supervisor-reports.service.js';
import { InstalledPluginRefRepository } from './installed-plugin-ref.repository.js';
import { RemovalRepository } from './removal.repository.js';
import { RemovalService } from './removal.service.js';
import { InstanceTransitionRepository } from './instance-transition.repository.js';
import { InstanceTransitions } from './instance-transitions.service.js';
import { InstanceOutputRepository } from './instance-output.repository.js';
import { InstanceOutputDocument, InstanceOutputSchema } from './instance-output.schema.js';
import { InstanceProbe } from './instance-probe.js';
import { RepairRepository } from './repair.repository.js';
import { RepairService } from './repair.service.js';
import { PublishedPluginRepository } from './published-plugin.repository.js';
import { InstalledPluginRefDocument, InstalledPluginRefSchema } from './installed-plugin-ref.schema.js';

/** Needs BERTH_CONNECTION and ChangeFeed. */
@Module({
  providers: [
    modelProvider(InstalledPluginDocument, InstalledPluginSchema),
    modelProvider(InstalledPluginRefDocument, InstalledPluginRefSchema),
    modelProvider(InstanceOutputDocument, InstanceOutputSchema),
    InstalledPluginRepository,
    InstanceOutputRepository,
    InstalledPluginQueryRepository,
    InstalledPluginRefRepository,
    PublishedPluginRepository,
    DeliveryRepository,
    IdleRepository,
    IdleBindings,
    RemovalRepository,
    RemovalService,
    InstanceProbe,
    InstanceTransitionRepository,
    InstanceTransitions,
    RepairRepository,
    RepairService,
    InstalledPluginService,
    SupervisorReports,
  ],
  exports: [IdleBindings, InstalledPluginService, InstanceTransitions, RepairService, SupervisorReports],
})
export class InstalledPluginModule {
  /** @param peers modules that export what this one injects */
  static withPeers(peers: ModuleMetadata['imports']): DynamicModule {
    return { module: InstalledPluginModule, imports: peers ?? [] };
  }
}
