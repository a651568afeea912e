import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ErrorFilter } from '../../common/errors/error.filter.js';
import type { DirectMethod } from './direct-methods.js';

/** Nest's HTTP adapter, whose routes go to direct methods where there is one for the path. */
export class HttpAdapter extends FastifyAdapter {
  private readonly methods = new Map<string, DirectMethod>();
  private readonly filter = new ErrorFilter();

  /** To be called before routes are made. */
  serveDirectly(methods: readonly DirectMethod[]): void {
    for (const method of methods) this.methods.set(method.path, method);
  }

  override post(...args: Parameters<FastifyAdapter['post']>) {
    const [path] = args as unknown as [string];
    const method = this.methods.get(path);
    return method === undefined ? super.post(...args) : super.post(path as never, this.handlerOf(method) as never);
  }

  private handlerOf(method: DirectMethod) {
    return (request: FastifyRequest, reply: FastifyReply): void => {
      const host = method.host('http', [request, reply]);
      const refuse = (error: unknown) => void this.filter.catch(error, host);
      const answer = (value: unknown) => {
        try {
          reply.send(value);
        } catch (error) {
          refuse(error);
        }
      };
      try {
        const result = method.call(host);
        if (result instanceof Promise) result.then(answer, refuse);
        else answer(result);
      } catch (error) {
        refuse(error);
      }
    };
  }
}
