import { Metadata, status } from '@grpc/grpc-js';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, throwError } from 'rxjs';
import { requestIdOf } from '../call/request-id.js';
import { BerthError } from './berth-error.js';
import { CallerError } from './caller-error.js';
import { databaseError } from './database-errors.js';
import { invalidArgument } from './errors.js';

const HTTP_NOT_FOUND = 404;
const HTTP_SERVER_ERROR = 500;

/**
 * Turns whatever a handler throws into the one error answer of both transports. What nobody foresaw is logged whole,
 * with the request's id, and told without detail.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() === 'rpc') {
      const status = this.statusOf(thrown, host);
      return throwError(() => status);
    }
    const requestId = requestIdOf(host);
    const error = this.toCallerError(thrown, host, requestId);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error.code === 'ERROR_AUTHENTICATE_FAILURE') void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(error.httpStatus)
      .header('x-request-id', requestId)
      .send({ detail: { code: error.code, message: error.message } });
  }

  /** The answer of a gRPC call. */
  statusOf(thrown: unknown, host: ArgumentsHost): { code: status; details: string; metadata: Metadata } {
    const requestId = requestIdOf(host);
    const error = this.toCallerError(thrown, host, requestId);
    const metadata = new Metadata();
    metadata.set('x-request-id', requestId);
    return { code: error.status, details: `${error.code}: ${error.message}`, metadata };
  }

  private toCallerError(thrown: unknown, host: ArgumentsHost, requestId: string): CallerError {
    if (thrown instanceof CallerError) {
      if (thrown.status === status.UNAVAILABLE) {
        this.logger.warn({ msg: thrown.message, code: thrown.code, request_id: requestId, cause: thrown.cause });
      }
      return thrown;
    }
    if (host.getType() === 'http') {
      const refused = this.refusedByHttpServer(thrown, host);
      if (refused !== undefined) return refused;
    }
    const database = databaseError(thrown);
    if (database !== undefined) {
      this.logger.warn({ msg: 'The database did not take a command.', request_id: requestId, cause: String(thrown) });
      return database;
    }
    this.logger.error(
      { msg: 'Unforeseen error.', request_id: requestId, error: String(thrown) },
      thrown instanceof Error ? thrown.stack : undefined,
    );
    return new BerthError(
      'ERROR_UNKNOWN',
      `Something went wrong here. The log has it under this id. (id = ${requestId})`,
    );
  }

  /** Requests that never reached a controller: unknown routes, unreadable or too large bodies. */
  private refusedByHttpServer(thrown: unknown, host: ArgumentsHost): BerthError | undefined {
    const httpStatus =
      thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown }).statusCode;
    if (typeof httpStatus !== 'number' || httpStatus >= HTTP_SERVER_ERROR || httpStatus < 400) return undefined;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (httpStatus === HTTP_NOT_FOUND) {
      return new BerthError(
        'ERROR_NOT_FOUND',
        `There is no such route. (route = ${request.method} ${request.url.slice(0, 200)})`,
      );
    }
    return invalidArgument(thrown instanceof HttpException ? reasonOf(thrown) : (thrown as Error).message);
  }
}

/** What a host's own pipe or guard says: Nest keeps the details beside the message. */
function reasonOf(exception: HttpException): string {
  const response = exception.getResponse();
  const details = typeof response === 'object' ? (response as { message?: unknown }).message : response;
  return Array.isArray(details) ? details.join('; ') : String(details ?? exception.message);
}
