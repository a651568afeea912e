import { applyDecorators, Controller, HttpCode, Post, UseFilters, UsePipes } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { ErrorFilter } from '../errors/error.filter.js';
import { ValidationPipe } from '../validation/validation.pipe.js';

/**
 * A controller that serves one resource of `spaceone.api.plugin.v1` on both transports. Validation and error answers
 * belong to it, not to the application: a host that imports the module keeps its own.
 *
 * @param resource the resource as REST routes spell it: `plugin`, `supervisor`
 */
export function ApiController(resource: string): ClassDecorator {
  return applyDecorators(Controller(`plugin/v1/${resource}`), UsePipes(ValidationPipe), UseFilters(ErrorFilter));
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
