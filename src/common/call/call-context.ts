import type { Metadata } from '@grpc/grpc-js';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { metadataText } from '../grpc/metadata-text.js';
import type { AccessLevel } from './authenticator.js';
import { domainOfCall, levelOfCall } from './call-domain.js';
import { requestIdOf } from './request-id.js';

/** What a use case may know of the call it serves, the same for gRPC and HTTP. */
export interface CallContext {
  readonly transport: 'grpc' | 'http';
  /** The caller's own id for the request, or one made here. */
  readonly requestId: string;
  /** When the caller stops waiting, in milliseconds since 1970; Infinity when it did not say. */
  readonly deadline: number;
  /** Aborted when the caller has gone: cancelled, out of time, or disconnected. */
  readonly signal: AbortSignal;
  /** The domain that the call says it is for, outside its message: `x_domain_id`, or `x-domain-id`. */
  readonly namedDomain: string | undefined;
  /** The domain that the call is for, as far as its token, metadata and headers tell. */
  readonly domainId: string | undefined;
  /** As what the caller was admitted. */
  readonly level: AccessLevel;
  /** A header (HTTP) or metadata entry (gRPC), by its lower-case name. */
  header(name: string): string | undefined;
}

/** What of a call of grpc-js is used; calls that do not pass through it have the same. */
interface GrpcCall {
  readonly metadata: Pick<Metadata, 'get'>;
  readonly cancelled: boolean;
  getDeadline(): Date | number;
  once(event: 'cancelled', listener: () => void): unknown;
}

abstract class DomainOfCall {
  constructor(protected readonly host: ExecutionContext) {}

  abstract header(name: string): string | undefined;

  get namedDomain(): string | undefined {
    return this.header('x_domain_id') || this.header('x-domain-id') || undefined;
  }

  get domainId(): string | undefined {
    return domainOfCall(this.host, this.namedDomain);
  }

  get level(): AccessLevel {
    return levelOfCall(this.host);
  }
}

class GrpcCallContext extends DomainOfCall implements CallContext {
  readonly transport = 'grpc';
  private controller?: AbortController;

  constructor(
    private readonly call: GrpcCall,
    host: ExecutionContext,
  ) {
    super(host);
  }

  get requestId(): string {
    return requestIdOf(this.host);
  }

  get deadline(): number {
    return Number(this.call.getDeadline());
  }

  // Made on demand: the answer that is at hand needs none.
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController();
      this.controller = controller;
      if (this.call.cancelled) controller.abort();
      else this.call.once('cancelled', () => controller.abort());
    }
    return this.controller.signal;
  }

  header(name: string): string | undefined {
    return metadataText(this.call.metadata, name);
  }
}

class HttpCallContext extends DomainOfCall implements CallContext {
  readonly transport = 'http';
  readonly deadline = Infinity;
  private controller?: AbortController;

  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
    host: ExecutionContext,
  ) {
    super(host);
  }

  get requestId(): string {
    return requestIdOf(this.host);
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController();
      this.controller = controller;
      if (this.request.raw.destroyed && this.reply.raw.destroyed) controller.abort();
      // The response closes before it has ended only when the connection is gone.
      else this.reply.raw.once('close', () => controller.abort());
    }
    return this.controller.signal;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }
}

/** Makes the call context of whatever transport the execution context belongs to. */
export function callContextOf(host: ExecutionContext): CallContext {
  if (host.getType() === 'rpc') {
    return new GrpcCallContext(host.getArgByIndex<GrpcCall>(2), host);
  }
  const http = host.switchToHttp();
  return new HttpCallContext(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), host);
}

/** Parameter decorator: the {@link CallContext} of the call. */
export const Call = createParamDecorator((_: unknown, host: ExecutionContext) => callContextOf(host));
