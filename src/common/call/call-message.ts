import type { ArgumentsHost, ExecutionContext, Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import type { FastifyRequest } from 'fastify';

/** What the caller has sent: the message (gRPC), or the body (HTTP) or query of a GET; not validated yet. */
export function messageOf(host: ArgumentsHost): unknown {
  if (host.getType() === 'rpc') return host.getArgByIndex(0);
  const request = host.switchToHttp().getRequest<FastifyRequest>();
  return request.method === 'GET' ? request.query : request.body;
}

/** Puts a body in the place of one that is missing; over gRPC there is always a message, and with GET a query. */
export function setMessage(host: ArgumentsHost, message: object): void {
  if (host.getType() === 'http') host.switchToHttp().getRequest<FastifyRequest>().body = message;
}

const known = new WeakMap<object, boolean>();

/** Whether the message that the method takes has a `domain_id`, as the class of its parameter declares it. */
export function takesDomain(host: ExecutionContext): boolean {
  const method = host.getHandler();
  const before = known.get(method);
  if (before !== undefined) return before;
  const types = (Reflect.getMetadata('design:paramtypes', host.getClass().prototype as object, method.name) ??
    []) as Type[];
  const takes = types.some((type) =>
    getMetadataStorage()
      .getTargetValidationMetadatas(type, '', false, false)
      .some(({ propertyName }) => propertyName === 'domain_id'),
  );
  known.set(method, takes);
  return takes;
}
