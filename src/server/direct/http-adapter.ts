import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ErrorFilter } from '../../common/errors/error.filter.js';
import type { DirectMethod } from './direct-methods.js';

/** How long connections that have not asked anything may stay after the server was told to stop, in milliseconds. */
const SILENCE_TIME = 1_000;
/** How long requests may go on after the server was told to stop, in milliseconds. */
const DRAIN_TIME = 10_000;

/** Nest's HTTP adapter, whose routes go to direct methods where there is one for the path, and whose end is bounded. */
export class HttpAdapter extends FastifyAdapter {
  private readonly methods = new Map<string, DirectMethod>();
  private readonly filter = new ErrorFilter();
  private readonly sockets = socketsOf(this.server);

  private get server(): Server {
    return this.getInstance().server as Server;
  }

  /** Resolves when requests under way have their answers, or have had their time. */
  override async close(): Promise<void> {
    // To Node.js, who has never said anything is not idle: browsers and load balancers connect in advance.
    const silent = setTimeout(() => {
      for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
    }, SILENCE_TIME);
    const all = setTimeout(() => this.server.closeAllConnections(), DRAIN_TIME);
    try {
      await super.close();
    } finally {
      clearTimeout(silent);
      clearTimeout(all);
    }
  }

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

/** The connections that a server has at any time. */
function socketsOf(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}
