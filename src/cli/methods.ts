import type { MethodDefinition } from '@grpc/grpc-js';
import { EventService } from '../generated/berth/api/v1/event.js';
import { LookupService } from '../generated/berth/api/v1/lookup.js';
import { PluginService } from '../generated/spaceone/api/plugin/v1/plugin.js';
import { SupervisorService } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import { PluginService as RepositoryService } from '../generated/spaceone/api/repository/v1/plugin.js';

export type Method = Pick<MethodDefinition<unknown, unknown>, 'path' | 'requestSerialize' | 'responseDeserialize'>;

/** Every unary method by the name that its proto gives it, where that is said twice with its room before it. */
export const methods: ReadonlyMap<string, Method> = new Map([
  ...named('', PluginService, SupervisorService, LookupService),
  ...named('event.', EventService),
  ...named('repository.', RepositoryService),
]);

function named(prefix: string, ...services: readonly object[]): [string, Method][] {
  return services
    .flatMap((service) => Object.values(service) as Method[])
    .map((method) => [`${prefix}${method.path.slice(method.path.lastIndexOf('/') + 1)}`, method]);
}
