import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';

/** Where a Docker engine listens, as the `docker` command names it. */
export interface EngineAddress {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`. */
  readonly host: string;
  /** A folder with `ca.pem`, `cert.pem` and `key.pem`: TLS, where the engine is reached over TCP. */
  readonly certificates?: string;
}

export const DEFAULT_HOST = 'unix:///var/run/docker.sock';

const CONNECT_TIMEOUT_MS = 5_000;

/** Whether the engine runs on this machine. */
export const isLocal = ({ host }: EngineAddress): boolean => host.startsWith('unix:');

/** @throws Error naming what is not usable */
export function connectionsTo({ host, certificates }: EngineAddress): Pool {
  const [, scheme, rest = ''] = /^(unix|tcp|https?):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === 'unix') {
    return new Pool('http://docker', { connect: { socketPath: rest, timeout: CONNECT_TIMEOUT_MS } });
  }
  if (scheme === undefined || !URL.canParse(`http://${rest}`)) {
    throw new Error(`The Docker engine's address must look like ${DEFAULT_HOST} or tcp://host:2376. (value = ${host})`);
  }
  const tls = certificates === undefined ? {} : readCertificates(certificates);
  const secure = certificates !== undefined || scheme === 'https';
  return new Pool(`${secure ? 'https' : 'http'}://${rest}`, { connect: { ...tls, timeout: CONNECT_TIMEOUT_MS } });
}

function readCertificates(folder: string): { ca: string; cert: string; key: string } {
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8')) as [
    string,
    string,
    string,
  ];
  return { ca, cert, key };
}
