import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { modelProvider } from '../database/model-provider.js';
import { LinkController } from './link/link.controller.js';
import { LinkService } from './link/link.service.js';
import { SupervisorAnnouncementRepository } from './supervisor-announcement.repository.js';
import { SupervisorConnections } from './supervisor-connections.js';
import { SupervisorController } from './supervisor.controller.js';
import { SupervisorDirectory } from './supervisor-directory.js';
import { SupervisorQueryRepository } from './supervisor.query.repository.js';
import { SupervisorRepository } from './supervisor.repository.js';
import { SupervisorDocument, SupervisorSchema } from './supervisor.schema.js';
import { SupervisorService } from './supervisor.service.js';
import { SupervisorTransitions } from './supervisor-transitions.js';

/** Needs SUPERVISOR_OPTIONS, BERTH_CONNECTION, InstalledPluginService, SupervisorReports, CatalogService and ChangeFeed. */
@Module({
  controllers: [SupervisorController, LinkController],
  providers: [
    modelProvider(SupervisorDocument, SupervisorSchema),
    SupervisorRepository,
    SupervisorAnnouncementRepository,
    SupervisorQueryRepository,
    SupervisorDirectory,
    SupervisorConnections,
    SupervisorService,
    SupervisorTransitions,
    LinkService,
  ],
  exports: [SupervisorService, SupervisorTransitions],
})
export class SupervisorModule {
  /** @param peers modules that export what this one injects */
  static withPeers(peers: ModuleMetadata['imports']): DynamicModule {
    return { module: SupervisorModule, imports: peers ?? [] };
  }
}
