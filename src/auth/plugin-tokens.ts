import { randomUUID } from 'node:crypto';
import { type JSONWebKeySet, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { TokenKey } from './token-key.js';

/** The instance that a token lets its bearer call, and for whom. */
export interface PluginTokenSubject {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  readonly generation: number;
}

/** What plugins know these tokens by: no other service takes them. */
export const PLUGIN_TOKEN = 'PLUGIN_TOKEN';

/** How long a token is good for, in milliseconds; one is handed out again until half of that is over. */
const LIFE = 10 * 60_000;

const MAX_TOKENS = 10_000;

/** Tokens by which plugins know that Berth has sent a caller to them. */
export class PluginTokens {
  private readonly issued = new LRUCache<string, string | Promise<string>>({
    max: MAX_TOKENS,
    ttl: LIFE / 2,
    ttlResolution: 0,
    perf: { now: () => this.now() },
  });

  /** @param key none: there are no tokens, and callers get an empty one */
  constructor(
    private readonly key: TokenKey | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** A token that is good for five minutes at least: at once where there is one already. */
  issue(subject: PluginTokenSubject): string | Promise<string> {
    if (this.key === undefined) return '';
    const id = JSON.stringify([subject.domainId, subject.pluginId, subject.version, subject.generation]);
    const known = this.issued.get(id);
    if (known !== undefined) return known;
    const signing = this.sign(subject, this.key);
    this.issued.set(id, signing);
    return signing.then((token) => {
      this.issued.set(id, token, { noUpdateTTL: true });
      return token;
    });
  }

  /** What the tokens are verified with. */
  publicKeys(): JSONWebKeySet {
    return { keys: this.key === undefined ? [] : [this.key.publicKey] };
  }

  private sign({ domainId, pluginId, version, generation }: PluginTokenSubject, key: TokenKey): Promise<string> {
    const now = Math.floor(this.now() / 1000);
    return new SignJWT({ typ: PLUGIN_TOKEN, did: domainId, plugin_id: pluginId, version, generation })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.publicKey.kid, typ: 'JWT' })
      .setIssuer('berth')
      .setAudience(pluginId)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFE / 1000)
      .setJti(randomUUID())
      .sign(key.privateKey);
  }
}
