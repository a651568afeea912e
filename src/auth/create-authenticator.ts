import type { Authenticator } from '../common/call/authenticator.js';
import { type AuthOptions, SYSTEM_DOMAIN } from './auth.options.js';
import { IdentityKeys } from './identity-keys.js';
import { JwksKeys } from './jwks-keys.js';
import { JwtAuthenticator } from './jwt-authenticator.js';
import { OpenAuthenticator } from './open-authenticator.js';

/** @throws Error for options that do not fit together, or a key set that is not usable */
export async function createAuthenticator(options: AuthOptions): Promise<Authenticator> {
  const { mode, jwks, identity, identityToken: tokenFile, systemDomain = SYSTEM_DOMAIN } = options;
  if (mode === 'none') return new OpenAuthenticator();
  if (jwks !== undefined && identity === undefined) return new JwtAuthenticator(await JwksKeys.open(jwks));
  if (identity !== undefined && jwks === undefined) {
    return new JwtAuthenticator(IdentityKeys.at({ address: identity, tokenFile, systemDomain }));
  }
  throw new Error('Authentication by JWT needs keys: either jwks or identity.');
}
