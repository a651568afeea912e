/** Where a plugin listens: `$HOST` and `$PORT`, else what a container is called at. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST` (127.0.0.1; a container sets 0.0.0.0) and `PORT` (50051).
 *
 * @throws Error naming the variable
 */
export function readAddress(env: Readonly<Record<string, string | undefined>> = process.env): Address {
  const port = Number(env['PORT'] ?? 50_051);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT is no port: ${env['PORT']}`);
  return { host: env['HOST'] || '127.0.0.1', port };
}

/** `127.0.0.1:50051`, `[::1]:50051` */
export const toText = ({ host, port }: Address) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
