import { randomUUID } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import type { ArgumentsHost } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const acceptable = /^[\w.:-]{1,128}$/;

/** One id for each request object, whoever asks for it. */
const assigned = new WeakMap<object, string>();

/**
 * The id of the request: what the caller sent as `x-request-id` (gRPC metadata or HTTP header) when it is fit to be
 * logged, else one made here.
 */
export function requestIdOf(host: ArgumentsHost): string {
  const args = host.getArgs<[unknown, unknown, unknown]>();
  const carrier = (host.getType() === 'rpc' ? args[1] : args[0]) as object;
  const known = assigned.get(carrier);
  if (known !== undefined) return known;
  const sent =
    host.getType() === 'rpc'
      ? (carrier as Partial<Metadata>).get?.('x-request-id')[0]
      : (carrier as FastifyRequest).headers['x-request-id'];
  const id = typeof sent === 'string' && acceptable.test(sent) ? sent : randomUUID();
  assigned.set(carrier, id);
  return id;
}
