import { Server, ServerCredentials } from '@grpc/grpc-js';
import { readAddress, toText } from './address.js';
import { Health } from './health.js';
import { reflection } from './reflection.js';
import type { ServedService } from './unary-service.js';

/** How long calls may go on after the plugin was told to end, in milliseconds. */
const DRAIN_TIME = 5_000;

export interface PluginOptions {
  /** What the plugin calls itself in the line it prints when it listens. */
  readonly title: string;
  readonly services: readonly ServedService[];
  /** Its health when it begins to listen. */
  readonly health?: 'SERVING' | 'NOT_SERVING';
}

/**
 * Serves a plugin at `$HOST:$PORT`, with health and reflection, until SIGTERM or SIGINT.
 *
 * @returns its health, once it listens
 * @throws Error when it cannot listen there
 */
export async function servePlugin({ title, services, health: state = 'SERVING' }: PluginOptions): Promise<Health> {
  const address = readAddress();
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const names = services.map(({ name }) => name);
  const health = new Health(names, state);
  const listed = [...names, health.name];
  for (const { definition, handlers } of [...services, health, ...reflection(listed)]) {
    server.addService(definition, handlers);
  }
  const port = await listen(server, toText(address));
  process.stdout.write(`${title} listens on ${toText({ ...address, port })}\n`);
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
