import type { DescMethod, Registry } from '@bufbuild/protobuf';
import type { Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS } from '../common/call/access.guard.js';
import { SERVED_METHOD, type ServedMethod } from '../common/call/api.decorators.js';
import type { AccessLevel } from '../common/call/authenticator.js';

/** A method that is served over REST, and what it is in the proto. */
export interface Operation {
  /** `/plugin/v1/plugin/get-plugin-endpoint` */
  readonly path: string;
  readonly method: DescMethod;
  /** Classes of its parameters: that of its message is among them. */
  readonly parameters: readonly Type[];
  readonly access: AccessLevel;
}

/** Everything that controllers serve on both transports, found by what they are decorated with. */
export function findOperations(discovery: DiscoveryService, scanner: MetadataScanner, protos: Registry): Operation[] {
  const found = discovery.getControllers().flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, object>;
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name] ?? {};
      const served = Reflect.getMetadata(SERVED_METHOD, handler) as ServedMethod | undefined;
      if (served === undefined) return [];
      const route = Reflect.getMetadata(PATH_METADATA, metatype) as string;
      const method = methodOf(protos, route, served);
      return [
        {
          path: `/${route}/${Reflect.getMetadata(PATH_METADATA, handler) as string}`,
          method,
          parameters: Reflect.getMetadata('design:paramtypes', prototype, name) as Type[],
          access: Reflect.getMetadata(ACCESS, metatype) as AccessLevel,
        },
      ];
    });
  });
  return found.sort((a, b) => a.method.parent.typeName.localeCompare(b.method.parent.typeName));
}

/** `plugin/v1/supervisor` serves services of the package `spaceone.api.plugin.v1`, `berth/v1/lookup` of `berth.api.v1`. */
function methodOf(protos: Registry, route: string, { service, method }: ServedMethod): DescMethod {
  const [room, version] = route.split('/');
  const folder = room === 'berth' ? 'berth.api' : `spaceone.api.${room}`;
  const name = `${folder}.${version}.${service}`;
  const found = protos.getService(name)?.methods.find((each) => each.name === method);
  if (found === undefined) throw new Error(`No proto has ${name}/${method}.`);
  return found;
}
