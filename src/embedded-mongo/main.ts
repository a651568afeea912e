import { parseArgs } from 'node:util';
import { startEmbeddedMongo } from './index.js';

const USAGE =
  'usage: embedded-mongo --data DIR [--port PORT] [--host ADDRESS] [--socket PATH] [--max-bytes N] [--history-bytes N]\n';

/** A whole number from 0 to `most`, if it is given. */
function whole(text: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const number = Number(text);
  if (text !== undefined && (!/^\d+$/.test(text) || number > most)) throw new Error(USAGE);
  return text === undefined ? undefined : number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      socket: { type: 'string' },
      'max-bytes': { type: 'string' },
      'history-bytes': { type: 'string' },
    },
  });
  if (values.data === undefined) throw new Error(USAGE);
  const server = await startEmbeddedMongo({
    directory: values.data,
    host: values.host,
    port: whole(values.port, 65_535),
    socketPath: values.socket,
    maxBytes: whole(values['max-bytes']),
    historyBytes: whole(values['history-bytes']),
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
