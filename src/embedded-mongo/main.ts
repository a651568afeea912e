import { parseArgs } from 'node:util';
import { startEmbeddedMongo } from './index.js';

const USAGE = 'usage: embedded-mongo --data DIR [--port PORT] [--host ADDRESS] [--socket PATH]\n';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      socket: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (values.data === undefined || !Number.isInteger(port) || port < 0 || port > 65535) throw new Error(USAGE);
  const server = await startEmbeddedMongo({
    directory: values.data,
    host: values.host,
    port,
    ...(values.socket === undefined ? {} : { socketPath: values.socket }),
  });
  process.stdout.write(`${server.uri}\n`);
  if (server.socketUri) process.stdout.write(`${server.socketUri}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0)));
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
