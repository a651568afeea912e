import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { permissionDenied } from '../common/errors/errors.js';

/** How a server on loopback is named by callers on the same machine. */
const local = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether a request names this machine, or none. */
export function namesThisMachine({ host }: IncomingHttpHeaders): boolean {
  return host === undefined || local.test(host);
}

/**
 * Refuses requests that name another host. A browser lets a page call the host that the page came from, and whoever owns
 * that host's name can have it mean this machine: without tokens, any page could call.
 */
export function serveLocalNamesOnly(http: FastifyInstance): void {
  http.addHook('onRequest', ({ headers }, _reply, done) => {
    if (namesThisMachine(headers)) return done();
    const { host } = headers;
    done(permissionDenied('without BERTH_AUTH the server is for its own machine, by the name of localhost', { host }));
  });
}
