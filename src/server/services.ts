import type { ServiceDefinition } from '@grpc/grpc-js';
import { guardedService } from '../common/grpc/service-definition.js';
import { EventService } from '../generated/berth/api/v1/event.js';
import { LookupService } from '../generated/berth/api/v1/lookup.js';
import { SupervisorLinkService } from '../generated/berth/link/v1/link.js';
import { PluginEndpoint, PluginService } from '../generated/spaceone/api/plugin/v1/plugin.js';
import { SupervisorService } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import { PluginService as RepositoryService } from '../generated/spaceone/api/repository/v1/plugin.js';

/** The gRPC services that controllers serve, by their full names: no two have the same last name. */
export const grpcServices: Readonly<Record<string, ServiceDefinition>> = {
  'spaceone.api.plugin.v1.Plugin': guardedService(PluginService, { get_plugin_endpoint: PluginEndpoint }),
  'spaceone.api.plugin.v1.Supervisor': guardedService(SupervisorService),
  'berth.api.v1.Lookup': guardedService(LookupService),
  'berth.api.v1.Event': guardedService(EventService),
  'berth.link.v1.SupervisorLink': guardedService(SupervisorLinkService),
};

/**
 * The repository service, which belongs on a port of its own: Cloudforet's clients keep one service of each last name that
 * reflection lists, and would lose one of two that are called `Plugin`.
 */
export const repositoryServices: Readonly<Record<string, ServiceDefinition>> = {
  'spaceone.api.repository.v1.Plugin': guardedService(RepositoryService),
};
