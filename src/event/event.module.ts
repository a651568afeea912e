import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { modelProvider } from '../database/model-provider.js';
import { EventController } from './event.controller.js';
import { EventRecorder } from './event-recorder.service.js';
import { EventRepository } from './event.repository.js';
import { EventDocument, EventSchema } from './event.schema.js';
import { EventService } from './event.service.js';

/** Needs EVENT_OPTIONS, BERTH_CONNECTION, InstanceTransitions, InstalledPluginService, SupervisorTransitions and ChangeFeed. */
@Module({
  controllers: [EventController],
  providers: [modelProvider(EventDocument, EventSchema), EventRepository, EventRecorder, EventService],
  exports: [EventService],
})
export class EventModule {
  /** @param peers modules that export what this one injects */
  static withPeers(peers: ModuleMetadata['imports']): DynamicModule {
    return { module: EventModule, imports: peers ?? [] };
  }
}
