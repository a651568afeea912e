import { Module } from '@nestjs/common';
import { ChangeFeedModule } from '../change-feed/change-feed.module.js';
import { modelProvider } from '../database/model-provider.js';
import { InstalledPluginModule } from '../installed-plugin/installed-plugin.module.js';
import { LinkController } from './link/link.controller.js';
import { LinkService } from './link/link.service.js';
import { SupervisorConnections } from './supervisor-connections.js';
import { SupervisorController } from './supervisor.controller.js';
import { SupervisorDirectory } from './supervisor-directory.js';
import { SupervisorQueryRepository } from './supervisor.query.repository.js';
import { SupervisorRepository } from './supervisor.repository.js';
import { SupervisorDocument, SupervisorSchema } from './supervisor.schema.js';
import { SupervisorService } from './supervisor.service.js';

/** Needs SUPERVISOR_OPTIONS, and the modules it imports. */
@Module({
  imports: [ChangeFeedModule, InstalledPluginModule],
  controllers: [SupervisorController, LinkController],
  providers: [
    modelProvider(SupervisorDocument, SupervisorSchema),
    SupervisorRepository,
    SupervisorQueryRepository,
    SupervisorDirectory,
    SupervisorConnections,
    SupervisorService,
    LinkService,
  ],
  exports: [SupervisorService],
})
export class SupervisorModule {}
