import type { ServiceDefinition } from '@grpc/grpc-js';
import { guardedService } from '../common/grpc/service-definition.js';
import { EventService } from '../generated/berth/api/v1/event.js';
import { LookupService } from '../generated/berth/api/v1/lookup.js';
import { SupervisorLinkService } from '../generated/berth/link/v1/link.js';
import { PluginEndpoint, PluginService } from '../generated/spaceone/api/plugin/v1/plugin.js';
import { SupervisorService } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import { PluginService as RepositoryService } from '../generated/spaceone/api/repository/v1/plugin.js';

/** Every gRPC service that controllers serve, by its full name. */
export const grpcServices: Readonly<Record<string, ServiceDefinition>> = {
  'spaceone.api.repository.v1.Plugin': guardedService(RepositoryService),
  'spaceone.api.plugin.v1.Plugin': guardedService(PluginService, { get_plugin_endpoint: PluginEndpoint }),
  'spaceone.api.plugin.v1.Supervisor': guardedService(SupervisorService),
  'berth.api.v1.Lookup': guardedService(LookupService),
  'berth.api.v1.Event': guardedService(EventService),
  'berth.link.v1.SupervisorLink': guardedService(SupervisorLinkService),
};
