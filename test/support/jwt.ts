import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, type CryptoKey, type JWK } from 'jose';

/** Somebody who signs tokens. */
export interface Issuer {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  /** @param changes claims that differ from those of a good token; undefined leaves one out */
  sign(changes?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

const seconds = () => Math.floor(Date.now() / 1000);

/** The claims of a token that is believed: of a domain's administrator, good for five minutes. */
export const goodClaims = (): JWTPayload => ({
  iss: 'spaceone.identity',
  typ: 'ACCESS_TOKEN',
  own: 'APP',
  did: 'domain-a',
  rol: 'DOMAIN_ADMIN',
  iat: seconds(),
  exp: seconds() + 300,
  ver: '2.0',
});

export async function issuer(kid: string, alg = 'RS256'): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return {
    kid,
    alg,
    privateKey,
    jwk,
    sign: (changes = {}, header = {}) => {
      const claims = JSON.parse(JSON.stringify({ ...goodClaims(), ...changes })) as JWTPayload;
      return new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
    },
  };
}
