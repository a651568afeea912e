import { applyDecorators, Controller, HttpCode, Post, SetMetadata, UseFilters, UseGuards } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { GrpcMethod } from '@nestjs/microservices';
import { ErrorFilter } from '../errors/error.filter.js';
import { Access, AccessGuard } from './access.guard.js';
import type { AccessLevel } from './authenticator.js';

/** Metadata of a method that both transports serve: {@link ServedMethod}. */
export const SERVED_METHOD = 'berth:served-method';

/** A method as the proto names it. */
export interface ServedMethod {
  readonly service: string;
  readonly method: string;
}

/**
 * A controller that serves one resource on both transports. Access and error answers belong to it, as the checks of
 * `@Message()` do, not to the application: a host that imports the module keeps its own.
 *
 * @param route what its REST routes begin with: `plugin/v1/supervisor`
 * @param access who may call its methods, where callers have to say who they are
 */
export function ApiController(route: string, access: AccessLevel): ClassDecorator {
  return applyDecorators(Controller(route), Access(access), UseGuards(AccessGuard), UseFilters(ErrorFilter));
}

/**
 * A unary method of a gRPC service, and its REST twin: `POST` to the method's name with dashes, answered 200.
 *
 * @param service the gRPC service's name without its package
 * @param method the method's name as the proto spells it
 */
export function ApiMethod(service: string, method: string): MethodDecorator {
  return applyDecorators(
    refuseUncheckedBody,
    Post(method.replaceAll('_', '-')),
    HttpCode(200),
    GrpcMethod(service, method),
    SetMetadata(SERVED_METHOD, { service, method } satisfies ServedMethod),
  );
}

/**
 * A unary method that the proto has and that is not served: callers of both transports are told so by what it throws, and
 * no documentation names it.
 */
export function UnsupportedMethod(service: string, method: string): MethodDecorator {
  return applyDecorators(Post(method.replaceAll('_', '-')), GrpcMethod(service, method));
}

/** Nothing checks what `@Body()` brings. */
const refuseUncheckedBody: MethodDecorator = (target, method) => {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, method) ?? {}) as object;
  if (Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`))) {
    throw new Error(`${target.constructor.name}.${String(method)} takes its message with @Body(): use @Message().`);
  }
};
