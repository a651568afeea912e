import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ErrorFilter } from '../../common/errors/error.filter.js';
import { MAX_REQUEST_BYTES } from '../../common/grpc/service-definition.js';
import { answerBy, type DirectMethod } from './direct-methods.js';
import { HttpReply, HttpRequest, Outbox, readWhole } from './http-call.js';

/** How long connections that have not asked anything may stay after the server was told to stop, in milliseconds. */
const SILENCE_TIME = 1_000;
/** How long requests may go on after the server was told to stop, in milliseconds. */
const DRAIN_TIME = 10_000;

const JSON_TYPE = /^application\/json(; ?charset="?utf-8"?)?$/i;

/** Nest's HTTP adapter, which answers direct methods before Fastify has the request, and whose end is bounded. */
export class HttpAdapter extends FastifyAdapter {
  private readonly filter = new ErrorFilter();
  private readonly sockets = socketsOf(this.server);
  private readonly parse = this.getInstance().getDefaultJsonParser('error', 'error');
  private readonly outbox = new Outbox();

  private get server(): Server {
    return this.getInstance().server as Server;
  }

  /** Resolves when requests under way have their answers, or have had their time. */
  override async close(): Promise<void> {
    this.outbox.isLast = true;
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

  /**
   * Calls methods without what Fastify does around a request, which takes as long as Node.js does for the request. What
   * is not plain JSON of a known length, or not admitted here, is left to Fastify, and its refusals with it.
   *
   * @param admits whether there is nothing against serving a request with these headers
   */
  serveDirectly(methods: readonly DirectMethod[], admits: (headers: IncomingHttpHeaders) => boolean): void {
    const byPath = new Map(methods.map((method) => [method.path, method]));
    const others = this.server.listeners('request') as RequestListener[];
    this.server.removeAllListeners('request');
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const method = byPath.get(request.url ?? '');
      if (method !== undefined && isPlain(request) && admits(request.headers)) {
        this.answer(method, request, response);
      } else {
        for (const serve of others) serve(request, response);
      }
    });
  }

  private answer(method: DirectMethod, raw: IncomingMessage, response: ServerResponse): void {
    const [request, reply] = [new HttpRequest(raw), new HttpReply(response, this.outbox)];
    const host = method.host('http', [request, reply]);
    const refuse = (error: unknown) => void this.filter.catch(error, host);
    const call = (error: Error | null, body?: unknown) => {
      if (error !== null) return refuse(error);
      request.body = body;
      answerBy(method, host, (value) => reply.send(value), refuse);
    };
    readWhole(raw, (bytes) => void this.parse(request as unknown as FastifyRequest, bytes.toString(), call));
  }
}

function isPlain({ method, headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  return (
    method === 'POST' &&
    length > 0 &&
    length <= MAX_REQUEST_BYTES &&
    headers['content-encoding'] === undefined &&
    JSON_TYPE.test(headers['content-type'] ?? '')
  );
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
