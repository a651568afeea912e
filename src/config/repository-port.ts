import { invalidParameter } from '../common/errors/errors.js';

const MAX_PORT = 65_535;

/** The ports beside which that of the repository service has to find its place. */
export interface OtherPorts {
  readonly grpc_port: number;
  readonly http_port: number;
}

/**
 * The port of the repository service: 0 takes a free one, `none` is none. Where nothing is said it is the next after the
 * gRPC server's that the HTTP server leaves, so that two servers on one machine need no more settings for it.
 *
 * @returns undefined for none
 * @throws BerthError naming the setting
 */
export function readRepositoryPort(text: string | undefined, { grpc_port, http_port }: OtherPorts): number | undefined {
  if (text === 'none') return undefined;
  if (text === undefined || text === '') {
    const next = grpc_port + (grpc_port + 1 === http_port ? 2 : 1);
    return grpc_port === 0 || next > MAX_PORT ? 0 : next;
  }
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= MAX_PORT)) throw invalidParameter('repository_port', `must be none, or from 0 to ${MAX_PORT}`, text);
  return port;
}
