import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';

type CaListener = Parameters<experimental.CertificateProvider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<experimental.CertificateProvider['addIdentityCertificateListener']>[0];

/** Paths of PEM files. */
export interface TlsPaths {
  /** The server's certificate, with those between it and its root. */
  readonly cert: string;
  readonly key: string;
  /** Who signs the certificates that clients must have; without it they need none. */
  readonly clientCa?: string | undefined;
}

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

/** How often the files are looked at, in milliseconds. */
const INTERVAL = 1_000;

/**
 * The certificates of both servers, read again when their files change. What does not fit together, as halfway through a
 * renewal, is not taken: connections go on with what was there.
 */
export class TlsFiles implements experimental.CertificateProvider {
  private readonly logger = new Logger(TlsFiles.name);
  private readonly caListeners = new Set<CaListener>();
  private readonly identityListeners = new Set<IdentityListener>();
  private readonly changeListeners = new Set<(material: TlsMaterial) => void>();
  private refused = '';
  private checking = false;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly paths: TlsPaths,
    private material: TlsMaterial,
    private seen: string,
  ) {
    this.timer = setInterval(() => void this.check(), INTERVAL).unref();
  }

  /** @throws Error naming the files when they are not usable */
  static async open(paths: TlsPaths): Promise<TlsFiles> {
    const seen = await stamp(paths);
    return new TlsFiles(paths, await load(paths), seen);
  }

  get current(): TlsMaterial {
    return this.material;
  }

  /** Calls the listener with what new connections shall use from then on. */
  onChange(listener: (material: TlsMaterial) => void): void {
    this.changeListeners.add(listener);
  }

  close(): void {
    clearInterval(this.timer);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.caListeners.add(listener);
    const { ca } = this.material;
    queueMicrotask(() => listener(ca === undefined ? null : { caCertificate: ca }));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.identityListeners.add(listener);
    const { cert, key } = this.material;
    queueMicrotask(() => listener({ certificate: cert, privateKey: key }));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.identityListeners.delete(listener);
  }

  private async check(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      const seen = await stamp(this.paths);
      if (seen === this.seen || seen === this.refused) return;
      this.refused = seen;
      this.material = await load(this.paths);
      this.seen = seen;
      this.logger.log({ msg: 'New connections use the certificate files as they are now.', cert: this.paths.cert });
      this.tell();
    } catch (error) {
      this.logger.warn({ msg: 'The certificate files have changed, and are not taken.', reason: String(error) });
    } finally {
      this.checking = false;
    }
  }

  private tell(): void {
    const { cert, key, ca } = this.material;
    for (const listener of this.identityListeners) listener({ certificate: cert, privateKey: key });
    if (ca !== undefined) for (const listener of this.caListeners) listener({ caCertificate: ca });
    for (const listener of this.changeListeners) listener(this.material);
  }
}

const pathsOf = ({ cert, key, clientCa }: TlsPaths) => [cert, key, ...(clientCa === undefined ? [] : [clientCa])];

/** What differs when a file was written, or another put in its place. */
async function stamp(paths: TlsPaths): Promise<string> {
  const files = await Promise.all(pathsOf(paths).map((path) => stat(path)));
  return files.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join();
}

async function load(paths: TlsPaths): Promise<TlsMaterial> {
  try {
    const [cert, key, ca] = await Promise.all(pathsOf(paths).map((path) => readFile(path)));
    if (cert === undefined || key === undefined) throw new Error('a file is missing');
    const material = { cert, key, ...(ca === undefined ? {} : { ca }) };
    // Tells a key that is of another certificate, and text that is no certificate.
    createSecureContext(material);
    return material;
  } catch (error) {
    throw new Error(`The TLS files ${pathsOf(paths).join(', ')} are not usable: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
