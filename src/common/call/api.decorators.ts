import { applyDecorators, Controller, HttpCode, Post, UseFilters, UseGuards, UsePipes } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { ErrorFilter } from '../errors/error.filter.js';
import { ValidationPipe } from '../validation/validation.pipe.js';
import { Access, AccessGuard } from './access.guard.js';
import type { AccessLevel } from './authenticator.js';

/**
 * A controller that serves one resource of `spaceone.api.plugin.v1` on both transports. Access, validation and error
 * answers belong to it, not to the application: a host that imports the module keeps its own.
 *
 * @param resource the resource as REST routes spell it: `plugin`, `supervisor`
 * @param access who may call its methods, where callers have to say who they are
 */
export function ApiController(resource: string, access: AccessLevel): ClassDecorator {
  return applyDecorators(
    Controller(`plugin/v1/${resource}`),
    Access(access),
    UseGuards(AccessGuard),
    UsePipes(ValidationPipe),
    UseFilters(ErrorFilter),
  );
}

/**
 * A unary method of a gRPC service, and its REST twin: `POST` to the method's name with dashes, answered 200.
 *
 * @param service the gRPC service's name without its package
 * @param method the method's name as the proto spells it
 */
export function ApiMethod(service: string, method: string): MethodDecorator {
  return applyDecorators(Post(method.replaceAll('_', '-')), HttpCode(200), GrpcMethod(service, method));
}
