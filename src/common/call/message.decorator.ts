import { createParamDecorator, type ExecutionContext, type Type } from '@nestjs/common';
import { UnreadableRequest } from '../grpc/unreadable-request.js';
import { compileValidator } from '../validation/compile-validator.js';
import { messageOf } from './call-message.js';

/** There is one check for each class. */
const checks = new Map<Type<object>, (value: unknown) => object>();

function checkOf(type: Type<object>): (value: unknown) => object {
  const known = checks.get(type);
  if (known !== undefined) return known;
  const check = compileValidator(type);
  checks.set(type, check);
  return check;
}

const Checked = createParamDecorator((type: Type<object>, host: ExecutionContext) => {
  const value = messageOf(host);
  if (value instanceof UnreadableRequest) throw value.error;
  // An HTTP request without a body asks with an empty message.
  return checkOf(type)(value ?? {});
});

/**
 * Parameter decorator: the request's message, the same over gRPC and HTTP, checked against the class of the parameter
 * (see `compileValidator`).
 *
 * It does the work of `@Body()` with a validation pipe, in one step: Nest runs pipes as promises, each for itself, which
 * costs more than the check.
 */
export function Message(): ParameterDecorator {
  return (target, method, index) => {
    const types = Reflect.getMetadata('design:paramtypes', target, method ?? '') as Type<object>[] | undefined;
    const type = types?.[index];
    if (type === undefined) throw new Error('@Message() belongs to a parameter of a method, whose type is a class.');
    checkOf(type);
    Checked(type)(target, method, index);
  };
}
