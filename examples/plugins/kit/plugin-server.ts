import { Server, ServerCredentials } from '@grpc/grpc-js';
import { readAddress, toText } from './address.js';
import { callerCheck, guardedBy } from './caller-tokens.js';
import { Health } from './health.js';
import { reflection } from './reflection.js';
import type { ServedService } from './unary-service.js';

/** How long calls may go on after the plugin was told to end, in milliseconds. */
const DRAIN_TIME = 5_000;

export interface PluginOptions {
  /** Its id in the catalog. */
  readonly pluginId: string;
  readonly version: string;
  readonly services: readonly ServedService[];
  /** Its health when it begins to listen. */
  readonly health?: 'SERVING' | 'NOT_SERVING';
}

/**
 * Serves a plugin at `$HOST:$PORT`, with health and reflection, until SIGTERM or SIGINT. With `$BERTH_JWKS_URL` its
 * services are for those alone who have a token of Berth.
 *
 * @returns its health, once it listens
 * @throws Error when it cannot listen there
 */
export async function servePlugin({ services, health: state = 'SERVING', ...self }: PluginOptions): Promise<Health> {
  const address = readAddress();
  const keys = process.env['BERTH_JWKS_URL'];
  const check = keys ? await callerCheck(keys, self) : undefined;
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const names = services.map(({ name }) => name);
  const health = new Health(names, state);
  const listed = [...names, health.name];
  const served = check === undefined ? services : services.map((service) => guardedBy(check, service));
  for (const { definition, handlers } of [...served, health, ...reflection(listed)]) {
    server.addService(definition, handlers);
  }
  const port = await listen(server, toText(address));
  process.stdout.write(`${self.pluginId} ${self.version} listens on ${toText({ ...address, port })}\n`);
  const end = () => shutDown(server, health);
  process.once('SIGTERM', end).once('SIGINT', end);
  return health;
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

/** Takes no more calls, lets those under way end, and exits. */
function shutDown(server: Server, health: Health): void {
  health.become('NOT_SERVING');
  health.endWatches();
  setTimeout(() => server.forceShutdown(), DRAIN_TIME).unref();
  server.tryShutdown(() => process.exit());
}
