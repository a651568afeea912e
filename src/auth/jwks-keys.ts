import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { KeyRing, type RingTimings } from './key-ring.js';
import type { KeySource } from './key-source.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const fileTimings: RingTimings = { fresh: SECOND, stale: Infinity, pause: SECOND };
const urlTimings: RingTimings = { fresh: 5 * MINUTE, stale: 60 * MINUTE, pause: 10 * SECOND };

const FETCH_TIMEOUT = 5 * SECOND;

/** One set of keys for all domains: a file, read again when it has changed, or a URL. */
export class JwksKeys implements KeySource {
  private constructor(private readonly ring: KeyRing) {}

  /** @throws Error for a file that is not usable; a URL may answer later */
  static async open(location: string): Promise<JwksKeys> {
    const remote = /^https?:\/\//.test(location);
    const ring = remote
      ? new KeyRing(location, () => download(location), urlTimings)
      : new KeyRing(location, () => readFile(location, 'utf8'), fileTimings);
    try {
      await ring.load();
    } catch (error) {
      const reason = ((error as Error).cause as Error).message;
      if (!remote) throw new Error(`The JWK set ${location} is not usable: ${reason}`, { cause: error });
      new Logger(JwksKeys.name).warn({ msg: 'No tokens can be verified until keys come.', source: location, reason });
    }
    return new JwksKeys(ring);
  }

  ringOf(): KeyRing {
    return this.ring;
  }

  close(): void {
    // Nothing is held open.
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT),
  });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return response.text();
}
